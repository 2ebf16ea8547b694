"""TIFF: pictures, stacks and pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image as Pillow

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.samples import picture, volume

GREY = volume("uint8", (6, 5))
RGB = np.stack([GREY, GREY // 2, 255 - GREY], axis=-1)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_deflate", "packbits"])
@pytest.mark.parametrize("array", [GREY, GREY.astype(np.uint16) * 300, RGB])
def test_one_page_is_a_picture(tmp_path: Path, compression: str | None, array: np.ndarray) -> None:
    image = read_image(picture(tmp_path / "a.tif", array, compression=compression))
    np.testing.assert_array_equal(image.array, array)
    assert image.array.dtype == array.dtype
    assert not image.oriented


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", ">i2"])
@pytest.mark.parametrize("pages", [2, 3, 4])
def test_grey_pages_are_a_stack_with_the_pages_last(tmp_path: Path, dtype: str, pages: int) -> None:
    stack = volume(dtype, (pages, 6, 5))
    tifffile.imwrite(tmp_path / "a.tif", stack, photometric="minisblack", byteorder=">" if dtype[0] == ">" else "<")
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.array, np.moveaxis(stack, 0, -1))
    assert (image.shape, image.channels, image.array.dtype.isnative) == ((6, 5, pages), "scalar", True)
    assert "rows, columns, pages" in image.notes["axes"]


def test_colour_pages_are_frames(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(RGB, photometric="rgb")
        tiff.write(255 - RGB, photometric="rgb")
    image = read_image(tmp_path / "a.tif", 1)
    np.testing.assert_array_equal(image.array, 255 - RGB)
    assert (image.frame, image.frames) == (1, 2)
    with pytest.raises(ImageError, match="no frame 2"):
        read_image(tmp_path / "a.tif", 2)


def test_pages_of_different_size_are_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(GREY)
        tiff.write(GREY[:3])
    with pytest.raises(ImageError, match=r"pages that differ in size or type \(3 × 5 uint8, 6 × 5 uint8\)"):
        read_image(tmp_path / "a.tif")


def test_a_palette_becomes_colour(tmp_path: Path) -> None:
    paletted = Pillow.fromarray(RGB).convert("P")
    paletted.save(tmp_path / "a.tif")
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").array, np.array(paletted.convert("RGB")))


def test_transparency_is_left_out(tmp_path: Path) -> None:
    picture(tmp_path / "a.tif", np.dstack([RGB, GREY]))
    image = read_image(tmp_path / "a.tif")
    np.testing.assert_array_equal(image.array, RGB)
    assert "colour" in image.notes


@pytest.mark.parametrize("compression", [None, "tiff_deflate"])
def test_cut_short(tmp_path: Path, compression: str | None) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, volume("uint16", (60, 50)), compression="zlib" if compression else None)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ImageError, match=r"truncated|cut short"):
        read_image(path)


def test_pages_that_lead_round_in_a_circle(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.tif", GREY)
    data = bytearray(path.read_bytes())
    first = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[first : first + 2], "little")
    data[first + 2 + 12 * entries : first + 6 + 12 * entries] = first.to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(ImageError, match="circle"):
        read_image(path)


@pytest.mark.parametrize("bigtiff", [False, True])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_either_kind_and_byte_order(tmp_path: Path, bigtiff: bool, byteorder: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY, bigtiff=bigtiff, byteorder=byteorder)
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif").array, GREY)


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
def test_channels_are_frames_and_slices_the_third_axis(tmp_path: Path, name: str) -> None:
    stack = np.add.outer(np.arange(5) * 10, np.arange(3) * 1000)[..., None, None] + np.zeros((24, 32), "u2")
    if name == "a.tif":
        metadata = {"axes": "ZCYX", "spacing": 2.5, "unit": "um"}
        tifffile.imwrite(tmp_path / name, stack.astype("u2"), imagej=True, metadata=metadata, resolution=(4, 4))
    else:
        metadata = {"axes": "CZYX", "PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25, "PhysicalSizeZ": 2.5}
        tifffile.imwrite(tmp_path / name, stack.astype("u2").transpose(1, 0, 2, 3), metadata=metadata)
    image = read_image(tmp_path / name, 1)
    assert (image.shape, image.frames, image.spacing) == ((24, 32, 5), 3, (0.25, 0.25, 2.5))
    assert image.array.mean((0, 1)).tolist() == [1000, 1010, 1020, 1030, 1040]
    assert image.notes["axes"] == "5 slices are the third axis; 3 channels are frames, with one label for all"
