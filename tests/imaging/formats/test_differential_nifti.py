"""NIfTI in every variant of the fields that decide: as nibabel reads it, or refused by name.

Where nibabel and the format's reference code (nifti1_io.c, which ITK builds on) differ, the test says who is right.
"""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.imaging import read_image
from tests.imaging.formats.reference import agrees, is_refused, read_by_itk
from tests.imaging.samples import AFFINE, volume

OBLIQUE = nib.affines.from_matvec(
    nib.eulerangles.euler2mat(0.2, -0.3, 0.4) @ np.diag([2.0, 3.0, 4.0]), [-10.0, 20.0, 30.0]
)
# Where the fields lie in the header of either version: (offset, struct code).
AT = {
    1: {
        "dim0": (40, "h"),
        "dim": (42, "7h"),
        "datatype": (70, "h"),
        "bitpix": (72, "h"),
        "pixdim": (76, "4f"),
        "vox_offset": (108, "f"),
        "scl": (112, "2f"),
        "units": (123, "B"),
        "intent": (68, "h"),
        "qform_code": (252, "h"),
        "sform_code": (254, "h"),
        "quatern": (256, "3f"),
    },
    2: {
        "dim0": (16, "q"),
        "dim": (24, "7q"),
        "datatype": (12, "h"),
        "bitpix": (14, "h"),
        "pixdim": (104, "4d"),
        "vox_offset": (168, "q"),
        "scl": (176, "2d"),
        "units": (500, "i"),
        "intent": (504, "i"),
        "qform_code": (344, "i"),
        "sform_code": (348, "i"),
        "quatern": (352, "3d"),
    },
}


def written(
    path: Path, array: np.ndarray, affine: np.ndarray = OBLIQUE, order: str = "<", version: int = 1, forms: str = "sq"
) -> Path:
    pair = path.suffix in (".hdr", ".img")
    kinds = (nib.Nifti1Pair, nib.Nifti2Pair) if pair else (nib.Nifti1Image, nib.Nifti2Image)
    header = kinds[version - 1].header_class(endianness=order)
    header.set_data_dtype(array.dtype)
    header.set_data_shape(array.shape)
    image = kinds[version - 1](array, None, header)
    image.set_sform(affine if "s" in forms else None, int("s" in forms))
    image.set_qform(affine, int("q" in forms))
    nib.save(image, path)
    return path


def patched(path: Path, field: str, *values: float, order: str = "<", version: int = 1) -> Path:
    at, code = AT[version][field]
    raw = bytearray(path.read_bytes())
    struct.pack_into(order + code, raw, at, *values)
    path.write_bytes(raw)
    return path


def as_nibabel(path: Path) -> None:
    reference = nib.load(path)
    array = np.asarray(reference.dataobj)
    image = read_image(path)
    if array.ndim == 4:
        assert image.frames == array.shape[3]
        for frame in range(array.shape[3]):
            agrees(read_image(path, frame), array[..., frame], reference.affine)
    else:
        agrees(image, array, reference.affine)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("qfac", [1.0, -1.0, 0.0, 2.0, -3.0])
@pytest.mark.parametrize("forms", ["s", "q", "sq", ""])
def test_forms_and_qfac(tmp_path: Path, forms: str, qfac: float, version: int, order: str) -> None:
    path = written(tmp_path / "a.nii", volume(), order=order, version=version, forms=forms)
    as_nibabel(patched(path, "pixdim", qfac, 2, 3, 4, order=order, version=version))
    assert read_image(path).oriented == bool(forms)
    assert ("qfac" in read_image(path).notes) == (qfac not in (1, -1) and "q" in forms)


@pytest.mark.parametrize("forms", ["s", "q", ""])
@pytest.mark.parametrize(
    "sizes", [(-2, 3, 4), (2, -3, 4), (2, 3, -4), (-2, -3, -4), (0, 3, 4), (2, 0, 4), (2, 3, 0), (0, 0, 0), (0, -3, 4)]
)
def test_voxel_sizes_that_nibabel_repairs(tmp_path: Path, sizes: tuple[float, ...], forms: str) -> None:
    path = patched(written(tmp_path / "a.nii", volume(), forms=forms), "pixdim", 1, *sizes)
    as_nibabel(path)
    assert "voxel size" in read_image(path).notes


