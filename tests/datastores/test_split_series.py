"""Series whose files lie in several folders: one image where that is safe, and a note where it is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from jlabel import read_image
from jlabel.datastores import LocalDatastore, folder_contents
from jlabel.imaging.formats.dicom_folder import files_of
from tests.datastores.test_scan import settle
from tests.imaging.media import slices

LABEL = np.ones((5, 6, 4), np.uint8)


@pytest.fixture
def halves(studies: Path) -> Path:
    """One series of four slices, two in a folder each."""
    slices(studies / "p" / "A", "1.2.3", [0, 1])
    slices(studies / "p" / "B", "1.2.3", [2, 3])
    return studies / "p"


def test_its_slices_are_one_image(halves: Path, open_store) -> None:
    store = open_store()
    assert store.list_images() == ["p/3_Lung"]
    assert store.notes() == []
    image = read_image(store.get_image_uri("p/3_Lung"))
    assert image.shape == (5, 6, 4)
    assert image.array[0, 0].tolist() == [0, 1, 2, 3]
    assert image.spacing == (2, 3, 4)
    assert image.notes["series"] == "the files of this series lie in 2 folders: A, B"
    assert sorted(file.name for file in files_of(Path(store.get_image_uri("p/3_Lung")))) == [
        f"IM000{number}" for number in range(4)
    ]
    store.save_label("p/3_Lung", LABEL)
    assert (halves.parent / "labels" / "final" / "p" / "3_Lung.nii.gz").is_file()
    assert LocalDatastore(halves.parent).get_labeled_images() == ["p/3_Lung"]


@pytest.mark.parametrize("layout", [["", "more"], ["a/b", "c"], ["1", "2", "3"], ["x", "x/y"]])
def test_wherever_the_folders_lie(studies: Path, open_store, layout: list[str]) -> None:
    for number in range(6):
        slices(studies / layout[number * len(layout) // 6], "1.2.3", [number])
    store = open_store()
    (image_id,) = store.list_images()
    assert read_image(store.get_image_uri(image_id)).array[0, 0].tolist() == list(range(6))
    store.save_label(image_id, np.ones((5, 6, 6), np.uint8))
    again = open_store()
    assert again.get_labeled_images() == [image_id]
    shutil.rmtree(studies / ".jlabel")
    assert open_store().get_labeled_images() == [image_id]


def test_a_folder_for_each_slice(studies: Path, open_store) -> None:
    for number in range(40):
        slices(studies / "p" / f"slice {number:03d} of a long name that a scanner may have given", "1.2.3", [number])
    store = open_store()
    assert store.list_images() == ["p/3_Lung"]
    assert read_image(store.get_image_uri("p/3_Lung")).shape == (5, 6, 40)


def test_others_in_these_folders_stay_what_they_are(halves: Path, open_store, add) -> None:
    slices(halves / "A", "1.2.4", [10, 11], SeriesDescription="Bone")
    slices(halves / "B", "1.2.3", [20], ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    add(halves, "B/preview.png")
    store = open_store()
    assert store.list_images() == ["p/3_Lung", "p/A/3_Bone", "p/B/IM0020", "p/B/preview"]
    assert [read_image(store.get_image_uri(one)).shape for one in store.list_images()[:3]] == [
        (5, 6, 4),
        (5, 6, 2),
        (5, 6, 1),
    ]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ({"numbers": [0, 1]}, "some of their slices lie in the same places: copies, or moments of a 4D image"),
        ({"numbers": [1, 2]}, "some of their slices lie in the same places: copies, or moments of a 4D image"),
        ({"numbers": [5, 6]}, "their slices make no regular grid together"),
        ({"numbers": [2, 3], "step": 4.9}, "their slices make no regular grid together"),
        ({"numbers": [2, 3], "ImagePositionPatient": [80, 0, 8]}, "some of their slices lie in the same places"),
    ],
)
def test_where_they_make_no_volume_each_folder_is_an_image_and_a_note_says_so(
    studies: Path, open_store, second: dict, why: str
) -> None:
    slices(studies / "p" / "A", "1.2.3", [0, 1])
    slices(studies / "p" / "B", "1.2.3", **second)
    store = open_store()
    assert store.list_images() == ["p/A", "p/B"]
    (note,) = store.notes()
    assert note.startswith(f"series in several folders that are an image each, since {why}")
    assert note.endswith(": '3 Lung' in p/A, p/B")


@pytest.mark.parametrize("tags", [{"PatientID": "P-2"}, {"StudyInstanceUID": "1.99"}])
def test_the_series_of_two_patients_or_studies_are_two_whatever_their_uid_is(
    studies: Path, open_store, tags: dict
) -> None:
    """As after a removal of names that gave one UID to all."""
    slices(studies / "p" / "A", "1.2.3", [0, 1])
    slices(studies / "p" / "B", "1.2.3", [2, 3], **tags)
    store = open_store()
    assert store.list_images() == ["p/A", "p/B"]
    assert store.notes() == []


def test_a_folder_that_comes_later_makes_it_larger_and_keeps_its_id(halves: Path, open_store) -> None:
    settle(halves.parent)
    store = open_store()
    slices(halves / "C", "1.2.3", [4, 5])
    store.refresh()
    assert store.list_images() == ["p/3_Lung"]
    assert read_image(store.get_image_uri("p/3_Lung")).shape == (5, 6, 6)
    slices(halves.parent / "D", "1.2.3", [6, 7])
    store.refresh()
    assert store.list_images() == ["p/3_Lung"]
    assert read_image(store.get_image_uri("p/3_Lung")).shape == (5, 6, 8)


def test_labels_and_drafts_of_before_stay_where_they_are(studies: Path, open_store) -> None:
    """Folders that were images of their own when they were labelled."""
    for number, name in enumerate("ABCD"):
        if name != "D":
            slices(studies / "p" / name, "1.2.3", [4 * number, 4 * number + 1])
    store = open_store()
    assert store.list_images() == ["p/A", "p/B", "p/C"]
    store.save_label("p/A", LABEL[..., :2])
    draft = store.workspace.draft_file("p/B", "0" * 16)
    draft.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(b"painted")
    for number, name in enumerate("ABC"):
        slices(studies / "p" / f"{name}2", "1.2.3", [4 * number + 2, 4 * number + 3])
    store.refresh()
    assert store.list_images() == ["p/3_Lung", "p/A", "p/B"]
    assert store.get_labeled_images() == ["p/A"]
    assert [read_image(store.get_image_uri(one)).shape[2] for one in store.list_images()] == [12, 2, 2]
    again = open_store()
    again.refresh()
    assert again.list_images() == ["p/3_Lung", "p/A", "p/B"]


def test_a_folder_that_goes_leaves_the_other_as_an_image_and_the_label_kept(halves: Path, open_store) -> None:
    store = open_store()
    store.save_label("p/3_Lung", LABEL)
    shutil.move(halves / "B", halves.parent.parent / "away")
    store.refresh()
    assert store.list_images() == ["p/A"]
    shutil.move(halves.parent.parent / "away", halves / "B")
    store.refresh()
    assert store.list_images() == ["p/3_Lung"]
    assert store.get_labeled_images() == ["p/3_Lung"]


def test_unchanged_folders_are_looked_into_no_more(halves: Path, open_store, monkeypatch) -> None:
    slices(halves.parent / "q", "1.9.9", range(3))
    settle(halves.parent)
    open_store()
    looked: list[str] = []
    look = folder_contents._looked_at
    monkeypatch.setattr(
        folder_contents, "_looked_at", lambda path, *rest: looked.append(path.name) or look(path, *rest)
    )
    slices(halves / "C", "1.2.3", [4])
    store = open_store()
    assert looked == ["IM0004"]
    assert read_image(store.get_image_uri("p/3_Lung")).shape == (5, 6, 5)


def test_a_catalogue_of_before_finds_them_when_something_changes(halves: Path, open_store) -> None:
    """It kept neither where slices lie nor which series a folder has."""
    settle(halves.parent)
    store = open_store()
    with store._catalogue.write() as connection:
        rest = "substr(contents, instr(contents, char(10)) + 1)"
        connection.exec_driver_sql(f"UPDATE folder SET contents = replace({rest}, ', 0.0, 0.0, ', ', ')")
        connection.exec_driver_sql("DELETE FROM image")
        connection.exec_driver_sql("UPDATE folder SET mtime_ns = 1")
    assert open_store().list_images() == ["p/3_Lung"]


def test_a_folder_named_like_the_path_of_a_series_is_a_folder(studies: Path, open_store) -> None:
    slices(studies / "series=1.2.3" / "A", "1.2.3", [0, 1, 2])
    slices(studies / "series=1.2.3" / "series=", "1.2.3", [3, 4])
    store = open_store()
    assert store.list_images() == ["series=1.2.3/A", "series=1.2.3/series="]
    assert [read_image(store.get_image_uri(one)).shape[2] for one in store.list_images()] == [3, 2]
    assert "make no regular grid together" in store.notes()[0]
