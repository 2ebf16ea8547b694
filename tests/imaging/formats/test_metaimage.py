"""MetaImage: a strict reader."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.samples import AFFINE, metaimage, volume


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["int16", ">i2", "uint8", "float32"])
def test_voxels_and_position(tmp_path: Path, dtype: str, compressed: bool) -> None:
    image = read_image(metaimage(tmp_path / "a.mha", volume(dtype), compressed))
    np.testing.assert_array_equal(image.array, volume(dtype))
    assert image.array.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_allclose(image.affine, AFFINE)


def test_a_row_of_the_matrix_is_the_direction_of_an_axis(tmp_path: Path) -> None:
    path = metaimage(tmp_path / "a.mha", volume(), TransformMatrix="0 1 0 0 0 1 1 0 0", ElementSpacing="2 3 4")
    assert read_image(path).axis_codes == "PSL"
    assert read_image(path).spacing == (2, 3, 4)


def test_detached_voxels(tmp_path: Path) -> None:
    (tmp_path / "a.raw").write_bytes(b"junk" + volume().tobytes(order="F"))
    path = metaimage(tmp_path / "a.mhd", volume(), ElementDataFile="a.raw", HeaderSize="-1", TransformMatrix="")
    lines = [line for line in path.read_bytes().split(b"\n") if b"=" in line]
    data = [line for line in lines if line.startswith(b"ElementDataFile")]
    path.write_bytes(b"\n".join([line for line in lines if line not in data] + data) + b"\n")
    np.testing.assert_array_equal(read_image(path).array, volume())


def test_detached_voxels_that_are_missing_are_named(tmp_path: Path) -> None:
    path = metaimage(tmp_path / "a.mhd", volume(), ElementDataFile="b.raw")
    with pytest.raises(ImageError, match=r"a\.mhd: its file 'b\.raw' does not exist"):
        read_image(path)


def test_three_channels_are_colour(tmp_path: Path) -> None:
    array = volume("uint8", (3, 5, 4, 2))
    path = metaimage(tmp_path / "a.mha", array, NDims="3", DimSize="5 4 2", ElementNumberOfChannels="3")
    raw = path.read_bytes()
    line = b"ElementNumberOfChannels = 3\n"
    path.write_bytes(line + raw.replace(line, b""))  # ElementDataFile has to come last
    path.write_bytes(b"ObjectType = Image\n" + path.read_bytes().replace(b"ObjectType = Image\n", b""))
    image = read_image(path)
    assert image.channels == "rgb"
    np.testing.assert_array_equal(image.array, np.moveaxis(array, 0, -1))


def test_a_fourth_axis_is_frames(tmp_path: Path) -> None:
    array = volume(shape=(5, 4, 3, 2))
    matrix = "1 0 0 0 0 -1 0 0 0 0 1 0 0 0 0 1"
    path = metaimage(tmp_path / "a.mha", array, TransformMatrix=matrix, Offset="-10 20 30 0", ElementSpacing="2 3 4 1")
    image = read_image(path, 1)
    np.testing.assert_array_equal(image.array, array[..., 1])
    np.testing.assert_allclose(image.affine, AFFINE)
    assert image.frames == 2


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"DimSize": "5 4 2"}, "bytes follow"),
        ({"DimSize": "5 4 4"}, "truncated"),
        ({"DimSize": "9999 9999 9999"}, "lies"),
        ({"DimSize": "5 4"}, "axes"),
        ({"DimSize": "5 4 three"}, "damaged header"),
        ({"ElementType": "MET_OTHER"}, "ElementType"),
        ({"ElementSpacing": "2 0 4"}, "cannot be used"),
        ({"TransformMatrix": "1 0 0 1 0 0 0 0 1"}, "cannot be used"),
        ({"ObjectType": "Tube"}, "not an image"),
        ({"ElementDataFile": "LIST"}, "data files, where its 3 axes need 3|beside it"),
        ({"ElementDataFile": "../secret.raw"}, "does not lie beside it"),
        ({"ElementDataFile": ""}, "truncated"),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_what_does_not_fit_is_refused(tmp_path: Path, fields: dict[str, str], why: str, compressed: bool) -> None:
    why = "damaged|" + why if why == "truncated" else why
    with pytest.raises(ImageError, match=why):
        read_image(metaimage(tmp_path / "a.mha", volume(), compressed, **fields))


@pytest.mark.parametrize("compressed", [False, True])
def test_cut_short(tmp_path: Path, compressed: bool) -> None:
    path = metaimage(tmp_path / "a.mha", volume(), compressed)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ImageError, match="truncated"):
        read_image(path)