@pytest.mark.parametrize("field", ["sform_code", "qform_code"])
@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 6, 99, -1])
def test_codes(tmp_path: Path, field: str, code: int) -> None:
    path = patched(written(tmp_path / "a.nii", volume(), AFFINE), field, code)
    as_nibabel(path)
    assert (field[:5] in read_image(path).notes) == (not 0 <= code <= 5)


def test_neither_form_says_where_it_lies(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nii", volume(), forms="s")
    as_nibabel(patched(path, "sform_code", 99))
    assert not read_image(path).oriented


def test_forms_that_disagree(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nii", volume())
    as_nibabel(patched(path, "quatern", 0, 0, 0))  # nibabel and FSL prefer the sform; ITK would take the qform
    assert "position" in read_image(path).notes


@pytest.mark.parametrize("quaternion", [(0.8, 0.8, 0.0), (1.5, 0.0, 0.0), (0.0, 0.0, 2.0)])
def test_a_rotation_that_is_too_long_is_brought_to_1_as_the_reference_code_does(
    tmp_path: Path, quaternion: tuple[float, ...]
) -> None:
    path = patched(written(tmp_path / "a.nii", volume(), AFFINE, forms="q"), "quatern", *quaternion)
    with pytest.raises(ValueError, match="w2"):
        nib.load(path)  # nibabel raises; nifti_quatern_to_mat44 divides by the length, and ITK with it
    array, affine = read_by_itk(path)
    agrees(read_image(path), array, affine)
    assert "qform" in read_image(path).notes


TYPES = ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8", "c8", "c16", "rgb", "rgba"]
COLOURS = {"rgb": [("R", "u1"), ("G", "u1"), ("B", "u1")], "rgba": [(name, "u1") for name in "RGBA"]}


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.hdr"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", TYPES)
def test_types(tmp_path: Path, kind: str, order: str, name: str) -> None:
    dtype = np.dtype(COLOURS.get(kind, kind)) if kind in COLOURS else np.dtype(kind)
    array = np.zeros((5, 4, 3), dtype)
    for place, field in enumerate(dtype.names or []):
        array[field] = volume("u1") + place
    if not dtype.names:
        array[:] = volume("f8") - (20 if dtype.kind in "if" else 0)
    path = written(tmp_path / name, array, order=order)
    if dtype.kind == "c":
        return is_refused(path, "complex")
    if kind in COLOURS:
        reference = np.asarray(nib.load(path).dataobj)
        return agrees(read_image(path), np.stack([reference[field] for field in "RGB"], axis=-1), OBLIQUE)
    return as_nibabel(path)


@pytest.mark.parametrize("code", [0, 1, 3, 999, 1536, 1792, 2048])
def test_types_that_are_no_numbers_or_unknown(tmp_path: Path, code: int) -> None:
    path = patched(written(tmp_path / "a.nii", volume()), "datatype", code)
    is_refused(path, "voxel type|not numbers|complex|lies|truncated")


@pytest.mark.parametrize("bits", [0, 8, 32])
def test_bits_follow_from_the_type(tmp_path: Path, bits: int) -> None:
    path = patched(written(tmp_path / "a.nii", volume()), "bitpix", bits)
    as_nibabel(path)
    assert "bitpix" in read_image(path).notes


@pytest.mark.parametrize("kind", ["u1", "i2", "f4"])
@pytest.mark.parametrize("slope", [1, 0, np.nan, np.inf, -np.inf, 2, 0.5, -1])
@pytest.mark.parametrize("intercept", [0, 5, -1024, 0.25])
def test_rescaling(tmp_path: Path, kind: str, slope: float, intercept: float) -> None:
    as_nibabel(patched(written(tmp_path / "a.nii", volume(kind)), "scl", slope, intercept))


@pytest.mark.parametrize("intercept", [np.nan, np.inf])
def test_an_intercept_that_is_no_number(tmp_path: Path, intercept: float) -> None:
    path = patched(written(tmp_path / "a.nii", volume()), "scl", 2, intercept)
    is_refused(path, "scl_inter")
    as_nibabel(patched(path, "scl", 0, intercept))


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    "shape", [(5, 4), (5, 4, 1), (5, 4, 3), (5, 4, 3, 2), (5, 4, 1, 2), (1, 4, 3), (5, 1, 3), (1, 1, 1)]
)
def test_shapes(tmp_path: Path, shape: tuple[int, ...], version: int) -> None:
    as_nibabel(written(tmp_path / "a.nii", volume(shape=shape), version=version))


