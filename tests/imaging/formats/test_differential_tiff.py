"""TIFF in every variant of the fields that decide: as tifffile reads it, or refused by name."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from jlabel.imaging import read_image
from jlabel.imaging.formats.reading import read_values
from tests.imaging.formats.reference import agrees, is_refused
from tests.imaging.samples import volume

# tifffile's own stand-in for the package is in tifffile.
WITH_CODECS = not tifffile.tifffile.imagecodecs.__name__.startswith("tifffile")

ROWS, COLUMNS = 7, 6
LENGTHS = {"T": 2, "Z": 3, "C": 4, "Y": ROWS, "X": COLUMNS, "S": 3}
DTYPES = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]
GREY = volume("u1", (ROWS, COLUMNS))
RGB = np.stack([GREY, GREY // 2, 255 - GREY], axis=-1)


def as_tifffile(path: Path) -> None:
    """Every frame of an image against tifffile's own array and axes: Z third, S colours, the others frames."""
    with tifffile.TiffFile(path) as tiff:
        array, axes = tiff.series[0].asarray(), tiff.series[0].axes
    depth = "Z" if "Z" in axes else next((letter for letter in axes if letter not in "YXSCT"), "")
    frames = [letter for letter in axes if letter not in "YXS" + depth]
    order = [axes.index(letter) for letter in [*frames, "Y", "X", *depth, *("S" if "S" in axes else "")]]
    moved = array.transpose(order)
    moved = moved.reshape(-1, *moved.shape[len(frames) :])
    assert read_image(path).frames == len(moved)
    for frame, expected in enumerate(moved):
        agrees(read_image(path, frame), expected.astype("u1") if expected.dtype == bool else expected)


def tagged(path: Path, code: int, value: int) -> Path:
    """The file with the value of a SHORT tag of its first page changed."""
    with tifffile.TiffFile(path, mode="r+") as tiff:
        tiff.pages.first.tags[code].overwrite(value)
    return path


def upright(array: np.ndarray, orientation: int) -> np.ndarray:
    """TIFF 6.0, page 36: tifffile turns nothing, and Pillow 13 mixes up the axes of grey that it maps from a file."""
    turns = {
        1: lambda: array,
        2: lambda: np.fliplr(array),
        3: lambda: np.rot90(array, 2),
        4: lambda: np.flipud(array),
        5: lambda: array.swapaxes(0, 1),
        6: lambda: np.rot90(array, -1),
        7: lambda: np.rot90(array, 2).swapaxes(0, 1),
        8: lambda: np.rot90(array, 1),
    }
    return turns[orientation]()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_types(tmp_path: Path, dtype: str, byteorder: str, compression: str | None) -> None:
    array = volume(dtype, (ROWS, COLUMNS))
    tifffile.imwrite(tmp_path / "a.tif", array, byteorder=byteorder, compression=compression)
    as_tifffile(tmp_path / "a.tif")


