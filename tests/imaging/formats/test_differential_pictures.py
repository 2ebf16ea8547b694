"""PNG, BMP and JPEG in every depth and kind of colour: as another decoder reads them.

pypng decodes PNG on its own, to the full 16 bits, and leaves palettes as indices.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from jlabel.imaging import read_image
from jlabel.imaging.formats.reading import read_values
from tests.imaging.formats.reference import agrees
from tests.imaging.samples import picture, volume

png = pytest.importorskip("png")

GREY, RGB, PALETTE, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGB_ALPHA: 4}
KINDS = [
    *((GREY, depth) for depth in (1, 2, 4, 8, 16)),
    *((PALETTE, depth) for depth in (1, 2, 4, 8)),
    *((colour, depth) for colour in (RGB, GREY_ALPHA, RGB_ALPHA) for depth in (8, 16)),
]
ROWS, COLUMNS = 9, 11


def samples(colour: int, depth: int) -> np.ndarray:
    """(rows, columns, samples) of every value that the depth has, or of many."""
    count = ROWS * COLUMNS * SAMPLES[colour]
    step = max(1, 2**depth // count)
    return (np.arange(count) * step % 2**depth).reshape(ROWS, COLUMNS, -1)


def palette(depth: int) -> list[tuple[int, int, int]]:
    return [(index, 255 - index, index * 7 % 256) for index in range(2**depth)]


def written(path: Path, colour: int, depth: int, interlaced: bool, **options: object) -> np.ndarray:
    """A PNG made by pypng, and its samples."""
    array = samples(colour, depth)
    if colour == PALETTE:
        options["palette"] = [(*entry, 255) for entry in palette(depth)] if options.pop("clear", 0) else palette(depth)
    writer = png.Writer(
        COLUMNS,
        ROWS,
        greyscale=colour in (GREY, GREY_ALPHA),
        alpha=colour in (GREY_ALPHA, RGB_ALPHA),
        bitdepth=depth,
        interlace=interlaced,
        **options,
    )
    with path.open("wb") as file:
        writer.write(file, array.reshape(ROWS, -1).tolist())
    return array


def decoded_by_pypng(path: Path) -> np.ndarray:
    _, _, rows, info = png.Reader(str(path)).read()
    return np.array([list(row) for row in rows]).reshape(ROWS, COLUMNS, info["planes"])


def with_chunk(path: Path, kind: bytes, data: bytes) -> Path:
    """The PNG with one more chunk after its header."""
    raw = path.read_bytes()
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(raw[:33] + chunk + raw[33:])
    return path


def expected(reference: np.ndarray, colour: int, depth: int) -> np.ndarray:
    """What an image is to hold, of the samples in the file."""
    if colour in (GREY, GREY_ALPHA):
        return reference[..., 0]
    if colour == PALETTE:
        return np.array(palette(depth))[reference[..., 0]]
    return reference[..., :3] >> (depth - 8)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("colour", "depth"), KINDS)
def test_every_depth_and_kind_of_colour(tmp_path: Path, colour: int, depth: int, interlaced: bool) -> None:
    array = written(tmp_path / "a.png", colour, depth, interlaced)
    reference = decoded_by_pypng(tmp_path / "a.png")
    np.testing.assert_array_equal(reference, array)
    image = read_image(tmp_path / "a.png")
    agrees(image, expected(reference, colour, depth))
    assert image.channels == ("scalar" if colour in (GREY, GREY_ALPHA) else "rgb")
    assert image.array.dtype == (np.uint16 if depth == 16 and image.channels == "scalar" else np.uint8)
    assert ("colour depth" in image.notes) == (depth == 16 and image.channels == "rgb")
    assert ("colour" in image.notes) == (colour in (PALETTE, GREY_ALPHA, RGB_ALPHA))


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("colour", "depth"), KINDS)
def test_a_label_holds_the_samples_and_indices_themselves(
    tmp_path: Path, colour: int, depth: int, interlaced: bool
) -> None:
    written(tmp_path / "a.png", colour, depth, interlaced)
    reference = decoded_by_pypng(tmp_path / "a.png")
    values = read_values(tmp_path / "a.png")
    agrees(values, reference[..., 0] if colour == PALETTE else expected(reference, colour, depth))


@pytest.mark.parametrize(("colour", "depth"), [kind for kind in KINDS if kind[0] in (GREY, RGB)])
def test_a_value_that_is_transparent(tmp_path: Path, colour: int, depth: int) -> None:
    clear: object = 1 if colour == GREY else (1, 2, 3)
    array = written(tmp_path / "a.png", colour, depth, False, transparent=clear)
    image = read_image(tmp_path / "a.png")
    agrees(image, expected(array, colour, depth))
    assert "transparency" in image.notes


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_a_palette_with_transparency(tmp_path: Path, depth: int) -> None:
    written(tmp_path / "a.png", PALETTE, depth, False, clear=True)
    raw = (tmp_path / "a.png").read_bytes()
    at = raw.index(b"IDAT") - 4
    clear = b"tRNS" + bytes([0])
    chunk = struct.pack(">I", 1) + clear + struct.pack(">I", zlib.crc32(clear))
    (tmp_path / "a.png").write_bytes(raw[:at] + chunk + raw[at:])
    image = read_image(tmp_path / "a.png")
    agrees(image, expected(samples(PALETTE, depth), PALETTE, depth))
    assert "transparency" in image.notes


@pytest.mark.parametrize(("colour", "depth"), [(GREY, 8), (GREY, 16), (RGB, 8), (GREY_ALPHA, 16)])
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"gAMA", struct.pack(">I", 45455)),
        (b"sRGB", b"\0"),
        (b"cHRM", bytes(32)),
        (b"pHYs", struct.pack(">IIB", 300, 100, 0)),
    ],
)
def test_what_is_for_a_screen_changes_no_number(
    tmp_path: Path, colour: int, depth: int, kind: bytes, data: bytes
) -> None:
    array = written(tmp_path / "a.png", colour, depth, False)
    image = read_image(with_chunk(tmp_path / "a.png", kind, data))
    agrees(image, expected(array, colour, depth))
    assert ("pixels" in image.notes) == (kind == b"pHYs")


@pytest.mark.parametrize(("bits", "noted"), [(12, True), (16, False)])
def test_significant_bits_are_said(tmp_path: Path, bits: int, noted: bool) -> None:
    array = written(tmp_path / "a.png", GREY, 16, False)
    image = read_image(with_chunk(tmp_path / "a.png", b"sBIT", bytes([bits])))
    agrees(image, array[..., 0])
    assert ("bits" in image.notes) == noted


def test_an_animation_is_said(tmp_path: Path) -> None:
    frames = [Pillow.fromarray(volume("uint8", (6, 5)) + shade) for shade in (0, 50, 90)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    image = read_image(tmp_path / "a.png")
    agrees(image, np.array(frames[0]))
    assert "3 pictures" in image.notes["frames"]


@pytest.mark.parametrize("extension", ["bmp", "png"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P"])
def test_what_pillow_writes(tmp_path: Path, mode: str, extension: str) -> None:
    made = Pillow.fromarray(np.stack([volume("uint8", (6, 5))] * 3, axis=-1)).convert(mode)
    made.save(tmp_path / f"a.{extension}")
    array = np.array(made.convert("RGB") if mode == "P" else made)
    agrees(read_image(tmp_path / f"a.{extension}"), array.astype(np.uint8))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("extension", ["png", "jpg"])
def test_orientations(tmp_path: Path, extension: str, orientation: int) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    path = picture(tmp_path / f"a.{extension}", np.kron(volume("uint8", (3, 2)) * 30, np.ones((8, 8), "u1")), exif=exif)
    with Pillow.open(path) as opened:
        from PIL import ImageOps

        agrees(read_image(path), np.array(ImageOps.exif_transpose(opened)))
    assert ("orientation" in read_image(path).notes) == (orientation != 1)