@pytest.mark.parametrize("version", [1, 2])
def test_axes_beyond_dim_0_are_not_looked_at(tmp_path: Path, version: int) -> None:
    path = written(tmp_path / "a.nii", volume(), version=version)
    as_nibabel(patched(path, "dim", 5, 4, 3, 7, 0, -1, 9, version=version))


@pytest.mark.parametrize(
    ("shape", "why"),
    [((5, 4, 3, 1, 3), "5 axes"), ((5, 4, 1, 2, 2), "5 axes"), ((7,), "one axis"), ((5, 4, 3, 2, 2, 2), "6 axes")],
)
def test_shapes_that_are_no_image(tmp_path: Path, shape: tuple[int, ...], why: str) -> None:
    is_refused(written(tmp_path / "a.nii", volume(shape=shape)), why)


@pytest.mark.parametrize("dim0", [0, 8, -3])
def test_a_number_of_axes_that_cannot_be(tmp_path: Path, dim0: int) -> None:
    is_refused(patched(written(tmp_path / "a.nii", volume()), "dim0", dim0), "damaged|axes|byte")


@pytest.mark.parametrize("units", [0, 1, 2, 3, 10, 18])
def test_units_change_no_number(tmp_path: Path, units: int) -> None:
    path = patched(written(tmp_path / "a.nii", volume()), "units", units)
    as_nibabel(path)  # ITK multiplies by 1000 or 0.001; nibabel, FSL and FreeSurfer keep the numbers
    assert ("units" in read_image(path).notes) == (units & 7 in (1, 3))


@pytest.mark.parametrize("intent", [0, 2, 1001, 1002, 1005, 1007, 2001, 2003])
def test_an_intent_changes_nothing_of_three_axes(tmp_path: Path, intent: int) -> None:
    as_nibabel(patched(written(tmp_path / "a.nii", volume()), "intent", intent))


@pytest.mark.parametrize("offset", [352, 356, 368, 400])
def test_where_the_voxels_begin(tmp_path: Path, offset: int) -> None:
    path = patched(written(tmp_path / "a.nii", volume()), "vox_offset", offset)
    raw = path.read_bytes()
    path.write_bytes(raw[:352] + b"\0" * (offset - 352) + raw[352:])
    as_nibabel(path)


@pytest.mark.parametrize("offset", [10, 300.5, -1, 1e9, np.nan])
def test_an_offset_that_cannot_be(tmp_path: Path, offset: float) -> None:
    is_refused(patched(written(tmp_path / "a.nii", volume()), "vox_offset", offset), "byte|lies|truncated")


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_compressed_file_reads_as_the_plain_one(tmp_path: Path, order: str) -> None:
    path = patched(written(tmp_path / "a.nii", volume(), order=order, forms="q"), "pixdim", 0, -2, 3, 4, order=order)
    (tmp_path / "a.nii.gz").write_bytes(gzip.compress(path.read_bytes()))
    as_nibabel(tmp_path / "a.nii.gz")


def test_one_slice_whose_sform_takes_no_third_step(tmp_path: Path) -> None:
    affine = OBLIQUE.copy()
    affine[:, 2] = 0
    path = written(tmp_path / "a.nii", volume(shape=(5, 4)), OBLIQUE, forms="s")
    raw = bytearray(path.read_bytes())
    struct.pack_into("<12f", raw, 280, *affine[:3].ravel())
    path.write_bytes(raw)
    image = read_image(path)
    np.testing.assert_allclose(image.affine[:, [0, 1, 3]], nib.load(path).affine[:, [0, 1, 3]], atol=1e-5)
    assert image.oriented
    assert np.linalg.det(image.affine) == pytest.approx(6, rel=1e-4)  # nibabel's own cannot be inverted
