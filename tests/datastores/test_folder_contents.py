"""What looking into the files of a folder shows, and what is kept of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from jlabel import read_image
from tests.imaging.dicom_samples import groups
from tests.imaging.media import moment


def test_they_are_one_image_of_the_studies_with_one_label(studies: Path, open_store) -> None:
    for number in range(3):
        moment(studies / "p", number)
    store = open_store()
    assert store.list_images() == ["p"]
    assert store.notes() == []
    store.save_label("p", np.ones((5, 6, 3), np.uint8))
    store = open_store()
    assert store.get_labeled_images() == ["p"]


@pytest.mark.parametrize(
    "other",
    [
        {"heights": (0.0, 2.0, 4.5)},
        {"heights": (6.0, 8.0, 10.0)},
        {"PerFrameFunctionalGroupsSequence": [groups(PlanePositionSequence={"ImagePositionPatient": [0, 0, 0]})] * 3},
    ],
)
def test_where_their_frames_lie_elsewhere_each_is_an_image_and_a_note_says_so(
    studies: Path, open_store, other: dict
) -> None:
    moment(studies / "p", 0, SeriesNumber=5, SeriesDescription="bold")
    file = moment(
        studies / "p", 1, SeriesNumber=5, SeriesDescription="bold", **{k: v for k, v in other.items() if k == "heights"}
    )
    if "heights" not in other:
        dataset = dcmread(file)
        for name, value in other.items():
            setattr(dataset, name, value)
        dataset.save_as(file)
    store = open_store()
    assert store.list_images() == ["p/8", "p/9"]
    assert store.notes() == [
        "series of objects whose frames lie in different places, so that each file is an image of its own: '5 bold' "
        "in p (2 files)"
    ]


@pytest.mark.parametrize("tags", [{"SeriesInstanceUID": "1.2.6"}, {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2.1"}])
def test_other_series_and_kinds_of_objects_are_others(studies: Path, open_store, tags: dict) -> None:
    moment(studies / "p", 0)
    moment(studies / "p", 1, **tags)
    store = open_store()
    assert store.list_images() == ["p/8", "p/9"]
    assert store.notes() == []


def test_pictures_without_a_place_stay_pictures(studies: Path, open_store) -> None:
    for number in range(2):
        frames = [groups(FrameContentSequence={"TemporalPositionIndex": 1}) for _ in range(3)]
        moment(
            studies / "p",
            number,
            change=lambda one, frames=frames: setattr(one, "PerFrameFunctionalGroupsSequence", frames),
        )
    store = open_store()
    assert store.list_images() == ["p/8", "p/9"]
    assert store.notes() == []


def test_a_label_of_one_of_the_files_stays_where_it_is(studies: Path, open_store) -> None:
    moment(studies / "p", 0)
    store = open_store()
    assert store.list_images() == ["p/9"]
    store.save_label("p/9", np.ones((5, 6, 3), np.uint8))
    for number in range(1, 4):
        moment(studies / "p", number)
    store.refresh()
    assert store.list_images() == ["p/9"]
    assert store.get_labeled_images() == ["p/9"]
    assert read_image(store.get_image_uri("p/9")).frames == 4
