"""Analyze 7.5, as nibabel reads it."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.imaging import read_image
from jlabel.imaging.label_files import read_label, write_label
from tests.imaging.formats.reference import agrees, is_refused
from tests.imaging.samples import volume

SIZES = np.diag([2.0, 3.0, 4.0, 1.0])


def written(path: Path, array: np.ndarray, order: str = "<", **fields: object) -> Path:
    header = nib.AnalyzeHeader(endianness=order)
    header.set_data_dtype(array.dtype.newbyteorder("="))
    nib.save(nib.AnalyzeImage(array, SIZES, header), path)
    if fields:
        spm = nib.Spm2AnalyzeHeader(path.read_bytes()[:348])
        for name, value in fields.items():
            spm[name] = value
        path.write_bytes(spm.binaryblock)
    return path


def as_nibabel(path: Path, frame: int = 0) -> None:
    reference = nib.load(path)
    array = np.asarray(reference.dataobj)
    array = array[..., frame] if array.ndim == 4 else array
    image = read_image(path, frame)
    agrees(image, array, reference.affine)
    assert not image.oriented
    assert "left and right" in image.notes["position"]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["uint8", "int16", "int32", "float32", "float64"])
def test_types(tmp_path: Path, kind: str, order: str) -> None:
    as_nibabel(written(tmp_path / "a.hdr", volume(kind), order))


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3), (5, 4, 3, 1), (5, 4, 3, 2)])
def test_shapes(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = written(tmp_path / "a.hdr", volume(shape=shape))
    image = read_image(path, 0)
    assert image.frames == (shape[3] if len(shape) > 3 else 1)
    np.testing.assert_array_equal(image.array, volume(shape=shape).reshape((*shape, 1, 1)[:4])[..., 0].squeeze())


@pytest.mark.parametrize("frame", [0, 1])
def test_frames(tmp_path: Path, frame: int) -> None:
    as_nibabel(written(tmp_path / "a.hdr", volume(shape=(5, 4, 3, 2))), frame)


@pytest.mark.parametrize("origin", [(0, 0, 0, 0, 0), (2, 3, 1, 0, 0), (30000, -30000, 1, 0, 0)])
def test_the_origin_of_spm(tmp_path: Path, origin: tuple[int, ...]) -> None:
    as_nibabel(written(tmp_path / "a.hdr", volume(), origin=origin))


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, 0), (2, 10), (0, 5), (np.nan, 5), (2, np.nan)])
def test_the_scale_of_spm(tmp_path: Path, slope: float, intercept: float) -> None:
    as_nibabel(written(tmp_path / "a.hdr", volume(), scl_slope=slope, scl_inter=intercept))


def test_a_range_for_a_display_changes_no_value(tmp_path: Path) -> None:
    path = written(tmp_path / "a.hdr", volume(), cal_max=1, cal_min=0, glmax=59, glmin=0)
    np.testing.assert_array_equal(read_image(path).array, volume())


@pytest.mark.parametrize("sizes", [(0, 0, 0), (np.nan, 1, 1), (-2, 3, 4)])
def test_voxel_sizes_that_are_none(tmp_path: Path, sizes: tuple[float, ...]) -> None:
    image = read_image(written(tmp_path / "a.hdr", volume(), pixdim=(0, *sizes, 0, 0, 0, 0)))
    assert np.isfinite(image.affine).all()
    assert abs(np.linalg.det(image.affine)) > 0.5


@pytest.mark.parametrize("name", ["a.img", "a.hdr"])
def test_either_half_may_be_asked_for(tmp_path: Path, name: str) -> None:
    written(tmp_path / "a.hdr", volume())
    np.testing.assert_array_equal(read_image(tmp_path / name).array, volume())


def test_both_halves_may_be_compressed(tmp_path: Path) -> None:
    written(tmp_path / "a.hdr", volume())
    for half in ("hdr", "img"):
        (tmp_path / f"a.{half}.gz").write_bytes(gzip.compress((tmp_path / f"a.{half}").read_bytes()))
        (tmp_path / f"a.{half}").unlink()
    np.testing.assert_array_equal(read_image(tmp_path / "a.hdr.gz").array, volume())


def test_damage_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "a.hdr", volume())
    (tmp_path / "a.img").write_bytes((tmp_path / "a.img").read_bytes()[:-1])
    is_refused(path, "truncated")
    (tmp_path / "a.img").unlink()
    is_refused(path, "a.img.*does not exist")
    is_refused(written(tmp_path / "b.hdr", volume(), dim=(3, 5, -4, 3, 0, 0, 0, 0)), "damaged header")
    is_refused(written(tmp_path / "c.hdr", volume(), datatype=1), "voxel")
    is_refused(written(tmp_path / "d.hdr", volume(), datatype=32), "complex")


def test_a_label_comes_back_in_its_place(tmp_path: Path) -> None:
    image = read_image(written(tmp_path / "a.hdr", volume(), origin=(2, 3, 1, 0, 0)))
    mask = (volume() % 3).astype(np.uint8)
    write_label(tmp_path / "label.nii.gz", mask, image)
    np.testing.assert_array_equal(read_label(tmp_path / "label.nii.gz", image), mask)
