"""NIfTI: what is read, what is noted and what is refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging import read_image, write_label
from tests.imaging.samples import AFFINE, nifti, volume


def rewritten(path: Path, at: int, data: bytes) -> Path:
    raw = bytearray(path.read_bytes())
    raw[at : at + len(data)] = data
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.hdr", "a.img"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", ">i2", "uint32", "float32"])
def test_voxels_come_as_nibabel_gives_them(tmp_path: Path, name: str, dtype: str) -> None:
    path = tmp_path / name
    header = nib.Nifti1Header(endianness=">" if dtype.startswith(">") else "<")
    header.set_data_dtype(dtype)
    nib.save((nib.Nifti1Pair if name[2:] in ("hdr", "img") else nib.Nifti1Image)(volume(dtype), AFFINE, header), path)
    image = read_image(path)
    np.testing.assert_array_equal(image.array, volume(dtype))
    np.testing.assert_allclose(image.affine, AFFINE)
    assert image.array.dtype == np.dtype(dtype).newbyteorder("=")
    assert image.array.flags.f_contiguous
    assert image.axis_codes == "LAS"
    assert image.path == path


def test_nifti_2(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_image(nifti(tmp_path / "a.nii", volume(), version=2)).array, volume())


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("frame", [0, 2, 4])
def test_one_frame_of_a_4d_file(tmp_path: Path, name: str, frame: int) -> None:
    array = volume(shape=(4, 3, 2, 5))
    image = read_image(nifti(tmp_path / name, array), frame)
    np.testing.assert_array_equal(image.array, array[..., frame])
    assert (image.frame, image.frames) == (frame, 5)


def test_a_frame_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="has 1 frame, so there is no frame 1"):
        read_image(nifti(tmp_path / "a.nii", volume()), 1)


@pytest.mark.parametrize(("shape", "kept"), [((5, 4), (5, 4)), ((5, 4, 1), (5, 4, 1)), ((5, 4, 3, 1, 1), (5, 4, 3))])
def test_trailing_axes_of_one_are_dropped_beyond_three(
    tmp_path: Path, shape: tuple[int, ...], kept: tuple[int, ...]
) -> None:
    assert read_image(nifti(tmp_path / "a.nii", volume(shape=shape))).shape == kept


@pytest.mark.parametrize(
    ("slope", "intercept", "expected"),
    [(1, -1024, "int16"), (2, 0, "int16"), (1000, 0, "uint16"), (10000, 0, "int32"), (0.5, 1, "float32")],
)
def test_scaled_voxels_stay_whole_where_they_can(tmp_path: Path, slope: float, intercept: float, expected: str) -> None:
    path = nifti(tmp_path / "a.nii", volume())
    rewritten(path, 112, np.array([slope, intercept], "<f4").tobytes())
    image = read_image(path)
    assert image.array.dtype == expected
    np.testing.assert_allclose(image.array, volume("float64") * slope + intercept)


def test_doubles_become_floats_and_odd_ones_are_counted(tmp_path: Path) -> None:
    array = volume("float64")
    array[0, 0, 0], array[1, 0, 0] = np.nan, np.inf
    image = read_image(nifti(tmp_path / "a.nii", array))
    assert image.array.dtype == np.float32
    assert np.isnan(image.array[0, 0, 0])
    assert image.notes["intensities"].startswith("2 of 60 voxels are not finite (NaN or infinite)")


@pytest.mark.parametrize("channels", ["RGB", "RGBA"])
def test_colour(tmp_path: Path, channels: str) -> None:
    array = np.zeros((4, 3, 2), dtype=[(name, "u1") for name in channels])
    array["G"] = 7
    image = read_image(nifti(tmp_path / "a.nii", array))
    assert (image.channels, image.shape, image.array.shape) == ("rgb", (4, 3, 2), (4, 3, 2, 3))
    assert np.unique(image.array[..., 1]).tolist() == [7]
    assert ("colour" in image.notes) == (channels == "RGBA")


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((3, 3, 3), np.complex64), "complex"),
        (np.zeros((3, 3, 3, 1, 3), np.float32), "5 axes"),
        (np.zeros((3, 3, 3, 2, 2), np.float32), "5 axes"),
        (np.zeros(7, np.float32), "one axis"),
    ],
)
def test_what_is_no_image_is_refused(tmp_path: Path, array: np.ndarray, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        read_image(nifti(tmp_path / "a.nii", array))


def test_a_sheared_affine_is_kept(tmp_path: Path) -> None:
    sheared = AFFINE + np.array([[0, 0.6, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_allclose(read_image(nifti(tmp_path / "a.nii", volume(), sheared)).affine, sheared, atol=1e-6)


def test_forms_that_disagree_are_noted_and_the_sform_wins(tmp_path: Path) -> None:
    image = nib.Nifti1Image(volume(), AFFINE)
    image.set_qform(np.diag([2.0, 3, 4, 1]), 1)
    nib.save(image, tmp_path / "a.nii")
    read = read_image(tmp_path / "a.nii")
    np.testing.assert_allclose(read.affine, AFFINE)
    assert "sform" in read.notes["position"]


def test_a_file_that_says_nothing_about_position_is_usable_and_says_so(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii", volume())
    rewritten(path, 76, b"\0" * 32)  # voxel sizes
    rewritten(path, 252, b"\0" * 4)  # form codes
    image = read_image(path)
    assert image.spacing == (1, 1, 1)
    assert not image.oriented
    assert {"position", "voxel size"} <= set(image.notes)


def test_an_sform_that_cannot_be_used_is_passed_over(tmp_path: Path) -> None:
    path = rewritten(nifti(tmp_path / "a.nii", volume()), 280, np.full(12, np.nan, "<f4").tobytes())
    image = read_image(path)
    assert np.isfinite(image.affine).all()
    assert "sform" in image.notes


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz"])
@pytest.mark.parametrize("x", [4, 6, 32000, 0, -5])
def test_a_header_that_lies_about_the_size(tmp_path: Path, name: str, x: int) -> None:
    path = nifti(tmp_path / "a.nii", volume())
    raw = rewritten(path, 42, np.array([x], "<i2").tobytes()).read_bytes()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    with pytest.raises(ImageError, match=name):
        read_image(tmp_path / name)


def test_the_size_is_checked_before_memory_is_taken(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii", volume())
    dims = np.array([3, 30000, 30000, 30000], "<i2").tobytes()
    path = rewritten(path, 40, dims)
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(path.read_bytes()))
    for lying in (path, tmp_path / "b.nii.gz"):
        with pytest.raises(ImageError, match="lies"):
            read_image(lying)


def test_a_wrong_checksum_or_length_of_gzip(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii.gz", volume())
    good = path.read_bytes()
    for at in (-8, -4):
        path.write_bytes(good)
        rewritten(path, len(good) + at, bytes([good[at] ^ 1]))
        with pytest.raises(ImageError, match="damaged"):
            read_image(path)


def test_gzip_in_several_members(tmp_path: Path) -> None:
    raw = nifti(tmp_path / "a.nii", volume()).read_bytes()
    # An empty member first, and one that ends within the header, as programs write them that pack in blocks.
    for parts in ([raw[:400], raw[400:]], [b"", raw], [raw[:100], raw[100:200], raw[200:]]):
        (tmp_path / "a.nii.gz").write_bytes(b"".join(map(gzip.compress, parts)))
        np.testing.assert_array_equal(read_image(tmp_path / "a.nii.gz").array, volume())


def test_a_gzip_header_that_is_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    packed = gzip.compress(nifti(tmp_path / "a.nii", volume()).read_bytes())
    named = packed[:3] + b"\x08" + packed[4:10] + b"x" * 5000 + b"\0" + packed[10:]
    (tmp_path / "a.nii.gz").write_bytes(named)
    np.testing.assert_array_equal(read_image(tmp_path / "a.nii.gz").array, volume())


def test_something_after_the_gzip_data_is_noted(tmp_path: Path) -> None:
    path = nifti(tmp_path / "a.nii.gz", volume())
    path.write_bytes(path.read_bytes() + b"garbage")
    image = read_image(path)
    np.testing.assert_array_equal(image.array, volume())
    assert "file" in image.notes


def test_a_pair_without_its_second_half(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Pair(volume(), AFFINE), tmp_path / "a.hdr")
    (tmp_path / "a.img").unlink()
    with pytest.raises(ImageError, match=r"a\.hdr: its file 'a\.img' does not exist"):
        read_image(tmp_path / "a.hdr")


def test_sizes_in_another_unit_are_noted(tmp_path: Path) -> None:
    image = read_image(nifti(tmp_path / "a.nii", volume(), xyzt_units=3))
    assert "micrometres" in image.notes["units"]


@pytest.mark.parametrize(("at", "value", "note"), [(76, 0.0, "qfac"), (80, -2.0, "voxel size")])
def test_a_qform_that_nibabel_repairs_places_the_image_and_its_label(
    tmp_path: Path, at: int, value: float, note: str
) -> None:
    affine = np.array([[2, 0, 0, -10], [0, 3, 0, -20], [0, 0, 4, -30], [0, 0, 0, 1.0]])
    made = nib.Nifti1Image(volume(), affine)
    made.set_sform(None, 0)
    made.set_qform(affine, 1)
    nib.save(made, tmp_path / "a.nii")
    image = read_image(rewritten(tmp_path / "a.nii", at, np.float32(value).tobytes()))
    np.testing.assert_allclose(image.affine, affine)
    assert (image.axis_codes, image.oriented) == ("RAS", True)
    assert note in image.notes
    write_label(tmp_path / "label.nii.gz", image.array > 5, image)
    np.testing.assert_allclose(nib.load(tmp_path / "label.nii.gz").affine, affine)


def test_a_form_that_cannot_be_used_says_nothing_of_left_and_right(tmp_path: Path) -> None:
    path = rewritten(nifti(tmp_path / "a.nii", volume()), 280, np.full(12, np.nan, "<f4").tobytes())
    assert not read_image(path).oriented
