"""Labels that are stored on a DICOMweb server, and read again as labels."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest

import jlabel
from jlabel.datastores.new_label import NewLabel
from jlabel.dicomweb import DicomWebDatastore
from jlabel.errors import DatastoreError
from tests.dicomweb.conftest import Open, Pacs
from tests.dicomweb.small_series import CASE, COLUMNS, ROWS, slices, uid
from tests.dicomweb.small_server import SmallServer

SHAPE = (COLUMNS, ROWS, 3)
NAMES = {"labels": {"liver": 1, "tumour": 4}}


def mask(*values: int) -> np.ndarray:
    """A label in which each value has some voxels."""
    found = np.zeros(SHAPE, np.uint8)
    for at, value in enumerate(values):
        found[at, 1 : 3 + at, at % 3] = value
    return found


def label_of(datastore: DicomWebDatastore, image_id: str = CASE) -> np.ndarray:
    image = jlabel.read_image(datastore.get_image_uri(image_id))
    return jlabel.read_label(datastore.get_label_uri(image_id), image)


def current(datastore: DicomWebDatastore) -> int:
    return next(one.number for one in datastore.label_history(CASE) if one.current)


def test_a_label_is_a_dicom_seg_that_refers_to_its_slices(pacs: Pacs, open_on: Open, tmp_path: Path) -> None:
    datastore = open_on(pacs, author="mia")
    datastore.save_label(CASE, mask(1, 4), info=NAMES)
    (stored,) = pacs.datasets(Modality="SEG")
    assert [one.SegmentLabel for one in stored.SegmentSequence] == ["liver", "tumour"]
    assert (stored.SeriesDescription, stored.ContentCreatorName) == ("jlabel final by mia", "mia")
    assert (stored.PatientID, stored.StudyInstanceUID) == ("P1", uid("study"))
    (referred,) = stored.ReferencedSeriesSequence
    assert referred.SeriesInstanceUID == uid("series", "axial")
    # Its own frames hold the label too, for programs that know nothing of jlabel: they are read as any SEG is.
    stored.save_as(tmp_path / "seg.dcm")
    manager = jlabel.AppManager(jlabel.RadiologyApp(datastore, NAMES["labels"]), device="cpu")
    manager.import_dicom_label(tmp_path / "seg.dcm", tag="original")
    np.testing.assert_array_equal(manager.label(CASE, "original"), mask(1, 4))
    assert manager.dicom_labels() == []  # those of jlabel's own are versions, and none to be imported
    manager.close()


def test_a_label_is_the_same_on_another_machine_with_its_versions(pacs: Pacs, open_on: Open) -> None:
    here, there = open_on(pacs, "here", author="mia"), open_on(pacs, "there", author="ben")
    here.save_label(CASE, mask(1), info=NAMES)
    here.save_label(CASE, mask(1, 4), info={**NAMES, "comment": "both\n\\ <b>ä</b>"})
    there.refresh()
    np.testing.assert_array_equal(label_of(there), mask(1, 4))
    assert there.get_label_info(CASE) == {**NAMES, "comment": "both\n\\ <b>ä</b>"}
    assert [(one.number, one.author, one.current) for one in there.label_history(CASE)] == [
        (1, "mia", False),
        (2, "mia", True),
    ]
    assert Path(there.get_version_uri(CASE, 1)).read_bytes() == Path(here.get_version_uri(CASE, 1)).read_bytes()
    there.save_label(CASE, mask(4), info=NAMES)
    here.refresh()
    np.testing.assert_array_equal(label_of(here), mask(4))
    assert [one.author for one in here.label_history(CASE)] == ["mia", "mia", "ben"]
    assert len(pacs.datasets(Modality="SEG")) == 3  # the server keeps them all
    here.remove_label(CASE, "final")
    there.refresh()
    assert there.get_labels_by_image_id(CASE) == {}
    there.restore_label(CASE, 1)
    here.refresh()
    np.testing.assert_array_equal(label_of(here), mask(1))


def test_a_new_machine_finds_all_labels(pacs: Pacs, open_on: Open) -> None:
    pacs.put(*slices(3, "other", SeriesNumber=5))
    here = open_on(pacs, "here")
    other = "P1/20240102_Thorax/5_other"
    labels = [NewLabel(CASE, mask(1), NAMES), NewLabel(other, mask(4), NAMES)]
    assert here.save_labels(labels, tag="original") == 2
    there = open_on(pacs, "there", query={"SeriesDescription": "other"})
    assert there.list_images() == [other]
    assert there.get_labels_by_image_id(other) == {"original": other}
    everything = open_on(pacs, "new")
    assert everything.status()["label_tags"] == {"original": 2}


def test_two_machines_that_save_at_once_both_keep_their_label(small: SmallServer, open_on: Open) -> None:
    here, there = open_on(small, "here", author="mia"), open_on(small, "there", author="ben")
    here.save_label(CASE, mask(1), info=NAMES)
    there.save_label(CASE, mask(4), info=NAMES)
    here.refresh()
    there.refresh()
    for datastore in (here, there):
        np.testing.assert_array_equal(label_of(datastore), mask(4))
        assert {one.author for one in datastore.label_history(CASE)} == {"mia", "ben"}
    here.save_label(CASE, mask(1, 4), info=NAMES)
    there.refresh()
    np.testing.assert_array_equal(label_of(there), mask(1, 4))
    assert current(here) == current(there) == 3


def test_while_the_server_is_down_labels_are_kept_and_stored_later(small: SmallServer, open_on: Open) -> None:
    datastore = open_on(small)
    datastore.save_label(CASE, mask(1), info=NAMES)
    small.failing = lambda method, path: 503 if method == "POST" else None
    with pytest.warns(UserWarning, match="saved on this machine, but not on the server"):
        datastore.save_label(CASE, mask(4), info=NAMES)
    np.testing.assert_array_equal(label_of(datastore), mask(4))
    assert any("saved on this machine and not on the server" in note for note in datastore.notes())
    datastore = open_on(small)  # as after a kill
    assert any("saved on this machine and not on the server" in note for note in datastore.notes())
    with pytest.raises(DatastoreError, match="DICOM SEG was not stored"):
        datastore.remove_label(CASE, "final")
    np.testing.assert_array_equal(label_of(datastore), mask(4))
    small.failing = lambda method, path: None
    datastore.refresh()
    assert not any("not on the server" in note for note in datastore.notes())
    there = open_on(small, "there")
    np.testing.assert_array_equal(label_of(there), mask(4))


def test_what_the_server_has_against_a_label_is_said(small: SmallServer, open_on: Open) -> None:
    datastore = open_on(small)
    small.failing = lambda method, path: 409 if method == "POST" else None
    small.reason = 0x0122
    with pytest.warns(UserWarning, match=r"does not take objects of this kind \(DICOM SEG\) \(0122\)"):
        datastore.save_label(CASE, mask(1), info=NAMES)
    small.failing = lambda method, path: 403 if method == "POST" else None
    with pytest.warns(UserWarning, match=r"access is denied \(403\)"):
        datastore.save_label(CASE, mask(1, 4), info=NAMES)
    assert len(datastore.label_history(CASE)) == 2


def test_storing_a_version_again_changes_nothing(small: SmallServer, open_on: Open) -> None:
    datastore = open_on(small)
    datastore.save_label(CASE, mask(1), info=NAMES)
    (datastore.folder / ".jlabel" / "dicomweb" / "stored.jsonl").unlink()  # as after a kill behind the upload
    datastore = open_on(small)
    assert len(datastore.label_history(CASE)) == 1
    assert len(small.datasets(Modality="SEG")) == 1


def test_a_segmentation_that_another_program_has_changed_is_offered_and_not_taken(
    small: SmallServer, open_on: Open
) -> None:
    open_on(small, "here").save_label(CASE, mask(1), info=NAMES)
    (stored,) = small.datasets(Modality="SEG")
    small.remove(stored.SOPInstanceUID)
    stored.SOPInstanceUID = stored.file_meta.MediaStorageSOPInstanceUID = uid("edited")
    small.put(stored)
    there = open_on(small, "there")
    assert there.get_labels_by_image_id(CASE) == {}
    manager = jlabel.AppManager(jlabel.RadiologyApp(there, ["liver"]), device="cpu")
    assert [one.images for one in manager.dicom_labels()] == [(CASE,)]
    manager.close()


def test_damaged_and_hostile_notes_of_labels_are_left_out(small: SmallServer, open_on: Open) -> None:
    open_on(small, "here").save_label(CASE, mask(1), info=NAMES)
    (stored,) = small.datasets(Modality="SEG")
    block = stored.private_block(0x0095, "JLABEL LABEL")
    note = json.loads(base64.b64decode(block[1].value))
    block[1].value = base64.b64encode(json.dumps({**note, "tag": "../../x"}).encode()).decode()
    small.put(stored)
    there = open_on(small, "there")
    assert there.get_labels_by_image_id(CASE) == {}
    assert any("1 labels are left out" in one for one in there.notes())
    block[1].value = base64.b64encode(json.dumps(note).encode()).decode()
    block[2].value = b"another file than was saved "
    small.put(stored)
    elsewhere = open_on(small, "elsewhere")
    assert any("is not what was stored there" in one for one in elsewhere.notes())
    with pytest.raises(DatastoreError, match="is not what was stored there"):
        elsewhere.get_version_uri(CASE, 1)


def test_a_label_that_could_not_be_fetched_is_fetched_by_the_next_look(small: SmallServer, open_on: Open) -> None:
    here, there = open_on(small, "here"), open_on(small, "there")
    here.save_label(CASE, mask(1), info=NAMES)
    (stored,) = small.datasets(Modality="SEG")
    small.failing = lambda method, path: "cut" if f"/instances/{stored.SOPInstanceUID}" in path else None
    there.refresh()
    assert there.get_labels_by_image_id(CASE) == {}
    small.failing = lambda method, path: None
    there.refresh()
    np.testing.assert_array_equal(label_of(there), mask(1))
