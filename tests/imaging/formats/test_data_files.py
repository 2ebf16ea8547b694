"""Voxels in several files: as SimpleITK reads them, or refused by what is wrong."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jlabel.imaging import read_image
from tests.imaging.formats.reference import agrees, is_refused, read_by_itk
from tests.imaging.formats.test_differential_metaimage import written as metaimage
from tests.imaging.formats.test_differential_nrrd import spaced
from tests.imaging.formats.test_differential_nrrd import written as nrrd
from tests.imaging.samples import volume

NAMES = ["slice1.raw", "slice2.raw", "slice3.raw"]


def slices(folder: Path, names: list[str] = NAMES, pack: Callable[[bytes], bytes] = bytes) -> list[str]:
    """A file for each slice of the volume."""
    for name, one in zip(names, np.moveaxis(volume(), -1, 0), strict=True):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(pack(one.tobytes(order="F")))
    return names


def mhd(folder: Path, data_file: str, below: str = "", **fields: str | None) -> Path:
    return metaimage(folder / "a.mhd", volume(), data=below.encode(), ElementDataFile=data_file, **fields)


def nhdr(folder: Path, data_file: str, below: str = "", **fields: str | None) -> Path:
    """A header whose last line is that of the data files."""
    path = nrrd(folder / "a.nhdr", volume(), **spaced(**fields))
    head = path.read_bytes().partition(b"\n\n")[0].decode()
    path.write_text(f"{head}\ndata file: {data_file}\n{below}")
    return path


def as_itk(path: Path, array: np.ndarray | None = None) -> None:
    found, affine = read_by_itk(path)
    agrees(read_image(path), found, affine)
    np.testing.assert_array_equal(found, volume() if array is None else array)


@pytest.mark.parametrize("header", [mhd, nhdr])
@pytest.mark.parametrize("list_of", ["LIST", "LIST 2"])
@pytest.mark.parametrize("names", [NAMES, ["c.raw", "a.raw", "b.raw"], ["in/1.raw", "in/2.raw", "in/3.raw"]])
def test_a_list_in_the_order_in_which_it_stands(tmp_path: Path, header, list_of: str, names: list[str]) -> None:
    as_itk(header(tmp_path, list_of, "\n".join(slices(tmp_path, names)) + "\n"))


@pytest.mark.parametrize("header", [mhd, nhdr])
@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("slice%d.raw 1 3 1", NAMES),
        ("s%03d.raw 8 12 2", ["s008.raw", "s010.raw", "s012.raw"]),
        ("s%d.raw 0 2 1", ["s0.raw", "s1.raw", "s2.raw"]),
    ],
)
def test_a_pattern(tmp_path: Path, header, pattern: str, names: list[str]) -> None:
    slices(tmp_path, names)
    as_itk(header(tmp_path, pattern))


def test_a_pattern_that_counts_down(tmp_path: Path) -> None:
    slices(tmp_path, ["s3.raw", "s2.raw", "s1.raw"])
    as_itk(nhdr(tmp_path, "s%d.raw 3 1 -1"))


def test_a_pattern_with_spaces(tmp_path: Path) -> None:
    slices(tmp_path, ["my slice 1.raw", "my slice 2.raw", "my slice 3.raw"])
    agrees(read_image(nhdr(tmp_path, "my slice %d.raw 1 3 1 2")), volume())


def test_slabs_that_share_the_last_axis(tmp_path: Path) -> None:
    array = volume(shape=(5, 4, 6))
    whole = array.tobytes(order="F")
    for number in range(2):
        (tmp_path / f"s{number}.raw").write_bytes(whole[number * 120 : (number + 1) * 120])
    as_itk(nhdr(tmp_path, "LIST 3", "s0.raw\ns1.raw\n", sizes="5 4 6"), array)


def test_each_file_may_be_compressed(tmp_path: Path) -> None:
    slices(tmp_path, pack=gzip.compress)
    as_itk(nhdr(tmp_path, "slice%d.raw 1 3 1", encoding="gzip"))
    slices(tmp_path, pack=zlib.compress)
    path = mhd(tmp_path, "slice%d.raw 1 3 1", CompressedData="True")
    agrees(read_image(path), volume())  # SimpleITK wants the packed size of each file, which a header cannot give


@pytest.mark.parametrize("skip", ["3", "-1"])
def test_each_file_may_begin_with_something_else(tmp_path: Path, skip: str) -> None:
    slices(tmp_path, pack=lambda raw: b"abc" + raw)
    as_itk(nhdr(tmp_path, "slice%d.raw 1 3 1", byte_skip=skip))
    as_itk(mhd(tmp_path, "slice%d.raw 1 3 1", HeaderSize=skip))


@pytest.mark.parametrize("header", [mhd, nhdr])
@pytest.mark.parametrize(
    ("data_file", "below", "why"),
    [
        ("LIST", "slice1.raw\nslice2.raw\n", "2 data files, where its 3 axes need 3"),
        ("LIST 1", "slice1.raw\nslice2.raw\nslice3.raw\n", "need 12"),
        ("LIST 9", "slice1.raw\n", "damaged header"),
        ("LIST two", "slice1.raw\n", "no whole number"),
        ("LIST", "slice1.raw\n../outside.raw\nslice3.raw\n", "beside it"),
        ("LIST", "slice1.raw\n/etc/hostname\nslice3.raw\n", "beside it"),
        ("../%d.raw 1 3 1", "", "beside it"),
        ("slice%d.raw 1 4 1", "", "4 data files"),
        ("slice%d.raw 1 3 0", "", "without end"),
        ("slice%d.raw 1 999999999 1", "", "without end"),
        ("slice%d.raw 1 3", "", "pattern"),
        ("slice%s.raw 1 3 1", "", "pattern"),
        ("slice%d%n.raw 1 3 1", "", "pattern"),
        ("%" + " " * 100_000 + "1 3", "", "pattern"),
        ("slice%d.raw 2 4 1", "", "'slice4.raw', which does not exist"),
    ],
)
def test_what_names_no_files_is_refused(tmp_path: Path, header, data_file: str, below: str, why: str) -> None:
    slices(tmp_path)
    is_refused(header(tmp_path, data_file, below), why)


@pytest.mark.parametrize("header", [mhd, nhdr])
def test_a_slice_that_is_cut_short_or_too_long(tmp_path: Path, header) -> None:
    slices(tmp_path)
    path = header(tmp_path, "slice%d.raw 1 3 1")
    good = (tmp_path / "slice2.raw").read_bytes()
    (tmp_path / "slice2.raw").write_bytes(good[:-1])
    is_refused(path, "truncated")
    (tmp_path / "slice2.raw").write_bytes(good + b"x")
    is_refused(path, "slice2.raw.*bytes follow the voxels")
