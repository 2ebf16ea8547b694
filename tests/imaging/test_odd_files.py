"""Files that break readers: each loads as it should, or is refused for what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jlabel.errors import ImageError, LabelError
from jlabel.imaging import Image, read_image, read_label

CROP = (35, 51, 35)
PHOTO = (529, 622)

# What the array must look like: shape, type, number of frames.
LOADS: dict[str, tuple[tuple[int, ...], str, int]] = {
    "derived/2d_only.nii.gz": ((35, 51), "int16", 1),
    "derived/4d_3ch.nii.gz": (CROP, "int16", 3),
    "derived/4d_singleton.nii.gz": (CROP, "int16", 1),
    "derived/all_zero.nii.gz": (CROP, "int16", 1),
    "derived/base_int16.nii.gz": (CROP, "int16", 1),
    "derived/base_label_uint8.nii.gz": (CROP, "uint8", 1),
    "derived/big_endian.nii": (CROP, "int16", 1),
    "derived/big_endian.nii.gz": (CROP, "int16", 1),
    "derived/bilevel.png": (PHOTO, "uint8", 1),
    "derived/cmyk.jpg": ((*PHOTO, 3), "uint8", 1),
    "derived/constant.nii.gz": (CROP, "int16", 1),
    "derived/exif_rotate90.jpg": ((622, 529, 3), "uint8", 1),
    "derived/float32.tif": (PHOTO, "float32", 1),
    "derived/float64.nii.gz": (CROP, "float32", 1),
    "derived/gray16.png": (PHOTO, "uint16", 1),
    "derived/gray8.png": (PHOTO, "uint8", 1),
    "derived/gz_named_nii.nii": (CROP, "uint8", 1),
    "derived/gz_trailing_garbage.nii.gz": (CROP, "uint8", 1),
    "derived/int64.nii.gz": (CROP, "int64", 1),
    "derived/it's 100% #1.nii.gz": (CROP, "int16", 1),
    "derived/jpeg_named_png.png": ((*PHOTO, 3), "uint8", 1),
    "derived/label_affine_eps.nii.gz": (CROP, "uint8", 1),
    "derived/label_affine_shift3mm.nii.gz": (CROP, "uint8", 1),
    "derived/label_empty.nii.gz": (CROP, "uint8", 1),
    "derived/label_float32.nii.gz": (CROP, "float32", 1),
    "derived/label_fractional.nii.gz": (CROP, "float32", 1),
    "derived/label_int64.nii.gz": (CROP, "int64", 1),
    "derived/label_mha.mha": (CROP, "uint8", 1),
    "derived/label_negative.nii.gz": (CROP, "int16", 1),
    "derived/label_noncontiguous_uint16.nii.gz": (CROP, "uint16", 1),
    "derived/label_nrrd.nrrd": (CROP, "uint8", 1),
    "derived/label_onehot_4d.nii.gz": (CROP, "uint8", 3),
    "derived/label_shape_minus1.nii.gz": ((34, 51, 35), "uint8", 1),
    "derived/label_transposed.nii.gz": (CROP, "uint8", 1),
    "derived/mha.mha": (CROP, "int16", 1),
    "derived/mhd.mhd": (CROP, "int16", 1),
    "derived/multi.tif": ((*PHOTO, 3), "uint8", 2),
    "derived/nan_inf_float32.nii.gz": (CROP, "float32", 1),
    "derived/naïve fïle (1) — copy.nii.gz": (CROP, "int16", 1),
    "derived/nhdr.nhdr": (CROP, "int16", 1),
    "derived/nifti2.nii.gz": (CROP, "int16", 1),
    "derived/no_form_codes.nii.gz": (CROP, "int16", 1),
    "derived/nrrd.nrrd": (CROP, "int16", 1),
    "derived/oblique.mha": (CROP, "int16", 1),
    "derived/oblique.nrrd": (CROP, "int16", 1),
    "derived/oblique_anisotropic.nii.gz": (CROP, "int16", 1),
    "derived/oblique_anisotropic_label.nii.gz": (CROP, "uint8", 1),
    "derived/orient_LPS.nii.gz": (CROP, "int16", 1),
    "derived/orient_LPS_label.nii.gz": (CROP, "uint8", 1),
    "derived/orient_PIR.nii.gz": ((51, 35, 35), "int16", 1),
    "derived/orient_PIR_label.nii.gz": ((51, 35, 35), "uint8", 1),
    "derived/orient_SAL.nii.gz": (CROP, "int16", 1),
    "derived/orient_SAL_label.nii.gz": (CROP, "uint8", 1),
    "derived/pair.hdr": (CROP, "int16", 1),
    "derived/pair.img": (CROP, "int16", 1),
    "derived/palette.png": ((*PHOTO, 3), "uint8", 1),
    "derived/qform_only.nii.gz": (CROP, "int16", 1),
    "derived/rgb24.nii.gz": ((*CROP, 3), "uint8", 1),
    "derived/rgba.png": ((*PHOTO, 3), "uint8", 1),
    "derived/scaled_slope0.5_inter-1024.nii.gz": (CROP, "float32", 1),
    "derived/sform_qform_mismatch.nii.gz": (CROP, "int16", 1),
    "derived/sheared_sform.nii.gz": (CROP, "int16", 1),
    "derived/single_slice.nii.gz": ((35, 51, 1), "int16", 1),
    "derived/stack_float.tif": ((51, 35, 35), "float32", 1),
    "derived/uint32.nii.gz": (CROP, "uint32", 1),
    "derived/uncompressed_named_gz.nii.gz": (CROP, "uint8", 1),
    "derived/zero_pixdim_noforms.nii": (CROP, "uint8", 1),
    "real/BallBinary30x30x30.nhdr": ((30, 30, 30), "int16", 1),
    "real/BallBinary30x30x30.nrrd": ((30, 30, 30), "int16", 1),
    "real/BallBinary30x30x30_bz2.nrrd": ((30, 30, 30), "int16", 1),
    "real/BallBinary30x30x30_gz.nrrd": ((30, 30, 30), "int16", 1),
    "real/dipy_S0_10slices.nii.gz": ((128, 128, 10), "uint16", 1),
    "real/dipy_small_64D.nii": ((10, 10, 10), "int16", 65),
    "real/nibabel_anatomical.nii": ((33, 41, 25), "int16", 1),
    "real/nibabel_example4d.nii.gz": ((128, 96, 24), "int16", 2),
    "real/nibabel_example_nifti2.nii.gz": ((32, 20, 12), "int16", 2),
    "real/nibabel_functional.nii": ((17, 21, 3), "float32", 20),
    "real/nibabel_reoriented_anat_moved.nii": ((21, 26, 22), "float32", 1),
    "real/nibabel_standard.nii.gz": ((4, 5, 7), "uint8", 1),
    "real/nibabel_test.mgz": ((3, 4, 5), "float32", 2),
    "real/niivue_FLAIR.nrrd": ((124, 160, 140), "uint8", 1),
    "real/niivue_ct_perfusion.nii.gz": ((256, 286, 15, 3), "uint8", 1),
    "real/niivue_enh.dcm": ((64, 64, 6), "uint16", 1),
    "real/niivue_hippo.nii.gz": ((91, 109, 91), "float32", 1),
    "real/niivue_labels256.nii.gz": ((256, 256, 256), "uint8", 1),
    "real/niivue_lesion.nii.gz": ((124, 160, 140), "uint8", 1),
    "real/niivue_low_res.nii.gz": ((7, 5, 3), "uint8", 1),
    "real/niivue_mha.mha": ((64, 64, 37), "int16", 1),
    "real/niivue_minimal.nii.gz": ((64, 64, 10), "uint8", 1),
    "real/niivue_pcasl.nii.gz": ((52, 68, 20), "int16", 10),
    "real/niivue_shear.nii.gz": ((306, 422, 54), "float32", 1),
    "real/niivue_space_ASL.nii.gz": ((79, 67, 64), "float32", 1),
    "real/niivue_space_LAS.nii.gz": ((64, 79, 67), "float32", 1),
    "real/niivue_space_LPS.nii.gz": ((64, 79, 67), "float32", 1),
    "real/niivue_space_PIR.nii.gz": ((79, 67, 64), "float32", 1),
    "real/niivue_space_RAS.nii.gz": ((64, 79, 67), "float32", 1),
    "real/niivue_space_SRP.nii.gz": ((67, 64, 79), "float32", 1),
    "real/niivue_spmMotor.nii.gz": ((79, 95, 79), "float32", 1),
    "real/niivue_torsoLabel.nii.gz": ((384, 320, 89), "uint8", 1),
    "real/niivue_wm.mgz": ((256, 256, 256), "uint8", 1),
    "real/pydicom_CT_small.dcm": ((128, 128, 1), "int16", 1),
    "real/pydicom_JPEG-lossy.dcm": ((256, 1024), "uint16", 1),
    "real/pydicom_JPEG2000.dcm": ((256, 1024), "int16", 1),
    "real/pydicom_MR_small_RLE.dcm": ((64, 64, 1), "int16", 1),
    "real/pydicom_MR_small_bigendian.dcm": ((64, 64, 1), "int16", 1),
    "real/pydicom_MR_small_jpeg_ls_lossless.dcm": ((64, 64, 1), "int16", 1),
    "real/pydicom_SC_rgb_rle_2frame.dcm": ((100, 100, 3), "uint8", 2),
    "real/pydicom_examples_palette.dcm": ((800, 350, 3), "uint8", 1),
    "real/pydicom_examples_rgb_color.dcm": ((320, 240, 3), "uint8", 1),
    "real/totalseg_heart_wrong_grid.nii.gz": ((233, 167, 191), "uint8", 1),
    "real/totalseg_rgb_spine_report.nii.gz": ((1201, 1244, 1, 3), "uint8", 1),
}

# What the error must say.
REFUSED: dict[str, str] = {
    "derived/5d_vector.nii.gz": "5 axes",
    "derived/bad_datatype.nii": "voxel type 9999",
    "derived/complex64.nii.gz": "complex numbers",
    "derived/gz_bad_crc.nii.gz": "damaged",
    "derived/header_only.nii": "truncated",
    "derived/lying_dims.nii": "header lies",
    "derived/mhd.raw": "not supported",
    "derived/nhdr.raw": "not supported",
    "derived/text_not_nifti.nii.gz": "looks like text",
    "derived/truncated.jpg": "cut short",
    "derived/truncated_data.nii": "truncated",
    "derived/truncated_gz.nii.gz": "truncated",
    "derived/vtk.vtk": "not supported",
    "derived/zero_bytes.nii.gz": "is empty",
    "real/BallBinary30x30x30.raw": "not supported",
    "real/nibabel_minc1_1_scale.mnc": "not supported",
    "real/nibabel_nifti1.hdr": "'nibabel_nifti1.img' does not exist",
    "real/niivue_RAS.mif": "not supported",
    "real/niivue_complex_image.nii.gz": "complex numbers",
    "real/niivue_mask_1bit.mif": "not supported",
    "real/niivue_scaled+tlrc.BRIK.gz": "not supported",
    "real/niivue_scaled+tlrc.HEAD": "not supported",
    "real/pydicom_MR_truncated.dcm": "cut short",
    "real/pydicom_badVR.dcm": "NumberOfFrames is '1A'",
    "real/pydicom_liver_1frame.dcm": "segmentation",
    "real/pydicom_no_meta.dcm": "is not DICOM",
    "real/pydicom_rtstruct.dcm": "contours",
}

# How many voxels a label marks in the crop that the files are made of, or what the error says.
LABELS: dict[str, int | str] = {
    "base_label_uint8.nii.gz": 2948,
    "label_affine_eps.nii.gz": 2948,
    "label_affine_shift3mm.nii.gz": "not in the grid",
    "label_empty.nii.gz": 0,
    "label_float32.nii.gz": 2948,
    "label_fractional.nii.gz": "no whole number",
    "label_int64.nii.gz": 2948,
    "label_mha.mha": 2948,
    "label_negative.nii.gz": "negative values",
    "label_noncontiguous_uint16.nii.gz": 2948,
    "label_nrrd.nrrd": 2948,
    "label_onehot_4d.nii.gz": "one-hot",
    "label_shape_minus1.nii.gz": "not in the grid",
}


def told(path: Path) -> Image | str:
    """The image, or the reason why there is none."""
    try:
        return read_image(path)
    except ImageError as error:
        return error.reason


def described(outcome: Image | str) -> object:
    return outcome if isinstance(outcome, str) else (outcome.array.shape, str(outcome.array.dtype), outcome.frames)


def test_every_file_loads_or_is_refused(shared_data: Path) -> None:
    folder = shared_data / "odd_files"
    there = {f"{path.parent.name}/{path.name}": told(path) for path in folder.glob("*/*")}
    assert there.keys() >= LOADS.keys() | REFUSED.keys()
    assert all(isinstance(outcome, Image) or outcome for outcome in there.values())


def test_good_files_load(shared_data: Path) -> None:
    found = {name: described(told(shared_data / "odd_files" / name)) for name in LOADS}
    assert found == LOADS


def test_bad_files_are_refused_for_what_is_wrong(shared_data: Path) -> None:
    found = {name: told(shared_data / "odd_files" / name) for name in REFUSED}
    wrong = {name: found[name] for name, why in REFUSED.items() if why not in str(found[name])}
    assert wrong == {}


def test_one_crop_in_many_formats_is_one_image(shared_data: Path) -> None:
    folder = shared_data / "odd_files" / "derived"
    base = read_image(folder / "base_int16.nii.gz")
    for name in ("nrrd.nrrd", "nhdr.nhdr", "mha.mha", "mhd.mhd", "pair.hdr", "big_endian.nii", "nifti2.nii.gz"):
        image = read_image(folder / name)
        np.testing.assert_array_equal(image.array, base.array, err_msg=name)
        np.testing.assert_allclose(image.affine, base.affine, atol=1e-5, err_msg=name)


def test_one_oblique_crop_in_three_formats_lies_in_one_place(shared_data: Path) -> None:
    folder = shared_data / "odd_files" / "derived"
    affines = [read_image(folder / f"oblique{rest}").affine for rest in ("_anisotropic.nii.gz", ".nrrd", ".mha")]
    np.testing.assert_allclose(affines[1], affines[0], atol=1e-4)
    np.testing.assert_allclose(affines[2], affines[0], atol=1e-4)


def test_turned_crops_show_the_same_voxel_at_the_same_place(shared_data: Path) -> None:
    folder = shared_data / "odd_files" / "derived"
    base = read_image(folder / "base_int16.nii.gz")
    for code in ("LPS", "PIR", "SAL"):
        turned = read_image(folder / f"orient_{code}.nii.gz")
        assert turned.axis_codes == code
        brightest = np.unravel_index(int(np.argmax(turned.array)), turned.shape)
        place = np.rint(np.linalg.inv(base.affine) @ turned.affine @ [*brightest, 1])[:3].astype(int)
        assert base.array[tuple(place)] == turned.array.max()


def test_labels(shared_data: Path) -> None:
    folder = shared_data / "odd_files" / "derived"
    image = read_image(folder / "base_int16.nii.gz")
    wrong = {}
    for name, expected in LABELS.items():
        try:
            found: object = int(np.count_nonzero(read_label(folder / name, image)))
        except LabelError as error:
            found = str(error)
        if found != expected and not (isinstance(expected, str) and expected in str(found)):
            wrong[name] = found
    assert wrong == {}