@pytest.mark.parametrize("dtype", ["c8", "c16"])
def test_complex_numbers_are_refused(tmp_path: Path, dtype: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", volume(dtype, (ROWS, COLUMNS)))
    is_refused(tmp_path / "a.tif", "complex")


@pytest.mark.parametrize("pages", [1, 4])
@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("dtype", ["?", "u2", "f4"])
def test_pages(tmp_path: Path, dtype: str, bigtiff: bool, pages: int) -> None:
    array = volume(dtype, (pages, ROWS, COLUMNS)) if dtype != "?" else volume("u1", (pages, ROWS, COLUMNS)) % 3 == 0
    tifffile.imwrite(tmp_path / "a.tif", array, bigtiff=bigtiff, photometric="minisblack", metadata=None)
    as_tifffile(tmp_path / "a.tif")


@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize("rows", [None, 2])
@pytest.mark.parametrize("predictor", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_strips_tiles_and_predictors(
    tmp_path: Path, dtype: str, predictor: bool, rows: int | None, tile: tuple[int, int] | None
) -> None:
    packing = {"compression": "zlib", "predictor": 2} if predictor else {}
    options = {"tile": tile} if tile else {"rowsperstrip": rows}
    array = volume(dtype, (ROWS, COLUMNS)) * 3
    tifffile.imwrite(tmp_path / "a.tif", array, **options, **packing)
    agrees(read_image(tmp_path / "a.tif"), array)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("axes", ["YX", "ZYX", "CYX", "TYX", "ZCYX", "TZYX", "TCYX", "TZCYX"])
def test_axes_of_imagej(tmp_path: Path, axes: str, dtype: str) -> None:
    array = volume(dtype, tuple(LENGTHS[letter] for letter in axes))
    tifffile.imwrite(tmp_path / "a.tif", array, imagej=True, metadata={"axes": axes})
    as_tifffile(tmp_path / "a.tif")


@pytest.mark.parametrize("axes", ["YXS", "ZYXS", "TYXS", "TZYXS"])
def test_colours_of_imagej(tmp_path: Path, axes: str) -> None:
    array = volume("u1", tuple(LENGTHS[letter] for letter in axes))
    tifffile.imwrite(tmp_path / "a.tif", array, imagej=True, photometric="rgb", metadata={"axes": axes})
    as_tifffile(tmp_path / "a.tif")


@pytest.mark.parametrize("order", ["".join(order) for order in permutations("TZC")])
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_orders_of_ome(tmp_path: Path, order: str, dtype: str) -> None:
    axes = order + "YX"
    array = volume(dtype, tuple(LENGTHS[letter] for letter in axes))
    tifffile.imwrite(tmp_path / "a.ome.tif", array, metadata={"axes": axes}, photometric="minisblack")
    as_tifffile(tmp_path / "a.ome.tif")


@pytest.mark.parametrize("axes", ["YX", "ZYX", "CYX", "TYX", "ZCYX", "CZYX", "TZYX", "ZYXS", "YXS", "TYXS", "CYXS"])
def test_axes_of_ome(tmp_path: Path, axes: str) -> None:
    array = volume("u1", tuple(LENGTHS[letter] for letter in axes))
    kind = "rgb" if "S" in axes else "minisblack"
    tifffile.imwrite(tmp_path / "a.ome.tif", array, metadata={"axes": axes}, photometric=kind)
    as_tifffile(tmp_path / "a.ome.tif")


@pytest.mark.parametrize("axes", ["ZYX", "TYX", "CYX", "ZCYX", "QYX", "IYX", "TZCYX", "ZYXS", "CYXS"])
def test_axes_that_tifffile_wrote(tmp_path: Path, axes: str) -> None:
    array = volume("u1", tuple(LENGTHS.get(letter, 5) for letter in axes))
    kind = "rgb" if "S" in axes else "minisblack"
    tifffile.imwrite(tmp_path / "a.tif", array, metadata={"axes": axes}, photometric=kind)
    as_tifffile(tmp_path / "a.tif")


@pytest.mark.parametrize("shape", [(2, 3, ROWS, COLUMNS), (2, 3, 4, ROWS, COLUMNS)])
def test_several_axes_without_a_name_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    tifffile.imwrite(tmp_path / "a.tif", volume("u2", shape), photometric="minisblack")
    is_refused(tmp_path / "a.tif", "does not name")


@pytest.mark.parametrize(("frames", "slices", "channels"), [(1, 5, 1), (1, 1, 3), (4, 1, 1), (1, 5, 3), (2, 3, 4)])
def test_stacks_of_imagej_in_one_directory(tmp_path: Path, frames: int, slices: int, channels: int) -> None:
    stack = volume("u2", (frames * slices * channels, ROWS, COLUMNS))
    sizes = {"images": len(stack), "channels": channels, "slices": slices, "frames": frames}
    words = "ImageJ=1.53c\n" + "".join(f"{key}={value}\n" for key, value in sizes.items() if value > 1) + "loop=false\n"
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(stack[0], metadata=None, description=words)
    with tifffile.TiffFile(path) as tiff:
        start = tiff.pages.first.dataoffsets[0]
    whole = path.read_bytes()[:start] + stack.astype("<u2").tobytes()
    path.write_bytes(whole)
    as_tifffile(path)
    path.write_bytes(whole[:-10])
    is_refused(path, "ImageJ description promises")


@pytest.mark.parametrize("kind", ["minisblack", "rgb", "palette"])
@pytest.mark.parametrize("value", range(1, 9))
def test_orientations(tmp_path: Path, value: int, kind: str) -> None:
    array = RGB if kind == "rgb" else GREY
    options = {"colormap": np.stack([np.arange(256, dtype="u2") * 257] * 3)} if kind == "palette" else {}
    tifffile.imwrite(tmp_path / "a.tif", array, photometric=kind, extratags=[(274, "H", 1, value, True)], **options)
    image = read_image(tmp_path / "a.tif")
    agrees(image, upright(np.repeat(array[..., None], 3, axis=2) if kind == "palette" else array, value))
    assert ("orientation" in image.notes) == (value != 1)


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("mode", ["L", "RGB", "1"])
def test_orientations_of_packed_pictures(tmp_path: Path, mode: str, value: int) -> None:
    made = Pillow.fromarray(RGB).convert(mode)
    made.save(tmp_path / "a.tif", compression="tiff_lzw", tiffinfo={274: value})
    agrees(read_image(tmp_path / "a.tif"), upright(np.array(made).astype("u1"), value))


@pytest.mark.parametrize("value", [1, 3, 6])
def test_a_stack_is_turned_as_its_pages_are(tmp_path: Path, value: int) -> None:
    stack = volume("u2", (3, ROWS, COLUMNS))
    turn = [(274, "H", 1, value, True)]
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", metadata=None, extratags=turn)
    expected = {1: stack, 3: stack[:, ::-1, ::-1], 6: np.rot90(stack, -1, (1, 2))}[value]
    agrees(read_image(tmp_path / "a.tif"), np.moveaxis(expected, 0, -1))


@pytest.mark.parametrize("dtype", ["u1", "u2", "?"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_white_is_zero_is_kept_and_shown_so(tmp_path: Path, compression: str | None, dtype: str) -> None:
    array = GREY % 2 == 0 if dtype == "?" else GREY.astype(dtype)
    options = {} if dtype == "?" else {"compression": compression}
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="miniswhite", **options)
    as_tifffile(tmp_path / "a.tif")
    image = read_image(tmp_path / "a.tif")
    assert image.inverted
    assert "0 is white" in image.notes["intensities"]


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize(
    ("samples", "extra"), [(3, []), (4, ["unassalpha"]), (4, ["assocalpha"]), (4, ["unspecified"]), (6, [0] * 3)]
)
@pytest.mark.parametrize("dtype", ["u1", "u2"])
def test_colours(tmp_path: Path, dtype: str, samples: int, extra: list[str], planar: str) -> None:
    array = volume(dtype, (ROWS, COLUMNS, samples)) * (1 if dtype == "u1" else 250)
    stored = np.moveaxis(array, -1, 0) if planar == "separate" else array
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", planarconfig=planar, extrasamples=extra or None)
    image = read_image(tmp_path / "a.tif")
    agrees(image, array[..., :3] >> (0 if dtype == "u1" else 8))
    assert ("colour" in image.notes) == (samples > 3)
    assert ("colour depth" in image.notes) == (dtype == "u2")


@pytest.mark.parametrize("dtype", ["f4", "u4", "i2"])
def test_colours_of_other_types_are_refused(tmp_path: Path, dtype: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", volume(dtype, (ROWS, COLUMNS, 3)), photometric="rgb")
    is_refused(tmp_path / "a.tif", "colours of type")


@pytest.mark.parametrize("kind", ["separated", "cielab", "cfa", "linear_raw", "logluv", "icclab"])
def test_colours_of_other_kinds_are_refused(tmp_path: Path, kind: str) -> None:
    array = GREY if kind == "cfa" else np.dstack([RGB, GREY]) if kind == "separated" else RGB
    tifffile.imwrite(tmp_path / "a.tif", array, photometric=kind)
    is_refused(tmp_path / "a.tif", f"(?i){kind}")


@pytest.mark.parametrize("alpha", ["assocalpha", "unassalpha"])
def test_grey_and_alpha(tmp_path: Path, alpha: str) -> None:
    array = np.stack([GREY.astype("u2") * 9, np.full_like(GREY, 7, dtype="u2")], axis=-1)
    tifffile.imwrite(tmp_path / "a.tif", array, photometric="minisblack", planarconfig="contig", extrasamples=[alpha])
    image = read_image(tmp_path / "a.tif")
    agrees(image, array[..., 0])
    assert (image.channels, image.frames) == ("scalar", 1)
    assert "alpha" in image.notes["colour"]


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("samples", [2, 5])
def test_samples_without_a_meaning_are_frames(tmp_path: Path, samples: int, planar: str) -> None:
    array = volume("u2", (ROWS, COLUMNS, samples))
    stored = np.moveaxis(array, -1, 0) if planar == "separate" else array
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="minisblack", planarconfig=planar)
    assert read_image(tmp_path / "a.tif").frames == samples
    for frame in range(samples):
        agrees(read_image(tmp_path / "a.tif", frame), array[..., frame])


@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette(tmp_path: Path, bits: int) -> None:
    table = np.stack([np.arange(256), np.arange(256)[::-1], np.arange(256) // 2]).astype("u2")
    stored = table * 257 if bits == 16 else table  # libtiff too takes a table of small numbers for one of 8 bits
    tifffile.imwrite(tmp_path / "a.tif", GREY, photometric="palette", colormap=stored)
    agrees(read_image(tmp_path / "a.tif"), np.moveaxis(table[:, GREY], 0, -1))
    agrees(read_values(tmp_path / "a.tif"), GREY)


def test_imagej_s_look_up_table_is_for_the_screen(tmp_path: Path) -> None:
    table = np.stack([np.arange(256), np.zeros(256), np.zeros(256)]).astype("u2") * 257
    tifffile.imwrite(
        tmp_path / "a.tif", GREY, photometric="palette", colormap=table, metadata=None, description="ImageJ=1.53c\n"
    )
    image = read_image(tmp_path / "a.tif")
    agrees(image, GREY)
    assert "look-up table" in image.notes["colour"]


PILLOW = [
    ("1", "group3", {}),
    ("1", "group4", {}),
    ("1", "tiff_ccitt", {}),
    ("1", "packbits", {}),
    ("L", "tiff_lzw", {}),
    ("L", "packbits", {}),
    ("L", "tiff_adobe_deflate", {}),
    ("L", "tiff_lzw", {262: 0}),
    ("RGB", "tiff_lzw", {}),
    ("RGB", "tiff_deflate", {}),
    ("RGBA", "tiff_lzw", {}),
    ("P", "tiff_lzw", {}),
    ("I;16", "tiff_lzw", {}),
    ("F", "tiff_lzw", {}),
    ("I", "tiff_lzw", {}),
]


@pytest.mark.parametrize(("mode", "compression", "tags"), PILLOW)
def test_compressions_that_pillow_writes(tmp_path: Path, mode: str, compression: str, tags: dict[int, int]) -> None:
    if mode in ("I;16", "I", "F"):
        made = Pillow.fromarray(volume({"I;16": "u2", "I": "i4", "F": "f4"}[mode], (40, 30)))
    else:
        made = Pillow.fromarray(np.stack([volume("u1", (40, 30))] * 3, axis=-1)).convert(mode)
    made.save(tmp_path / "a.tif", compression=compression, tiffinfo=tags)
    image = read_image(tmp_path / "a.tif")
    with Pillow.open(tmp_path / "a.tif") as opened:
        expected = np.array(opened.convert("RGB") if mode in ("P", "RGBA") else opened)
        # Pillow turns white-is-zero round, where the number in the file is kept here.
        white = opened.tag_v2[262] == 0
    expected = expected.astype("u1") if expected.dtype == bool else expected
    agrees(image, (1 if mode == "1" else 255) - expected if white else expected)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_lossy_compression_is_said(tmp_path: Path, mode: str) -> None:
    made = Pillow.fromarray(np.kron(RGB, np.ones((8, 8, 1), "u1"))).convert(mode)
    made.save(tmp_path / "a.tif", compression="jpeg", quality=95)
    with Pillow.open(tmp_path / "a.tif") as opened:
        agrees(read_image(tmp_path / "a.tif"), np.array(opened.convert(mode)))
    assert "lossy" in read_image(tmp_path / "a.tif").notes["compression"]


@pytest.mark.parametrize("code", [34712, 34925, 50000, 34661, 34676, 9999])
def test_compressions_that_are_unknown_here_are_refused(tmp_path: Path, code: int) -> None:
    tifffile.imwrite(tmp_path / "a.tif", volume("u2", (ROWS, COLUMNS)), compression="zlib", metadata=None)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        at = tiff.pages.first.tags[259].valueoffset
    raw = bytearray((tmp_path / "a.tif").read_bytes())
    raw[at : at + 2] = code.to_bytes(2, "little")
    (tmp_path / "a.tif").write_bytes(raw)
    is_refused(tmp_path / "a.tif", "compress|damaged|unsupported")


def packed_bits(array: np.ndarray, bits: int) -> bytes:
    rows = ["".join(format(int(value), f"0{bits}b") for value in row) for row in array]
    rows = [row + "0" * (-len(row) % 8) for row in rows]
    return b"".join(int(row, 2).to_bytes(len(row) // 8, "big") for row in rows)


@pytest.mark.parametrize("white", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_few_bits(tmp_path: Path, bits: int, white: bool) -> None:
    array = (GREY.astype(int) % 2**bits).astype("u1")
    tifffile.imwrite(tmp_path / "a.tif", array, metadata=None, photometric="miniswhite" if white else "minisblack")
    path = tagged(tmp_path / "a.tif", 258, bits)
    data = packed_bits(array, bits)
    with tifffile.TiffFile(path, mode="r+") as tiff:
        at = tiff.pages.first.dataoffsets[0]
        tiff.pages.first.tags[279].overwrite(len(data))
    raw = path.read_bytes()
    path.write_bytes(raw[:at] + data + raw[at + len(data) :])
    agrees(read_image(path), array)


@pytest.mark.parametrize("bits", [3, 5, 6, 7, 10, 12, 14, 24])
def test_odd_numbers_of_bits(tmp_path: Path, bits: int) -> None:
    array = volume("u4", (ROWS, 8)) % 2**bits
    tifffile.imwrite(tmp_path / "a.tif", array, metadata=None, rowsperstrip=ROWS)
    path = tagged(tmp_path / "a.tif", 258, bits)
    data = packed_bits(array, bits)
    with tifffile.TiffFile(path) as tiff:
        at = tiff.pages.first.dataoffsets[0]
    raw = path.read_bytes()
    path.write_bytes(raw[:at] + data + raw[at + len(data) :])
    if bits == 12 or WITH_CODECS:
        agrees(read_image(path), array.astype("u4" if bits > 16 else "u2"))
    else:
        is_refused(path, f"{bits}-bit .* imagecodecs")


@pytest.mark.parametrize("kind", ["subifds", "pages"])
def test_of_a_pyramid_the_full_image_is_read(tmp_path: Path, kind: str) -> None:
    full = volume("u1", (64, 48))
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        if kind == "subifds":
            writer.write(full, subifds=1, metadata=None)
            writer.write(full[::2, ::2], subfiletype=1, metadata=None)
        else:
            writer.write(full, metadata=None)
            writer.write(full[::2, ::2], subfiletype=1, metadata=None)
    image = read_image(tmp_path / "a.tif")
    agrees(image, full)
    assert "left out" in image.notes["pages"]


def test_a_transparency_mask_is_no_page(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(GREY, metadata=None)
        writer.write(GREY > 5, subfiletype=4, photometric="minisblack", metadata=None)
    image = read_image(tmp_path / "a.tif")
    agrees(image, GREY)
    assert "left out" in image.notes["pages"]


@pytest.mark.parametrize("described", [True, False])
def test_several_images_are_refused(tmp_path: Path, described: bool) -> None:
    options = {} if described else {"metadata": None}
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(volume("u1", (3, ROWS, COLUMNS)), photometric="minisblack", **options)
        writer.write(volume("u2", (4, ROWS, COLUMNS + 1)), photometric="minisblack", **options)
    is_refused(tmp_path / "a.tif", "differ in size or type")


def test_two_volumes_of_one_shape_are_not_taken_for_one(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.ome.tif", ome=True) as writer:
        writer.write(volume("u1", (3, ROWS, COLUMNS)), photometric="minisblack", metadata={"axes": "ZYX"})
        writer.write(volume("u1", (3, ROWS, COLUMNS)), photometric="minisblack", metadata={"axes": "ZYX"})
    is_refused(tmp_path / "a.ome.tif", "2 images")


def test_an_ome_file_that_names_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    tifffile.imwrite(path, volume("u1", (3, ROWS, COLUMNS)), photometric="minisblack", metadata={"axes": "ZYX"})
    with tifffile.TiffFile(path) as tiff:
        words = tiff.ome_metadata
    assert words is not None
    other = 'FirstZ="0" IFD="0"><UUID FileName="../b.ome.tif">urn:uuid:0</UUID></TiffData>'
    changed = words.replace('IFD="0"', 'IFD="0"', 1)
    start = changed.index("<TiffData")
    end = changed.index("/>", start) + 2
    changed = changed[:start] + f'<TiffData PlaneCount="3" {other}' + changed[end:]
    tifffile.imwrite(
        path, volume("u1", (3, ROWS, COLUMNS)), photometric="minisblack", description=changed, metadata=None
    )
    is_refused(path, "several OME files")


@pytest.mark.parametrize(
    ("unit", "factor", "noted"), [("um", 1, True), ("nm", 1, True), ("mm", 1, False), ("cm", 10, False), ("", 1, True)]
)
def test_sizes_of_imagej(tmp_path: Path, unit: str, factor: float, noted: bool) -> None:
    metadata = {"axes": "ZYX", "spacing": 2.5} | ({"unit": unit} if unit else {})
    array = volume("u2", (3, ROWS, COLUMNS))
    tifffile.imwrite(tmp_path / "a.tif", array, imagej=True, metadata=metadata, resolution=(4, 2))
    image = read_image(tmp_path / "a.tif")
    across, down = (0.25, 0.5)
    np.testing.assert_allclose(image.spacing, np.array([down, across, 2.5]) * factor)
    assert ("units" in image.notes) == noted


@pytest.mark.parametrize(
    ("stated", "spacing"),
    [
        ({"X": (0.25, "µm"), "Y": (0.5, "µm"), "Z": (2.5, "µm")}, (0.5, 0.25, 2.5)),
        ({"X": (250, "nm"), "Y": (500, "nm"), "Z": (2.5, "µm")}, (500, 250, 2500)),
        ({"X": (0.25, "mm"), "Y": (0.5, "mm"), "Z": (2.5, "mm")}, (0.5, 0.25, 2.5)),
        ({"X": (0.25, "µm"), "Y": (0.5, "µm")}, (0.5, 0.25, 0.5)),
        ({"Z": (2.5, "µm")}, (1, 1, 1)),
    ],
)
def test_sizes_of_ome(tmp_path: Path, stated: dict[str, tuple[float, str]], spacing: tuple[float, ...]) -> None:
    metadata: dict[str, object] = {"axes": "ZYX"}
    for axis, (size, unit) in stated.items():
        metadata |= {f"PhysicalSize{axis}": size, f"PhysicalSize{axis}Unit": unit}
    tifffile.imwrite(tmp_path / "a.ome.tif", volume("u2", (3, ROWS, COLUMNS)), metadata=metadata)
    np.testing.assert_allclose(read_image(tmp_path / "a.ome.tif").spacing, spacing)


@pytest.mark.parametrize("resolution", [(72, 72), (204, 98)])
def test_a_resolution_for_printers_says_nothing(tmp_path: Path, resolution: tuple[int, int]) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY, resolution=resolution, resolutionunit="inch", metadata=None)
    assert read_image(tmp_path / "a.tif").spacing == (1, 1)


def test_a_picture_with_a_size_keeps_its_grid(tmp_path: Path) -> None:
    metadata = {"axes": "YX", "unit": "um"}
    tifffile.imwrite(tmp_path / "a.tif", GREY, imagej=True, metadata=metadata, resolution=(4, 4))
    image = read_image(tmp_path / "a.tif")
    assert image.spacing == (1, 1)
    assert "0.25" in image.notes["pixels"]


def test_signed_numbers_of_imagej_are_calibrated(tmp_path: Path) -> None:
    signed = np.arange(-20, ROWS * COLUMNS - 20, dtype="i2").reshape(ROWS, COLUMNS)
    stored = (signed.astype("i4") + 32768).astype("u2")
    words = "ImageJ=1.53c\ncf=0\nc0=-32768.0\nc1=1.0\nvunit=Gray Value\n"
    tifffile.imwrite(tmp_path / "a.tif", stored, metadata=None, description=words)
    image = read_image(tmp_path / "a.tif")  # tifffile gives 32748 for -20, ImageJ itself shows -20
    agrees(image, signed)
    assert "calibration" in image.notes


def test_what_tifffile_s_own_description_lies_about_is_refused(tmp_path: Path) -> None:
    words = json.dumps({"shape": [5, ROWS, COLUMNS], "truncated": True})
    tifffile.imwrite(tmp_path / "a.tif", GREY, metadata=None, description=words)
    is_refused(tmp_path / "a.tif", "describes|truncated|damaged|cut short")
