"""Objects with many frames and no functional groups: volumes, moments, and what cannot be told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.dicom_samples import SECONDARY, place, save

PIXELS = np.arange(6 * 4 * 5, dtype=np.uint16).reshape(6, 4, 5)
TOMOGRAM = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.20",
    "Modality": "NM",
    "ImageType": ["ORIGINAL", "PRIMARY", "RECON TOMO", "EMISSION"],
    "FrameIncrementPointer": 0x00540080,
    "PixelSpacing": [4.4, 4.4],
}


def detector() -> list[Dataset]:
    inner = Dataset()
    inner.ImagePositionPatient, inner.ImageOrientationPatient = [-40, -30, 100], [1, 0, 0, 0, 1, 0]
    return [inner]


def test_a_tomogram_is_a_volume(tmp_path: Path) -> None:
    vector = {"SliceVector": [1, 2, 3, 4, 5, 6], "SpacingBetweenSlices": 4.4}
    image = read_image(save(tmp_path / "a", PIXELS, DetectorInformationSequence=detector(), **vector, **TOMOGRAM))
    assert (image.shape, image.frames, image.oriented) == ((5, 4, 6), 1, True)
    np.testing.assert_allclose(image.affine[:3, 3], [40, 30, 100])
    np.testing.assert_allclose(image.spacing, 4.4)
    np.testing.assert_array_equal(image.array, PIXELS.T)


def test_the_slice_vector_says_which_slice_a_frame_is(tmp_path: Path) -> None:
    vector = {"SliceVector": [2, 1, 3, 6, 5, 4], "SpacingBetweenSlices": 4.4}
    image = read_image(save(tmp_path / "a", PIXELS, DetectorInformationSequence=detector(), **vector, **TOMOGRAM))
    np.testing.assert_array_equal(image.array, PIXELS[[1, 0, 2, 5, 4, 3]].T)


def test_a_gated_tomogram_has_a_frame_for_each_time_slot(tmp_path: Path) -> None:
    tags = TOMOGRAM | {
        "ImageType": ["ORIGINAL", "PRIMARY", "RECON GATED TOMO", "EMISSION"],
        "FrameIncrementPointer": [0x00540070, 0x00540080],
        "TimeSlotVector": [1, 1, 1, 2, 2, 2],
        "SliceVector": [1, 2, 3, 1, 2, 3],
        "SpacingBetweenSlices": 4.4,
    }
    path = save(tmp_path / "a", PIXELS, DetectorInformationSequence=detector(), **tags)
    image = read_image(path, frame=1)
    assert (image.shape, image.frames) == ((5, 4, 3), 2)
    np.testing.assert_array_equal(image.array, PIXELS[3:].T)
    assert image.notes["frames"] == "2 frames of a 4D image, told apart by TimeSlotVector"


def test_slices_of_a_tomogram_without_a_distance_stand_by_their_thickness(tmp_path: Path) -> None:
    tags = TOMOGRAM | {"SliceVector": [1, 2, 3, 4, 5, 6], "SliceThickness": 3.5}
    image = read_image(save(tmp_path / "a", PIXELS, DetectorInformationSequence=detector(), **tags))
    assert image.spacing[2] == pytest.approx(3.5)
    assert "their thickness is taken" in image.notes["voxel size"]


def test_projections_are_moments_of_a_picture(tmp_path: Path) -> None:
    tags = TOMOGRAM | {"ImageType": ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"], "FrameIncrementPointer": 0x00540090}
    image = read_image(save(tmp_path / "a", PIXELS, DetectorInformationSequence=detector(), **tags))
    assert (image.shape, image.frames, image.oriented) == ((5, 4), 6, False)
    assert image.spacing == pytest.approx((4.4, 4.4))


def test_an_old_object_with_a_place_and_a_distance_is_a_volume(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a", PIXELS, SOPClassUID=SECONDARY, SpacingBetweenSlices=-2.0, **place((1, 2, 3), spacing=(1.5, 1.5))
    )
    image = read_image(path)
    assert image.spacing == (1.5, 1.5, 2)
    np.testing.assert_array_equal(image.array, PIXELS[::-1].T)
    assert "SpacingBetweenSlices says so" in image.notes["position"]


def test_frames_that_run_through_time_lie_in_one_place(tmp_path: Path) -> None:
    tags = {"FrameIncrementPointer": 0x00181063, "FrameTime": 40, "SpacingBetweenSlices": 2.0}
    image = read_image(save(tmp_path / "a", PIXELS, SOPClassUID=SECONDARY, **tags, **place((0, 0, 0))))
    assert (image.shape, image.frames, image.spacing) == ((5, 4), 6, (2, 3))


def test_offsets_may_be_heights(tmp_path: Path) -> None:
    tags = {"GridFrameOffsetVector": [100, 102.5, 105, 107.5, 110, 112.5]}
    image = read_image(save(tmp_path / "a", PIXELS, **tags, **place((0, 0, 100))))
    np.testing.assert_allclose(image.affine[:3, 2:], [[0, 0], [0, 0], [2.5, 100]])


def test_a_vector_that_speaks_of_other_frames_is_damage(tmp_path: Path) -> None:
    tags = TOMOGRAM | {"SliceVector": [1, 2, 3], "SpacingBetweenSlices": 4.4}
    with pytest.raises(ImageError, match="its SliceVector speaks of 3 frames, not of 6"):
        read_image(save(tmp_path / "a", PIXELS, DetectorInformationSequence=detector(), **tags))


def test_offsets_of_other_frames_are_damage(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is damaged: its GridFrameOffsetVector"):
        read_image(save(tmp_path / "a", PIXELS, GridFrameOffsetVector=[0, 1], **place((0, 0, 0))))
