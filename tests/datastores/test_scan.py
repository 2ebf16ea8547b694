"""Which files of a folder make images: by their bytes, per series, whatever lies beside them."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from jlabel import read_image
from jlabel.datastores import LocalDatastore, folder_contents
from tests.imaging.dicom_samples import AXIAL, place, save
from tests.imaging.samples import nifti, picture, volume

PIXELS = np.arange(30, dtype=np.int16).reshape(6, 5)
CORONAL = (1, 0, 0, 0, 0, -1)
RTSTRUCT, REPORT = "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.88.11"
ULTRASOUND = "1.2.840.10008.5.1.4.1.1.3.1"


def series(folder: Path, uid: str = "1.2.3", count: int = 4, ending: str = "", start: int = 0, **tags: object) -> None:
    """Slices 4 mm apart; ``turn`` is their orientation."""
    turn = tags.pop("turn", AXIAL)
    across = np.cross(turn[:3], turn[3:])
    for number in range(count):
        where = place(across * 4.0 * number, turn)
        name = folder / f"IM{uid.replace('.', '')}{start + number:03d}{ending}"
        save(name, PIXELS + number, SeriesInstanceUID=uid, InstanceNumber=number + 1, **where, **tags)


def settle(folder: Path) -> None:
    """Give the folders times of long ago, so that they count as unchanged."""
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.mark.parametrize("ending", [".dcm", "", ".IMA", ".img", ".7"])
@pytest.mark.parametrize("beside", ["preview.jpg", "seg.nrrd", "converted.nii"])
def test_a_series_is_one_image_whatever_lies_beside_it(studies, open_store, add, ending, beside):
    series(studies / "patient1", ending=ending)
    if beside.endswith(".nii"):
        nifti(studies / "patient1" / beside, volume())
    else:
        add(studies, f"patient1/{beside}")
    store = open_store()
    assert store.list_images() == ["patient1", f"patient1/{Path(beside).stem}"]
    assert read_image(store.get_image_uri("patient1")).shape == (5, 6, 4)
    assert store.notes() == []


def test_several_series_in_a_folder_are_several_images(studies, open_store):
    series(studies / "p", "1.2.3", SeriesNumber=3, SeriesDescription="t1 mprage / sag")
    series(studies / "p", "1.2.4", 5, SeriesNumber=4, SeriesDescription="../../etc")
    series(studies / "p", "1.2.5", 2)
    store = open_store()
    third = next(one for one in store.list_images() if one.startswith("p/series_"))
    assert store.list_images() == ["p/3_t1_mprage_sag", "p/4_etc", third]
    assert store.get_image_uri("p/4_etc") == str(studies / "p" / "series=1.2.4")
    assert read_image(store.get_image_uri("p/4_etc")).shape == (5, 6, 5)
    assert read_image(store.get_image_uri("p/3_t1_mprage_sag")).shape == (5, 6, 4)
    label = np.ones((5, 6, 5), np.uint8)
    store.save_label("p/4_etc", label)
    assert (studies / "labels" / "final" / "p" / "4_etc.nii.gz").is_file()


def test_series_of_one_name_are_told_apart(studies, open_store):
    series(studies / "p", "1.2.3", SeriesNumber=3, SeriesDescription="flair")
    series(studies / "p", "1.2.4", SeriesNumber=3, SeriesDescription="FLAIR")
    first, second = open_store().list_images()
    assert first.casefold()[:9] == second.casefold()[:9] == "p/3_flair"
    assert first.casefold() != second.casefold()


def test_the_directions_of_one_series_are_images_of_their_own(studies, open_store):
    series(studies / "p", count=4, SeriesDescription="scout")
    series(studies / "p", count=3, turn=CORONAL, start=10, SeriesDescription="scout")
    store = open_store()
    shapes = sorted(read_image(store.get_image_uri(image)).shape for image in store.list_images())
    assert shapes == [(5, 6, 3), (5, 6, 4)]


def test_pictures_and_objects_with_many_frames_are_images_of_their_own(studies, open_store):
    frames = np.zeros((3, 6, 5), np.uint8)
    save(studies / "us" / "IM01", frames, SOPClassUID=ULTRASOUND, SeriesInstanceUID="1.9")
    save(studies / "us" / "IM02", frames[0], SOPClassUID=ULTRASOUND, SeriesInstanceUID="1.9")
    series(studies / "us", "1.2.3")
    store = open_store()
    assert store.list_images() == ["us", "us/IM01", "us/IM02"]
    assert read_image(store.get_image_uri("us/IM01")).frames == 3
    assert read_image(store.get_image_uri("us")).shape == (5, 6, 4)


def test_objects_that_are_no_images_are_said_and_break_nothing(studies, open_store):
    series(studies / "p")
    save(studies / "p" / "rs.dcm", PIXELS, SOPClassUID=RTSTRUCT)
    save(studies / "p" / "sr", PIXELS, SOPClassUID=REPORT, change=lambda dataset: delattr(dataset, "Rows"))
    store = open_store()
    assert store.list_images() == ["p"]
    assert read_image(store.get_image_uri("p")).shape == (5, 6, 4)
    (note,) = store.notes()
    assert note.startswith("2 files were left out: 2 DICOM objects that hold no image (a report (SR), radiotherapy")
    assert "p/rs.dcm" in note


def test_stray_slices_above_do_not_hide_the_patients_below(studies, open_store):
    series(studies, "1.1", 2)
    series(studies / "anna" / "ct", "1.2")
    series(studies / "bert", "1.3")
    assert open_store().list_images() == ["anna/ct", "bert", "studies"]


def test_a_single_stray_slice_above_is_an_image_by_its_own_name(studies, open_store):
    save(studies / "scout.dcm", PIXELS, **place((0, 0, 0)))
    series(studies / "anna")
    assert open_store().list_images() == ["anna", "scout"]


def test_a_damaged_file_beside_a_series_is_named(studies, open_store):
    series(studies / "p", ending=".dcm")
    (studies / "p" / "broken.dcm").write_bytes(b"nothing of DICOM")
    store = open_store()
    assert store.list_images() == ["p"]
    (note,) = store.notes()
    assert "1 damaged, or no DICOM file in spite of the name: p/broken.dcm" in note


def test_a_folder_that_gets_a_second_series_keeps_the_id_of_its_first(studies, open_store):
    series(studies / "p", "1.2.4", SeriesDescription="first")
    store = open_store()
    store.save_label("p", np.ones((5, 6, 4), np.uint8))
    series(studies / "p", "1.2.3", 7, SeriesDescription="second")
    store.refresh()
    assert store.list_images() == ["p", "p/second"]
    assert read_image(store.get_image_uri("p")).shape == (5, 6, 4)
    assert read_image(store.get_image_uri("p/second")).shape == (5, 6, 7)
    assert store.get_labeled_images() == ["p"]
    for file in (studies / "p").glob("IM123*"):
        file.unlink()
    store.refresh()
    assert store.list_images() == ["p"]
    assert store.get_image_uri("p") == str(studies / "p")
    assert store.get_labeled_images() == ["p"]


def test_a_series_that_grows_keeps_its_id(studies, open_store):
    series(studies / "p", "1.2.3", 2, SeriesDescription="a")
    series(studies / "p", "1.2.4", 2, SeriesDescription="b")
    store = open_store()
    ids = store.list_images()
    save(studies / "p" / "more", PIXELS, SeriesInstanceUID="1.2.4", InstanceNumber=3, **place((0, 0, 8)))
    store.refresh()
    assert store.list_images() == ids == ["p/a", "p/b"]
    assert read_image(store.get_image_uri("p/b")).shape == (5, 6, 3)


def test_ids_do_not_depend_on_the_order_of_the_directory(studies, open_store, tmp_path, monkeypatch):
    series(studies / "p", "1.2.3", SeriesDescription="a")
    series(studies / "p", "1.2.4", SeriesDescription="b")
    series(studies / "q", "1.2.5", count=1)
    other = tmp_path / "other"
    shutil.copytree(studies, other)
    first = open_store().list_images()
    listing = os.scandir

    class Backwards(contextlib.AbstractContextManager):
        def __init__(self, path="."):
            with listing(path) as entries:
                self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

        def __iter__(self):
            return self.entries

        def __next__(self):
            return next(self.entries)

        def __exit__(self, *error):
            return None

    monkeypatch.setattr(os, "scandir", Backwards)
    assert open_store(other).list_images() == first == ["p/a", "p/b", "q"]


def test_files_are_looked_into_once(studies, open_store, monkeypatch):
    series(studies / "p")
    settle(studies)
    looked: list[str] = []
    look = folder_contents._looked_at

    def looking(path, *rest):
        looked.append(path.name)
        return look(path, *rest)

    monkeypatch.setattr(folder_contents, "_looked_at", looking)
    open_store()
    assert len(looked) == 4
    open_store()
    assert len(looked) == 4
    save(studies / "p" / "new", PIXELS, SeriesInstanceUID="1.2.3", **place((0, 0, 16)))
    open_store().refresh()
    assert looked[4:] == ["new"]


def test_a_file_that_was_an_image_and_has_a_label_stays_one(studies, open_store, add):
    """As a catalogue of before has it: slices beside a picture were images of their own."""
    series(studies / "p", ending=".dcm")
    store = open_store()
    with store._catalogue.write() as connection:
        from jlabel.datastores.image_queue import place as put
        from jlabel.datastores.image_rows import insert_image

        for number in range(4):
            name = f"p/IM123{number:03d}"
            put(connection, insert_image(connection, name, f"{name}.dcm"))
    with store._catalogue.write() as connection:
        connection.exec_driver_sql("UPDATE image SET folder = 'p'")
    store.save_label("p/IM123001", np.ones((5, 6, 1), np.uint8))
    add(studies, "p/preview.png")
    again = open_store()
    assert again.list_images() == ["p", "p/IM123001", "p/preview"]
    assert again.get_labeled_images() == ["p/IM123001"]
    assert read_image(again.get_image_uri("p/IM123001")).shape == (5, 6, 1)
    # The others are opened by their ids all the same.
    assert read_image(again.get_image_uri("p/IM123002")).shape == (5, 6, 1)


def test_dicom_files_are_added_by_their_bytes(studies, open_store, tmp_path):
    save(tmp_path / "elsewhere" / "IM7", PIXELS, **place((0, 0, 0)))
    (tmp_path / "elsewhere" / "text").write_text("no image")
    series(tmp_path / "scan")
    picture(tmp_path / "scan" / "preview.png", np.zeros((4, 4), np.uint8))
    store = open_store()
    assert store.add_image("slice", tmp_path / "elsewhere" / "IM7") == "slice"
    assert store.add_image(None, tmp_path / "scan") == "scan"
    assert read_image(store.get_image_uri("scan")).shape == (5, 6, 4)
    with pytest.raises(Exception, match="no extension of an image format and it is no DICOM file"):
        store.add_image(None, tmp_path / "elsewhere" / "text")
    with pytest.raises(Exception, match="lies in the folder of the labels"):
        store.add_image("labels/final/slice", tmp_path / "elsewhere" / "IM7")


def test_names_of_numbers_are_ids_as_they_are(studies, open_store):
    for number in range(3):
        name = f"1.2.840.99.{number}"
        save(studies / name, PIXELS, SOPClassUID=ULTRASOUND, SeriesInstanceUID=f"1.7.{number}")
    store = open_store()
    assert store.list_images() == ["1.2.840.99.0", "1.2.840.99.1", "1.2.840.99.2"]
    store.save_label("1.2.840.99.1", np.ones((5, 6), np.uint8))
    assert LocalDatastore(studies).get_labeled_images() == ["1.2.840.99.1"]


def test_a_monai_bundle_beside_the_images_is_left_out_and_named(tmp_path: Path) -> None:
    files = ("case", "models/spleen/docs/picture", "models/spleen/eval/x", "other/configs/y")
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        nifti(tmp_path / f"{name}.nii.gz", volume())
    configs = tmp_path / "models" / "spleen" / "configs"
    configs.mkdir()
    (configs / "metadata.json").write_text("{}")
    (configs / "inference.yaml").write_text("network_def: {}")
    datastore = LocalDatastore(tmp_path)
    assert datastore.list_images() == ["case", "other/configs/y"]
    (note,) = datastore.notes()
    assert note.startswith(
        "a MONAI bundle lies with the images: models/spleen. None is used before its folder is named"
    )
    again = LocalDatastore(tmp_path)
    assert again.list_images() == ["case", "other/configs/y"]
    assert again.notes() == [note]
