"""Siemens mosaics: taken apart where the private header says how, refused where it does not."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from nibabel.nicom.dicomwrappers import MosaicWrapper
from pydicom import dcmread
from pydicom.dataset import Dataset

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.dicom_samples import place, save

TILES = 7
OBLIQUE = (0.8, 0.6, 0, -0.36, 0.48, 0.8)


def csa(**tags: list[str]) -> bytes:
    """A CSA header of version 2."""
    out = b"SV10" + b"\4\3\2\1" + struct.pack("<II", len(tags), 77)
    for name, values in tags.items():
        kind = b"FD\0\0" if "Vector" in name else b"US\0\0"
        out += name.encode().ljust(64, b"\0") + struct.pack("<I4sIII", len(values), kind, 6, 6, 77)
        for at in range(6):
            text = values[at].encode() + b"\0" if at < len(values) else b""
            out += struct.pack("<IIII", len(text), len(text), 77, 77) + text + b"\0" * (-len(text) % 4)
    return out


def mosaic(path: Path, number: int = 0, header: bytes | None = None, turn: tuple[float, ...] = OBLIQUE) -> Path:
    """Seven tiles of 4 rows and 5 columns in a square of nine; the tiles hold 100, 200, … and the volume's number."""
    pixels = np.zeros((12, 15), np.uint16)
    for tile in range(TILES):
        rows, columns = slice(4 * (tile // 3), 4 * (tile // 3) + 4), slice(5 * (tile % 3), 5 * (tile % 3) + 5)
        pixels[rows, columns] = 100 * (tile + 1) + number + np.arange(4)[:, None] * 10

    def change(dataset: Dataset) -> None:
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"]
        dataset.SpacingBetweenSlices = 3.5
        if header is not None:
            block = dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
            block.add_new(0x10, "OB", header)

    return save(path, pixels, change=change, InstanceNumber=number + 1, **place((-10, 20, 30), turn, (3, 2)))


NORMAL = ["0.48", "-0.64", "0.6"]


def test_tiles_are_put_in_their_places(tmp_path: Path) -> None:
    path = mosaic(tmp_path / "a.dcm", header=csa(NumberOfImagesInMosaic=[str(TILES)], SliceNormalVector=NORMAL))
    image = read_image(path)
    assert image.shape == (5, 4, 7)
    assert image.array[0, :, 0].tolist() == [100, 110, 120, 130]
    assert image.array[0, 0].tolist() == [100, 200, 300, 400, 500, 600, 700]
    reference = np.diag([-1, -1, 1, 1]) @ MosaicWrapper(dcmread(path)).affine
    # The wrapper counts rows first.
    np.testing.assert_allclose(image.affine, reference[:, [1, 0, 2, 3]], atol=1e-6)


def test_slices_may_stand_against_the_normal(tmp_path: Path) -> None:
    against = [str(-float(one)) for one in NORMAL]
    header = csa(NumberOfImagesInMosaic=[str(TILES)], SliceNormalVector=against)
    path = mosaic(tmp_path / "a.dcm", header=header)
    image = read_image(path)
    reference = np.diag([-1, -1, 1, 1]) @ MosaicWrapper(dcmread(path)).affine
    first = reference @ [0, 0, 0, 1]
    # They come in the order of the normal: the first tile is the last slice.
    np.testing.assert_allclose(image.affine @ [0, 0, 6, 1], first, atol=1e-6)
    assert image.array[0, 0].tolist() == [700, 600, 500, 400, 300, 200, 100]


def test_a_series_of_mosaics_is_a_4d_image(tmp_path: Path) -> None:
    header = csa(NumberOfImagesInMosaic=[str(TILES)], SliceNormalVector=NORMAL)
    for number in range(3):
        mosaic(tmp_path / f"{2 - number}.IMA", number, header)
    image = read_image(tmp_path, frame=2)
    assert (image.shape, image.frames) == ((5, 4, 7), 3)
    assert image.array[0, 0].tolist() == [102, 202, 302, 402, 502, 602, 702]


@pytest.mark.parametrize("header", [None, b"", b"SV10" + b"\xff" * 200, csa(SliceNormalVector=NORMAL)])
def test_a_mosaic_that_does_not_say_how_is_refused(tmp_path: Path, header: bytes | None) -> None:
    with pytest.raises(ImageError, match=r"is a Siemens mosaic .* is missing: convert the original series"):
        read_image(mosaic(tmp_path / "a.dcm", header=header))


def test_tiles_that_do_not_fill_the_picture_are_refused(tmp_path: Path) -> None:
    header = csa(NumberOfImagesInMosaic=["20"], SliceNormalVector=NORMAL)
    with pytest.raises(ImageError, match="a mosaic of 20 tiles that do not fill its 15 × 12 pixels"):
        read_image(mosaic(tmp_path / "a.dcm", header=header))
