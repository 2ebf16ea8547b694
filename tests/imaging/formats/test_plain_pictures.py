"""PNG, JPEG and BMP."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from jlabel.errors import ImageError
from jlabel.imaging import flat_plane, planes, read_image
from tests.imaging.samples import picture, volume

GREY = volume("uint8", (6, 5))
RGB = np.stack([GREY, GREY // 2, 255 - GREY], axis=-1)


@pytest.mark.parametrize("extension", ["png", "bmp"])
@pytest.mark.parametrize("array", [GREY, RGB])
def test_rows_come_first(tmp_path: Path, extension: str, array: np.ndarray) -> None:
    image = read_image(picture(tmp_path / f"a.{extension}", array))
    np.testing.assert_array_equal(image.array, array)
    assert image.shape == (6, 5)
    assert image.channels == ("rgb" if array.ndim == 3 else "scalar")
    assert not image.oriented


def test_the_picture_stands_upright(tmp_path: Path) -> None:
    image = read_image(picture(tmp_path / "a.png", GREY))
    plane = flat_plane(planes(image.affine, image.oriented), image.shape)
    assert plane is not None
    assert (plane.right, plane.down) == ((1, 1), (0, 1))
    assert image.spacing == (1, 1)


def test_sixteen_bits_are_kept(tmp_path: Path) -> None:
    image = read_image(picture(tmp_path / "a.png", volume("uint16", (6, 5)) * 2000))
    assert image.array.dtype == np.uint16
    assert image.array.max() == 58000


def test_one_bit_is_0_and_1(tmp_path: Path) -> None:
    image = read_image(picture(tmp_path / "a.png", GREY > 10))
    np.testing.assert_array_equal(image.array, (GREY > 10).astype(np.uint8))
    assert image.array.dtype == np.uint8


@pytest.mark.parametrize(("mode", "extension"), [("P", "png"), ("RGBA", "png"), ("CMYK", "jpg"), ("P", "bmp")])
def test_other_colours_become_rgb_with_a_note(tmp_path: Path, mode: str, extension: str) -> None:
    Pillow.fromarray(RGB).convert(mode).save(tmp_path / f"a.{extension}")
    image = read_image(tmp_path / f"a.{extension}")
    assert (image.channels, image.array.shape) == ("rgb", (6, 5, 3))
    assert "RGB" in image.notes["colour"]


def test_exif_turns_the_picture(tmp_path: Path) -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    picture(tmp_path / "a.png", RGB, exif=exif)
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.array, np.rot90(RGB, -1))
    assert "orientation" in image.notes


def test_a_picture_of_another_kind_than_its_name_is_read_and_noted(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", RGB, format="PNG")
    image = read_image(tmp_path / "a.jpg")
    np.testing.assert_array_equal(image.array, RGB)
    assert "PNG" in image.notes["format"]


def test_a_flipped_bit_in_png_pixels_is_found(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", RGB)
    data = bytearray(path.read_bytes())
    data[data.index(b"IDAT") + 6] ^= 1
    path.write_bytes(data)
    with pytest.raises(ImageError, match="checksum of its 'IDAT' chunk is wrong"):
        read_image(path)


def test_bytes_after_the_end_of_a_png_are_noted(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", RGB)
    path.write_bytes(path.read_bytes() + b"x")
    assert "follow the end" in read_image(path).notes["file"]


@pytest.mark.parametrize("extension", ["jpg", "bmp", "png"])
def test_cut_short(tmp_path: Path, extension: str) -> None:
    path = picture(tmp_path / f"a.{extension}", np.tile(RGB, (20, 20, 1)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ImageError, match=r"truncated|cut short"):
        read_image(path)


def test_a_png_that_promises_more_than_it_can_hold(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.png", GREY)
    data = bytearray(path.read_bytes())
    data[16:24] = struct.pack(">II", 20000, 20000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(ImageError, match="lies"):
        read_image(path)


def test_a_large_empty_picture_is_read(tmp_path: Path) -> None:
    Pillow.new("1", (14000, 14000)).save(tmp_path / "a.png")  # beyond the limit of Pillow's own
    assert read_image(tmp_path / "a.png").shape == (14000, 14000)
