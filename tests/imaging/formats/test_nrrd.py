"""NRRD: encodings, spaces, frames and colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.samples import AFFINE, nrrd, volume


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
def test_every_encoding(tmp_path: Path, encoding: str) -> None:
    image = read_image(nrrd(tmp_path / "a.nrrd", volume(), encoding))
    np.testing.assert_array_equal(image.array, volume())
    assert image.array.dtype == np.int16
    np.testing.assert_allclose(image.affine, AFFINE @ np.diag([1, 1, 1, 1]))


@pytest.mark.parametrize(
    ("space", "signs"), [("right-anterior-superior", (1, 1, 1)), ("LAS", (-1, 1, 1)), ("LPS", (-1, -1, 1))]
)
def test_the_space_becomes_ras(tmp_path: Path, space: str, signs: tuple[int, ...]) -> None:
    image = read_image(nrrd(tmp_path / "a.nrrd", volume(), space=space))
    lps = np.array([[2.0, 0, 0, -10], [0, -3, 0, 20], [0, 0, 4, 30]])
    np.testing.assert_allclose(image.affine[:3], lps * np.array(signs)[:, None])
    assert image.oriented


def test_without_a_space_nothing_is_said_about_a_patient(tmp_path: Path) -> None:
    path = nrrd(tmp_path / "a.nrrd", volume(), space="", space_directions="", space_origin="", spacings="2 3 4")
    image = read_image(path)
    assert image.spacing == (2, 3, 4)
    assert not image.oriented
    assert "position" in image.notes


def test_a_spacing_that_is_no_length_is_said(tmp_path: Path) -> None:
    fields = {"space": "", "space_directions": "", "space_origin": ""}
    image = read_image(nrrd(tmp_path / "a.nrrd", volume(), **fields, spacings="2 nan 4"))
    assert image.spacing == (2, 1, 4)
    assert image.notes["voxel size"] == "the spacing of an axis is not known; it is taken to be 1 mm"
    ends = {"axis_mins": "0 0 0", "axis_maxs": "10 12 8"}
    assert (
        "voxel size" not in read_image(nrrd(tmp_path / "b.nrrd", volume(), **fields, **ends, spacings="nan 3 4")).notes
    )


def test_an_origin_that_is_no_place_is_said(tmp_path: Path) -> None:
    image = read_image(nrrd(tmp_path / "a.nrrd", volume(), space_origin="(nan,20,30)"))
    assert image.affine[:3, 3].tolist() == [0, -20, 30]
    assert image.notes["origin"] == "the space origin (nan, 20, 30) is no place; 0 is taken for what is no number in it"


def test_big_endian(tmp_path: Path) -> None:
    path = nrrd(tmp_path / "a.nrrd", volume(), endian="big")
    np.testing.assert_array_equal(read_image(path).array, volume().byteswap())


def test_detached_voxels(tmp_path: Path) -> None:
    (tmp_path / "voxels.raw").write_bytes(volume().tobytes(order="F"))
    header = nrrd(tmp_path / "a.nhdr", volume(), data_file="voxels.raw")
    header.write_bytes(header.read_bytes().split(b"\n\n")[0] + b"\n")
    np.testing.assert_array_equal(read_image(header).array, volume())


@pytest.mark.parametrize("name", ["../voxels.raw", "/etc/passwd", "..\\voxels.raw", "C:\\voxels.raw"])
def test_a_header_cannot_choose_what_is_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "studies"
    folder.mkdir()
    (tmp_path / "voxels.raw").write_bytes(volume().tobytes(order="F"))
    with pytest.raises(ImageError, match="does not lie beside it"):
        read_image(nrrd(folder / "a.nhdr", volume(), data_file=name))


def test_frames_may_be_the_first_axis(tmp_path: Path) -> None:
    array = volume(shape=(2, 5, 4, 3))
    path = nrrd(
        tmp_path / "a.nrrd", array, kinds="list domain domain domain", space_directions="none (2,0,0) (0,-3,0) (0,0,4)"
    )
    image = read_image(path, 1)
    np.testing.assert_array_equal(image.array, array[1])
    assert image.frames == 2
    np.testing.assert_allclose(image.affine, AFFINE)


def test_colour(tmp_path: Path) -> None:
    array = volume("uint8", (3, 5, 4, 3))
    path = nrrd(
        tmp_path / "a.nrrd",
        array,
        kinds="RGB-color domain domain domain",
        space_directions="none (2,0,0) (0,-3,0) (0,0,4)",
    )
    image = read_image(path)
    assert image.channels == "rgb"
    np.testing.assert_array_equal(image.array, np.moveaxis(array, 0, -1))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"sizes": "5 4 2"}, "bytes follow"),
        ({"sizes": "5 4 4"}, "truncated"),
        ({"sizes": "50000 50000 50000"}, "lies"),
        ({"sizes": "5 4 -3"}, "damaged header"),
        ({"encoding": "zrl"}, "encoding"),
        ({"type": "block"}, "not numbers"),
        ({"kinds": "domain domain domain", "space_directions": "(0,0,0) (0,-3,0) (0,0,4)"}, "cannot be used"),
        ({"data_file": "slice%03d.raw 1 3 1"}, "the file 'slice001.raw', which does not exist"),
        ({"space_directions": "(nan,0,0) (0,-3,0) (0,0,4)"}, r"the direction of its axis 0 is \(nan, 0, 0\)"),
        ({"space_directions": "(2,0,0) (0,-3,0) (0,inf,4)"}, r"the direction of its axis 2 is \(0, inf, 4\)"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, fields: dict[str, str], why: str) -> None:
    with pytest.raises(ImageError, match=why):
        read_image(nrrd(tmp_path / "a.nrrd", volume(), **fields))


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
def test_cut_short(tmp_path: Path, encoding: str) -> None:
    path = nrrd(tmp_path / "a.nrrd", volume(), encoding)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(ImageError, match=r"a\.nrrd"):
        read_image(path)
