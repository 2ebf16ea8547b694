"""One object with many frames that was cut into several files (PS3.3 C.7.6.16.2.2.4) is one image."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jlabel import read_image
from jlabel.datastores import LocalDatastore
from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_folder import is_dicom_folder
from tests.imaging.dicom_samples import groups, place, plane, save

ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
STEP = 2.0


def part(folder: Path, number: int, slices: range, total: int | None = 2, **tags: Any) -> Path:
    """A file with some of the slices: every voxel of slice ``k`` is ``k``."""
    pixels = np.stack([np.full((4, 5), k, np.int16) for k in slices])
    frames = [groups(FrameContentSequence={"StackID": "1"}, **plane(STEP * k)) for k in slices]
    said = {
        "SOPClassUID": ENHANCED_CT,
        "SeriesInstanceUID": "1.2.5",
        "InstanceNumber": 1,
        "ConcatenationUID": "1.2.5.9",
        "InConcatenationNumber": number,
        "InConcatenationTotalNumber": total,
        "ConcatenationFrameOffsetNumber": slices.start,
    }
    # Names in another order than the parts.
    return save(folder / f"{9 - number}.dcm", pixels, PerFrameFunctionalGroupsSequence=frames, **said | tags)


@pytest.mark.parametrize("cuts", [[range(3), range(3, 6)], [range(1), range(1, 6)], [range(3, 6), range(3)]])
@pytest.mark.parametrize("total", [2, None])
def test_its_parts_make_one_volume(tmp_path: Path, cuts: list[range], total: int | None) -> None:
    for number, slices in enumerate(cuts, start=1):
        part(tmp_path, number, slices, total)
    image = read_image(tmp_path)
    assert (image.shape, image.frames) == ((5, 4, 6), 1)
    assert image.array[0, 0].tolist() == list(range(6))
    np.testing.assert_allclose(image.affine, np.diag([-1, -1, STEP, 1]))
    assert "2 files are parts of one object" in image.notes["series"]
    assert is_dicom_folder(tmp_path)


def test_parts_that_are_moments_are_frames(tmp_path: Path) -> None:
    part(tmp_path, 1, range(3))
    part(tmp_path, 2, range(3))
    image = read_image(tmp_path, 1)
    assert (image.shape, image.frames) == ((5, 4, 3), 2)


def test_a_part_that_is_missing_is_said(tmp_path: Path) -> None:
    part(tmp_path, 1, range(3), 3)
    part(tmp_path, 2, range(3, 6), 3)
    with pytest.raises(ImageError, match=r"one object in 3 files \(a concatenation\), of which 2 are there"):
        read_image(tmp_path)


def test_two_concatenations_and_a_series_beside_each_other_are_three_images(tmp_path: Path) -> None:
    folder = tmp_path / "studies" / "ct"
    for number, slices in ((1, range(3)), (2, range(3, 6))):
        part(folder, number, slices)
        part(folder / "..", number, slices, ConcatenationUID="1.2.5.8").rename(folder / f"other{number}.dcm")
    for k in range(3):
        save(folder / f"s{k}", np.full((4, 5), k, np.int16), SeriesInstanceUID="1.2.6", **place((0, 0, STEP * k)))
    with contextlib.closing(LocalDatastore(tmp_path / "studies")) as store:
        images = [read_image(store.get_image_uri(image_id)) for image_id in store.list_images()]
        assert sorted(image.shape for image in images) == [(5, 4, 3), (5, 4, 6), (5, 4, 6)]
        store.save_label(store.list_images()[0], np.ones(images[0].shape, np.uint8))
        assert store.get_labeled_images() == store.list_images()[:1]
    with contextlib.closing(LocalDatastore(tmp_path / "studies")) as again:
        assert len(again.list_images()) == 3
        assert not [note for note in again.status()["notes"] if "different places" in note]
