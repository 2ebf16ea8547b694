"""DICOM series and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging import is_dicom_folder, read_image
from jlabel.imaging.formats.dicom_objects import DOSE
from jlabel.imaging.intensity import intensities
from tests.imaging.dicom_samples import groups, place, plane, save
from tests.imaging.samples import dicom, nifti, volume

ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"

VOLUME = volume("int16", (5, 6, 4))


def series(folder: Path, heights: list[float], **tags: object) -> Path:
    """Slices of VOLUME, named against their order."""
    folder.mkdir(exist_ok=True)
    for index, height in enumerate(heights):
        name = f"IM{len(heights) - index:03d}"
        pixels = np.ascontiguousarray(VOLUME[:, :, index % 4].T)
        dicom(folder / name, pixels, (-10, 20, height), SOPInstanceUID=f"1.2.{index + 1}", **tags)
    return folder


def test_slices_are_sorted_by_position(tmp_path: Path) -> None:
    image = read_image(series(tmp_path / "s", [30, 34, 38, 42]))
    np.testing.assert_array_equal(image.array, VOLUME)
    np.testing.assert_allclose(image.affine, np.array([[-2.0, 0, 0, 10], [0, -3, 0, -20], [0, 0, 4, 30], [0, 0, 0, 1]]))
    assert image.oriented
    assert image.path == tmp_path / "s"


def test_slices_downwards_come_upwards(tmp_path: Path) -> None:
    image = read_image(series(tmp_path / "s", [42, 38, 34, 30]))
    np.testing.assert_array_equal(image.array, VOLUME[:, :, ::-1])
    assert image.affine[2, 3] == 30


def test_a_tilted_gantry_gives_a_sheared_grid(tmp_path: Path) -> None:
    for index in range(3):
        dicom(tmp_path / f"{index}.dcm", volume("int16", (6, 5)), (0, index * 1.5, index * 4))
    np.testing.assert_allclose(read_image(tmp_path).affine[:3, 2], [0, -1.5, 4])


def test_ct_numbers_stay_integers(tmp_path: Path) -> None:
    image = read_image(series(tmp_path / "s", [0, 4, 8], RescaleSlope=1, RescaleIntercept=-1024))
    assert image.array.dtype == np.int16
    np.testing.assert_array_equal(image.array, VOLUME[:, :, :3] - 1024)


def test_each_slice_may_have_its_own_scale(tmp_path: Path) -> None:
    for index in range(2):
        pixels = np.ascontiguousarray(VOLUME[:, :, index].T)
        dicom(tmp_path / f"{index}", pixels, (0, 0, index), RescaleSlope=index + 1, RescaleIntercept=0)
    np.testing.assert_array_equal(read_image(tmp_path).array[..., 1], VOLUME[:, :, 1] * 2)


@pytest.mark.parametrize(
    ("heights", "why"),
    [
        ([0, 4, 12, 16], "missing slices: between IM003 and IM002 lie 8 mm, elsewhere 4 mm"),
        ([0, 4, 5, 8, 12], "unevenly spaced|missing"),
        ([0, 4, 4, 8], "slices in one place"),
    ],
)
def test_a_series_with_gaps_is_refused(tmp_path: Path, heights: list[float], why: str) -> None:
    with pytest.raises(ImageError, match=why):
        read_image(series(tmp_path / "s", heights))


def test_several_series_are_named_and_each_can_be_read(tmp_path: Path) -> None:
    series(tmp_path / "s", [0, 4], SeriesDescription="arterial")
    for height in (0, 4, 8):
        pixels = np.full((6, 5), height, np.int16)
        tags = {"SeriesInstanceUID": "9.9", "SeriesDescription": "<b>venous"}
        dicom(tmp_path / "s" / f"x{height}", pixels, (0, 0, height), **tags)
    with pytest.raises(ImageError, match=r"holds 2 series: 'arterial' \(2 files\); '<b>venous' \(3 files\)"):
        read_image(tmp_path / "s")
    venous = read_image(tmp_path / "s" / "series=9.9")
    assert venous.array[0, 0].tolist() == [0, 4, 8]
    assert venous.notes["folder"] == "2 other files beside this image were left alone"
    assert read_image(tmp_path / "s" / "series=1.2").shape == (5, 6, 2)
    with pytest.raises(ImageError, match="does not hold that series any more"):
        read_image(tmp_path / "s" / "series=9.8")


def test_a_scout_beside_a_series_is_left_alone(tmp_path: Path) -> None:
    series(tmp_path / "s", [0, 4])
    dicom(tmp_path / "s" / "scout", volume("int16", (9, 5)), SeriesInstanceUID="9.9")
    assert read_image(tmp_path / "s").shape == (5, 6, 2)


def test_slices_in_one_place_are_the_frames_of_a_4d_image(tmp_path: Path) -> None:
    for number in range(6):
        pixels = np.full((6, 5), number, np.int16)
        tags = {"TemporalPositionIdentifier": number // 3 + 1, "InstanceNumber": number + 1}
        dicom(tmp_path / f"IM{5 - number}", pixels, (0, 0, 4.0 * (number % 3)), **tags)
    image = read_image(tmp_path, frame=1)
    assert (image.shape, image.frame, image.frames) == ((5, 6, 3), 1, 2)
    assert image.array[0, 0].tolist() == [3, 4, 5]
    assert image.notes["frames"] == "2 frames of a 4D image, told apart by TemporalPositionIdentifier"
    with pytest.raises(ImageError, match="has 2 frames, so there is no frame 2"):
        read_image(tmp_path, frame=2)


def test_a_heart_in_one_slice_has_frames(tmp_path: Path) -> None:
    for number in range(4):
        dicom(tmp_path / f"{number}", np.full((6, 5), number, np.int16), TriggerTime=number * 40, InstanceNumber=number)
    image = read_image(tmp_path, frame=3)
    assert (image.shape, image.frames, int(image.array.max())) == ((5, 6, 1), 4, 3)


def test_copies_of_a_slice_are_left_out(tmp_path: Path) -> None:
    series(tmp_path / "s", [0, 4, 8])
    (tmp_path / "s" / "IM001 (copy)").write_bytes((tmp_path / "s" / "IM001").read_bytes())
    image = read_image(tmp_path / "s")
    assert (image.shape, image.frames) == ((5, 6, 3), 1)
    assert image.notes["copies"] == "slices that are copies of others were left out: 1"


def test_padding_is_said_and_kept(tmp_path: Path) -> None:
    pixels = np.full((6, 5), 100, np.int16)
    pixels[0] = -2000
    image = read_image(dicom(tmp_path / "a", pixels, PixelPaddingValue=-2000, RescaleSlope=1, RescaleIntercept=-1024))
    assert image.array[0, 0, 0] == -3024
    assert image.notes["padding"].startswith("5 of 30 voxels are padding (stored as the value -2000)")


def test_a_dose_is_scaled_and_stands_by_its_offsets(tmp_path: Path) -> None:
    pixels = np.arange(3 * 6 * 5, dtype=np.uint16).reshape(3, 6, 5)
    tags = {"GridFrameOffsetVector": [0, 2.5, 5], "DoseGridScaling": 0.5, "DoseUnits": "GY"}
    path = save(tmp_path / "a", pixels, SOPClassUID=DOSE, NumberOfFrames=3, **place((1, 2, 30)), **tags)
    image = read_image(path)
    np.testing.assert_array_equal(image.array, pixels.T * 0.5)
    np.testing.assert_allclose(image.affine[:3, 2:], [[0, -1], [0, -2], [2.5, 30]])
    assert image.notes["values"] == "the values are a dose in gy"


def test_an_enhanced_object_with_two_echoes_has_two_frames(tmp_path: Path) -> None:
    pixels = np.arange(8 * 6 * 5, dtype=np.uint16).reshape(8, 6, 5)
    frames = [
        groups(MREchoSequence={"EffectiveEchoTime": [4.6, 9.2][k % 2]}, **plane(2.0 * (k // 2))) for k in range(8)
    ]
    path = save(tmp_path / "a", pixels, SOPClassUID=ENHANCED_MR, PerFrameFunctionalGroupsSequence=frames)
    first, second = read_image(path), read_image(path, frame=1)
    assert (first.shape, first.frames) == ((5, 6, 4), 2)
    np.testing.assert_array_equal(first.array, pixels[::2].T)
    np.testing.assert_array_equal(second.array, pixels[1::2].T)


def test_an_enhanced_object_whose_frames_nothing_tells_apart_keeps_their_order(tmp_path: Path) -> None:
    pixels = np.arange(8 * 6 * 5, dtype=np.uint16).reshape(8, 6, 5)
    frames = [groups(**plane(2.0 * (k % 4))) for k in range(8)]
    path = save(tmp_path / "a", pixels, SOPClassUID=ENHANCED_MR, PerFrameFunctionalGroupsSequence=frames)
    np.testing.assert_array_equal(read_image(path, frame=1).array, pixels[4:].T)
    assert "no tag tells them apart, so their order in the file did" in read_image(path).notes["frames"]


def test_one_file_gets_advice_for_one_file(tmp_path: Path) -> None:
    frames = [groups(**plane(height)) for height in (0, 2, 2, 4)]
    pixels = np.zeros((4, 6, 5), np.uint16)
    path = save(tmp_path / "a", pixels, SOPClassUID=ENHANCED_MR, PerFrameFunctionalGroupsSequence=frames)
    with pytest.raises(ImageError, match=r"frame 2 and frame 3; 1 such pairs.*convert the file to NIfTI"):
        read_image(path)


def test_floating_point_pixels(tmp_path: Path) -> None:
    pixels = np.linspace(-1, 1, 30, dtype=np.float32).reshape(6, 5)
    image = read_image(save(tmp_path / "a", pixels, **place((0, 0, 0))))
    np.testing.assert_array_equal(image.array[:, :, 0], pixels.T)


def test_a_file_called_img_may_be_dicom(tmp_path: Path) -> None:
    image = read_image(dicom(tmp_path / "a.img", np.ascontiguousarray(VOLUME[:, :, 0].T)))
    np.testing.assert_array_equal(image.array, VOLUME[:, :, :1])


def test_slices_of_different_size_are_named(tmp_path: Path) -> None:
    dicom(tmp_path / "a", volume("int16", (6, 5)))
    dicom(tmp_path / "b", volume("int16", (6, 4)), (0, 0, 4))
    with pytest.raises(ImageError, match="different sizes: 'a' has 5 × 6 pixels, 'b' has 4 × 6"):
        read_image(tmp_path)


def test_slices_of_different_orientation_are_named(tmp_path: Path) -> None:
    dicom(tmp_path / "a", volume("int16", (6, 5)))
    dicom(tmp_path / "b", volume("int16", (6, 5)), (0, 0, 4), ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    with pytest.raises(ImageError, match="differ in orientation"):
        read_image(tmp_path)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    series(tmp_path / "s", [0, 4])
    (tmp_path / "s" / "LICENSE").write_text("text")
    (tmp_path / "s" / ".DS_Store").write_bytes(b"")
    image = read_image(tmp_path / "s")
    assert image.shape == (5, 6, 2)
    assert image.notes["folder"] == "1 other file beside this image was left alone"


def test_a_damaged_file_of_a_series_is_named(tmp_path: Path) -> None:
    series(tmp_path / "s", [0, 4, 8])
    broken = tmp_path / "s" / "IM002"
    broken.write_bytes(broken.read_bytes()[:-20])
    with pytest.raises(ImageError, match="its file 'IM002' has pixels that are damaged, cut short"):
        read_image(tmp_path / "s")


def test_an_empty_file_in_a_series_is_named(tmp_path: Path) -> None:
    series(tmp_path / "s", [0, 4])
    (tmp_path / "s" / "IM003").touch()
    with pytest.raises(ImageError, match="IM003"):
        read_image(tmp_path / "s")


def test_one_slice_is_a_volume_of_one(tmp_path: Path) -> None:
    image = read_image(dicom(tmp_path / "a.dcm", np.ascontiguousarray(VOLUME[:, :, 0].T), (-10, 20, 30)))
    np.testing.assert_array_equal(image.array, VOLUME[:, :, :1])
    assert image.spacing == (2, 3, 4)


def test_without_a_position_it_is_a_plain_picture(tmp_path: Path) -> None:
    path = dicom(tmp_path / "a.dcm", np.ascontiguousarray(VOLUME[:, :, 0].T), ImagePositionPatient=None)
    image = read_image(path)
    assert (image.shape, image.spacing, image.oriented) == ((5, 6), (2, 3), False)


def test_contours_are_no_image(tmp_path: Path) -> None:
    path = dicom(tmp_path / "a.dcm", volume("int16", (6, 5)), SOPClassUID="1.2.840.10008.5.1.4.1.1.481.3")
    with pytest.raises(ImageError, match="holds no image but radiotherapy contours"):
        read_image(path)


@pytest.mark.parametrize(
    "tags", [{"Rows": 60000}, {"PixelSpacing": [0, 0]}, {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}]
)
def test_a_header_that_lies(tmp_path: Path, tags: dict[str, object]) -> None:
    with pytest.raises(ImageError, match=r"a\.dcm"):
        read_image(dicom(tmp_path / "a.dcm", volume("int16", (6, 5)), **tags))


def test_a_series_is_one_image_whatever_lies_beside_it(tmp_path: Path) -> None:
    series(tmp_path / "s", [0, 4])
    nifti(tmp_path / "s" / "converted.nii", volume())
    assert is_dicom_folder(tmp_path / "s")
    assert read_image(tmp_path / "s").shape == (5, 6, 2)


def test_which_folders_are_one_image(tmp_path: Path) -> None:
    assert is_dicom_folder(series(tmp_path / "s", [0, 4]))
    assert not is_dicom_folder(tmp_path)
    assert not is_dicom_folder(tmp_path / "nowhere")
    nifti(tmp_path / "a.nii", volume())
    assert not is_dicom_folder(tmp_path)


def test_a_real_series_and_its_label_lie_on_each_other(shared_data: Path) -> None:
    from jlabel.imaging import read_label

    image = read_image(shared_data / "ct_mr_totalseg" / "dicom_ct")
    label = read_label(shared_data / "ct_mr_totalseg" / "dicom_ct_label" / "example_seg_dicom.nii.gz", image)
    assert image.array.dtype == np.int16
    assert label.shape == image.shape == (512, 512, 20)
    # Organs are soft tissue; without the flip that the affines ask for, much of them would lie in air.
    air = image.array < -900
    assert np.mean(air[label > 0]) < 0.02
    assert np.mean(air[label[:, ::-1] > 0]) > 0.05


def test_an_enhanced_object_is_a_volume(shared_data: Path) -> None:
    one = read_image(shared_data / "dicom_seg_rt" / "dcmqi" / "23x38x3" / "multiframe" / "mf.dcm")
    many = read_image(shared_data / "dicom_seg_rt" / "dcmqi" / "23x38x3" / "image")
    np.testing.assert_array_equal(one.array, many.array)
    np.testing.assert_allclose(one.affine, many.affine, atol=1e-4)


def test_an_x_ray_picture_may_mean_small_values_to_be_bright(tmp_path):
    pixels = np.arange(30, dtype=np.uint16).reshape(6, 5)
    plain = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
    image = read_image(dicom(tmp_path / "a.dcm", pixels, PhotometricInterpretation="MONOCHROME1", **plain))
    assert image.inverted
    np.testing.assert_array_equal(image.array, pixels.T)
    assert not read_image(dicom(tmp_path / "b.dcm", pixels, **plain)).inverted


def test_a_folder_of_separate_pictures_is_no_series(tmp_path):
    pixels = np.arange(30, dtype=np.uint16).reshape(6, 5)
    for i in range(3):
        dicom(tmp_path / f"x{i}.dcm", pixels, ImagePositionPatient=None, ImageOrientationPatient=None)
    assert not is_dicom_folder(tmp_path)
    scans = tmp_path / "scans"
    scans.mkdir()
    for i in range(3):
        dicom(scans / f"s{i}.dcm", pixels, SeriesInstanceUID=f"1.2.{i}")
    assert not is_dicom_folder(scans)


def test_a_folder_of_two_series_is_no_one_image(tmp_path):
    pixels = np.arange(30, dtype=np.uint16).reshape(6, 5)
    for i in range(6):
        dicom(tmp_path / f"s{i}.dcm", pixels, (0, 0, 4.0 * i), SeriesInstanceUID=f"1.2.{i % 2}")
    assert not is_dicom_folder(tmp_path)
    with pytest.raises(ImageError, match="holds 2 series"):
        read_image(tmp_path)


def test_padding_is_known_as_no_measurement_and_counts_in_no_statistic(tmp_path: Path) -> None:
    pixels = np.full((20, 30), 500, np.int16)
    pixels[5:15] = 600
    pixels[:, :5] = -2000
    image = read_image(
        dicom(tmp_path / "a.dcm", pixels, PixelPaddingValue=-2000, RescaleSlope=2, RescaleIntercept=-1024)
    )
    assert image.padding == (-5024, -5024)
    assert "padding" in image.notes
    assert intensities(image).low == -24
    assert read_image(dicom(tmp_path / "b.dcm", pixels + 1, PixelPaddingValue=-2000)).padding is None


@pytest.mark.parametrize("spacing", [(-1, 1), (1, 0)])
def test_a_pixel_spacing_that_is_no_distance_is_refused(tmp_path: Path, spacing: tuple[float, float]) -> None:
    """A negative one would exchange left and right."""
    path = save(tmp_path / "a", np.zeros((6, 5), np.int16), **place((0, 0, 0), spacing=spacing))
    with pytest.raises(ImageError, match="has a pixel spacing that is no distance in frame 1"):
        read_image(path)


def test_padding_counts_whichever_slices_say_it(tmp_path: Path) -> None:
    for index in range(3):
        said = {"PixelPaddingValue": -2000} if index else {}
        pixels = np.full((6, 5), -2000 if index == 2 else 7, np.int16)
        save(tmp_path / "s" / f"{index}", pixels, **said, **place((0, 0, 2.0 * index)))
    image = read_image(tmp_path / "s")
    assert image.padding == (-2000, -2000)
    assert "30 of 90 voxels are padding" in image.notes["padding"]


def test_pictures_without_a_place_are_said_to_be_no_slices(tmp_path: Path) -> None:
    for index in range(2):
        save(tmp_path / "s" / f"{index}", np.zeros((6, 5), np.int16), SliceLocation=2.0 * index)
    with pytest.raises(ImageError, match=r"holds 2 images that are no slices of one \('0' and '1'\): open each"):
        read_image(tmp_path / "s")


def test_copies_with_uids_of_their_own_are_left_out_where_slices_make_no_grid_with_them(tmp_path: Path) -> None:
    pixels = np.arange(30, dtype=np.int16).reshape(6, 5)
    for index in range(3):
        save(tmp_path / "s" / f"{index}", pixels + index, **place((0, 0, 2.0 * index)))
    save(tmp_path / "s" / "copy", pixels + 1, **place((0, 0, 2.0)))
    image = read_image(tmp_path / "s")
    assert (image.shape, image.frames) == ((5, 6, 3), 1)
    assert image.array[0, 0].tolist() == [0, 1, 2]
    assert image.notes["copies"] == "slices that are copies of others were left out: 1"
    save(tmp_path / "s" / "copy", pixels + 7, **place((0, 0, 2.0)))
    with pytest.raises(ImageError, match="slices in one place"):
        read_image(tmp_path / "s")


def test_slices_that_look_alike_at_two_moments_stay(tmp_path: Path) -> None:
    blank = np.zeros((6, 5), np.int16)
    for moment in range(2):
        for index in range(3):
            where = place((0, 0, 2.0 * index))
            save(tmp_path / "s" / f"{moment}{index}", blank, TemporalPositionIdentifier=moment + 1, **where)
    assert read_image(tmp_path / "s").frames == 2
