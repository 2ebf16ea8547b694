"""Generated DICOM files of every variant of the fields that decide, beside pydicom and SimpleITK.

Each variant is equal to what both libraries read, to what the one reads that heeds the field, or refused by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, convert_color_space, pixel_array

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.dicom_samples import SECONDARY, SYNTAXES, place, save

KINDS = {
    "u1": ("u1", 8),
    "i1": ("i1", 8),
    "u1 of 6 bits": ("u1", 6),
    "u2": ("u2", 16),
    "i2": ("i2", 16),
    "u2 of 12 bits": ("u2", 12),
    "i2 of 12 bits": ("i2", 12),
    "u2 of 10 bits": ("u2", 10),
    "i2 of 15 bits": ("i2", 15),
    "u4": ("u4", 32),
    "i4": ("i4", 32),
}
RESCALES = [(1, -1024), (2, 0), (0.5, -3), (-1, 4095), (0.0175, 0), (1, 0.25), (1, 0), (10, 100000)]
TURNS = {
    "axial": (1, 0, 0, 0, 1, 0),
    "feet first": (-1, 0, 0, 0, 1, 0),
    "coronal": (1, 0, 0, 0, 0, -1),
    "sagittal": (0, 1, 0, 0, 0, -1),
    "oblique": (0.8, 0.6, 0, -0.36, 0.48, 0.8),
}


def ours(path: Path) -> np.ndarray:
    """The array as the others give it: rows, columns (and colours)."""
    array = read_image(path).array
    return np.moveaxis(array[:, :, 0] if array.ndim in (3, 4) and array.shape[2] == 1 else array, 0, 1)


def simpleitk(path: Path) -> np.ndarray:
    return np.squeeze(sitk.GetArrayFromImage(sitk.ReadImage(str(path))))


def stored(kind: str, shape: tuple[int, int] = (6, 8)) -> tuple[np.ndarray, int]:
    """Values over the whole range of a kind, the smallest and the largest with them."""
    code, bits = KINDS[kind]
    dtype = np.dtype(code)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if dtype.kind == "i" else (0, 2**bits - 1)
    values = np.linspace(low, high, shape[0] * shape[1]).astype(np.int64)
    return values.astype(dtype).reshape(shape), bits


@pytest.mark.parametrize(
    ("syntax", "kind"),
    [pair for pair in itertools.product(SYNTAXES, KINDS) if pair not in {("RLE", "u4"), ("RLE", "i4")}],  # not allowed
)
def test_stored_values(tmp_path: Path, syntax: str, kind: str) -> None:
    pixels, bits = stored(kind)
    path = save(tmp_path / "a.dcm", pixels, syntax, BitsStored=bits, HighBit=bits - 1, **place((0, 0, 0)))
    if syntax == "big endian" and kind in ("u4", "i4"):
        # SimpleITK swaps the bytes of each half, as the standard says; pydicom swaps all four.
        with pytest.raises(ImageError, match="values of 32 bits in big endian order are not supported"):
            read_image(path)
        return
    np.testing.assert_array_equal(ours(path), pixels)
    np.testing.assert_array_equal(ours(path), pixel_array(pydicom.dcmread(path)))
    if syntax != "RLE" and kind != "u1 of 6 bits":  # which SimpleITK does not read
        np.testing.assert_array_equal(ours(path), simpleitk(path))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if " of " in kind])
def test_bits_outside_the_value_are_no_part_of_it(tmp_path: Path, kind: str) -> None:
    pixels, bits = stored(kind)
    unsigned = pixels.view(pixels.dtype.str.replace("i", "u"))
    mask = (1 << bits) - 1
    above = ((unsigned & mask) | np.where(np.arange(8) % 2, ~np.array(mask), 0).astype(unsigned.dtype)).view(
        pixels.dtype
    )
    path = save(tmp_path / "a.dcm", above, BitsStored=bits, HighBit=bits - 1, **place((0, 0, 0)))
    np.testing.assert_array_equal(ours(path), pixels)
    np.testing.assert_array_equal(ours(path), pixel_array(pydicom.dcmread(path)))


@pytest.mark.parametrize(("high", "signed"), itertools.product((12, 13, 15), (False, True)))
def test_bits_that_begin_higher_are_refused(tmp_path: Path, high: int, signed: bool) -> None:
    pixels, bits = stored("i2 of 12 bits" if signed else "u2 of 12 bits")
    shifted = (pixels.astype(np.int64) << (high - 11)).astype(pixels.dtype)
    path = save(tmp_path / "a.dcm", shifted, BitsStored=bits, HighBit=high, **place((0, 0, 0)))
    with pytest.raises(ImageError, match=f"values of 12 bits that end at bit {high}, and not at bit 11"):
        read_image(path)


@pytest.mark.parametrize(("factors", "kind"), itertools.product(RESCALES, ("u2", "i2", "u2 of 12 bits")))
def test_rescaling(tmp_path: Path, factors: tuple[float, float], kind: str) -> None:
    pixels, bits = stored(kind)
    tags = {"RescaleSlope": factors[0], "RescaleIntercept": factors[1], "BitsStored": bits, "HighBit": bits - 1}
    path = save(tmp_path / "a.dcm", pixels, **tags, **place((0, 0, 0)))
    np.testing.assert_allclose(ours(path), apply_modality_lut(pixels, pydicom.dcmread(path)), rtol=1e-6)
    np.testing.assert_allclose(ours(path), simpleitk(path), rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize(
    ("syntax", "bits", "first"), itertools.product(("explicit", "big endian", "implicit"), (8, 16), (0, 40))
)
def test_modality_tables(tmp_path: Path, syntax: str, bits: int, first: int) -> None:
    table = (np.arange(200)[::-1] * (1 if bits == 8 else 300)).astype("u1" if bits == 8 else "u2")

    def change(dataset: Dataset) -> None:
        item = Dataset()
        item.add_new("LUTDescriptor", "US", [200, first, bits])
        item.add_new(
            "LUTData", "OW", table.astype(table.dtype.newbyteorder(">" if syntax == "big endian" else "<")).tobytes()
        )
        if bits == 8 and syntax == "big endian":
            item["LUTData"].value = table.view("<u2").astype(">u2").tobytes()
        dataset.ModalityLUTSequence = [item]

    pixels = np.linspace(0, 255, 48).astype(np.uint16).reshape(6, 8)
    path = save(tmp_path / "a.dcm", pixels, syntax, change=change, **place((0, 0, 0)))
    expected = table[np.clip(pixels.astype(int) - first, 0, 199)]
    np.testing.assert_array_equal(ours(path), expected)
    if syntax != "big endian" and bits == 16:
        np.testing.assert_array_equal(ours(path), apply_modality_lut(pixels, pydicom.dcmread(path)))


@pytest.mark.parametrize("meaning", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_meaning_of_grey_changes_no_value(tmp_path: Path, syntax: str, meaning: str) -> None:
    pixels, _ = stored("u2")
    path = save(tmp_path / "a.dcm", pixels, syntax, PhotometricInterpretation=meaning, **place((0, 0, 0)))
    np.testing.assert_array_equal(ours(path), pixels)
    np.testing.assert_array_equal(ours(path), pixel_array(pydicom.dcmread(path)))
    assert read_image(path).inverted == (meaning == "MONOCHROME1")


@pytest.mark.parametrize(("syntax", "planar", "kind"), itertools.product(SYNTAXES, (0, 1), ("u1", "u2")))
def test_colours(tmp_path: Path, syntax: str, planar: int, kind: str) -> None:
    pixels = np.arange(6 * 8 * 3).reshape(6, 8, 3).astype(kind) * (1 if kind == "u1" else 257)
    path = save(tmp_path / "a.dcm", pixels, syntax, PlanarConfiguration=planar, SOPClassUID=SECONDARY)
    np.testing.assert_array_equal(ours(path), pixels if kind == "u1" else pixels >> 8)
    np.testing.assert_array_equal(
        ours(path), pixel_array(pydicom.dcmread(path)) if kind == "u1" else pixel_array(pydicom.dcmread(path)) >> 8
    )
    assert ("colour depth" in read_image(path).notes) == (kind == "u2")


@pytest.mark.parametrize(("syntax", "planar"), itertools.product(("explicit", "implicit", "RLE"), (0, 1)))
def test_luminance_and_chrominance(tmp_path: Path, syntax: str, planar: int) -> None:
    rgb = np.random.default_rng(0).integers(40, 200, (6, 8, 3)).astype(np.uint8)
    ybr = convert_color_space(rgb, "RGB", "YBR_FULL")
    path = save(
        tmp_path / "a.dcm", ybr, syntax, PlanarConfiguration=planar, PhotometricInterpretation="YBR_FULL",
        SOPClassUID=SECONDARY,
    )  # fmt: skip
    np.testing.assert_array_equal(ours(path), pixel_array(pydicom.dcmread(path)))
    np.testing.assert_allclose(ours(path).astype(int), rgb, atol=3)
    if syntax != "RLE":
        np.testing.assert_allclose(ours(path).astype(int), simpleitk(path), atol=3)


@pytest.mark.parametrize(
    ("syntax", "bits", "kind", "first"),
    itertools.product(("explicit", "implicit", "big endian"), (8, 16), ("u1", "u2"), (0, 20)),
)
def test_palettes(tmp_path: Path, syntax: str, bits: int, kind: str, first: int) -> None:
    order = ">" if syntax == "big endian" else "<"
    tables = [np.roll(np.arange(100), shift) * (2 if bits == 8 else 512) for shift in (0, 30, 60)]

    def change(dataset: Dataset) -> None:
        dataset.PhotometricInterpretation = "PALETTE COLOR"
        for colour, table in zip(("Red", "Green", "Blue"), tables, strict=True):
            data = table.astype("u1").view("<u2").astype(f"{order}u2") if bits == 8 else table.astype(f"{order}u2")
            dataset.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [100, first, bits])
            dataset.add_new(f"{colour}PaletteColorLookupTableData", "OW", data.tobytes())

    pixels = np.linspace(0, 140, 48).astype(kind).reshape(6, 8)
    path = save(tmp_path / "a.dcm", pixels, syntax, change=change, SOPClassUID=SECONDARY)
    index = np.clip(pixels.astype(int) - first, 0, 99)
    expected = np.stack([table[index] >> (0 if bits == 8 else 8) for table in tables], axis=-1)
    np.testing.assert_array_equal(ours(path), expected)
    if syntax != "big endian":
        from pydicom.pixels import apply_color_lut

        reference = apply_color_lut(pixels, pydicom.dcmread(path))
        np.testing.assert_array_equal(ours(path), reference >> (0 if bits == 8 else 8))


@pytest.mark.parametrize(("turn", "order", "step"), itertools.product(TURNS, ("up", "down", "mixed"), (4.0, 1.25)))
def test_the_geometry_of_a_series(tmp_path: Path, turn: str, order: str, step: float) -> None:
    across = np.cross(TURNS[turn][:3], TURNS[turn][3:])
    numbers = {"up": range(5), "down": range(4, -1, -1), "mixed": (3, 0, 4, 1, 2)}[order]
    for at, number in enumerate(numbers):
        position = np.array([-30.5, 12.25, 100]) + across * step * number
        pixels = np.full((6, 8), number, np.int16) + np.arange(8, dtype=np.int16) * 10
        save(tmp_path / f"IM{at}", pixels, InstanceNumber=at + 1, **place(position, TURNS[turn]))
    image = read_image(tmp_path)
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(tmp_path))
    reference = sitk.ReadImage(names)
    affine = np.eye(4)
    affine[:3, :3] = np.array(reference.GetDirection()).reshape(3, 3) * np.array(reference.GetSpacing())
    affine[:3, 3] = reference.GetOrigin()
    affine = np.diag([-1, -1, 1, 1]) @ affine
    np.testing.assert_allclose(image.affine, affine, atol=1e-4)
    np.testing.assert_array_equal(image.array, sitk.GetArrayFromImage(reference).T)


@pytest.mark.parametrize("step", [4.4, -4.4])
@pytest.mark.parametrize("turn", TURNS)
def test_the_sign_of_the_spacing_of_a_tomogram(tmp_path: Path, turn: str, step: float) -> None:
    detector = Dataset()
    for name, value in place((-40, -30, 100), TURNS[turn]).items():
        if name != "PixelSpacing":
            setattr(detector, name, value)
    pixels = np.arange(3 * 6 * 8).reshape(3, 6, 8).astype(np.uint16)
    path = save(
        tmp_path / "a.dcm",
        pixels,
        SOPClassUID="1.2.840.10008.5.1.4.1.1.20",
        Modality="NM",
        ImageType=["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
        FrameIncrementPointer=0x00540080,
        SliceVector=[1, 2, 3],
        PixelSpacing=[4.4, 4.4],
        SpacingBetweenSlices=step,
        DetectorInformationSequence=[detector],
    )
    image = read_image(path)
    across = np.cross(TURNS[turn][:3], TURNS[turn][3:]) * [-1, -1, 1]
    first = image.affine @ [*((0, 0, 0) if step > 0 else (0, 0, 2)), 1]
    np.testing.assert_allclose(first[:3], [40, 30, 100], atol=1e-4)
    np.testing.assert_allclose(image.affine[:3, 2], across * 4.4, atol=1e-4)
    np.testing.assert_array_equal(image.array, pixels.T if step > 0 else pixels.T[:, :, ::-1])


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"PhotometricInterpretation": "HSV"}, "3 samples that are 'HSV' are not supported"),
        ({"PhotometricInterpretation": "YBR_PARTIAL_420"}, "'YBR_PARTIAL_420' are not supported"),
        ({"PhotometricInterpretation": "MONOCHROME2"}, "3 samples that are 'MONOCHROME2'"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(tmp_path: Path, tags: dict[str, str], why: str) -> None:
    path = save(tmp_path / "a.dcm", np.zeros((6, 8, 3), np.uint8), SOPClassUID=SECONDARY, **tags)
    with pytest.raises(ImageError, match=why):
        read_image(path)


def with_table(entries: list[int]) -> Callable[[Dataset], None]:
    def change(dataset: Dataset) -> None:
        item = Dataset()
        item.add_new("LUTDescriptor", "US", [len(entries), 0, 16])
        item.add_new("LUTData", "OW", np.array(entries, "<u2").tobytes())
        dataset.ModalityLUTSequence = [item]

    return change


def test_each_slice_has_its_own_modality_table_or_rescaling(tmp_path: Path) -> None:
    pixels = np.arange(8, dtype=np.uint16).reshape(2, 4)
    tables = [list(range(10, 18)), list(range(100, 108)), None]
    for index, table in enumerate(tables):
        scale = {} if table else {"RescaleSlope": 5, "RescaleIntercept": 1}
        change = None if table is None else with_table(table)
        save(tmp_path / "s" / f"{index}", pixels, change=change, **scale, **place((0, 0, 2.0 * index)))
    array = read_image(tmp_path / "s").array
    for index in range(3):
        alone = pydicom.dcmread(tmp_path / "s" / f"{index}")
        np.testing.assert_array_equal(array[..., index].T, apply_modality_lut(pixels, alone))


@pytest.mark.parametrize("kinds", [("uint16", "int16"), ("int16", "uint16"), ("uint8", "uint16"), ("int16", "int8")])
def test_slices_may_store_their_numbers_in_different_types(tmp_path: Path, kinds: tuple[str, str]) -> None:
    for index in range(4):
        kind = np.dtype(kinds[index % 2])
        pixels = np.array([[np.iinfo(kind).min, np.iinfo(kind).max]], kind)
        save(tmp_path / "s" / f"{index}", pixels, **place((0, 0, 2.0 * index)))
    array = read_image(tmp_path / "s").array
    for index in range(4):
        np.testing.assert_array_equal(array[..., index].T, pydicom.dcmread(tmp_path / "s" / f"{index}").pixel_array)
