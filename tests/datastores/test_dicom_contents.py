"""Which DICOM labels lie in a studies folder, and which series its images are."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jlabel.datastores import LocalDatastore
from jlabel.imaging.formats.dicom_objects import LABEL_MAP_SEGMENTATION, SEGMENTATION, STRUCTURE_SET
from tests.imaging.dicom_samples import place, save
from tests.imaging.samples import nifti


def test_series_are_known_however_their_files_lie(tmp_path: Path) -> None:
    for folder, uid in (("whole", "1.1"), ("two", "1.2"), ("two", "1.3"), ("split/a", "1.4"), ("split/b", "1.4")):
        for k in (0, 1):
            height = 4 * k + 8 * (folder == "split/b")
            save(
                tmp_path / folder / f"{uid}_{k}",
                np.zeros((3, 4), np.int16),
                SeriesInstanceUID=uid,
                **place((0, 0, height)),
            )
    save(tmp_path / "picture.dcm", np.zeros((3, 4), np.uint8), SeriesInstanceUID="1.5")
    nifti(tmp_path / "head.nii", np.zeros((3, 3, 3), np.int16))
    store = LocalDatastore(tmp_path)
    contents = store.dicom_contents()
    assert sorted(contents.series.values()) == ["1.1", "1.2", "1.3", "1.4", "1.5"]
    assert set(store.list_images()) - set(contents.series) == {"head"}
    assert contents.series["whole"] == "1.1"
    assert contents.series["picture"] == "1.5"


def test_labels_are_listed_and_the_notes_say_what_to_do_with_them(tmp_path: Path) -> None:
    for name, kind in (("c", STRUCTURE_SET), ("a.dcm", SEGMENTATION), ("sub/b.seg", LABEL_MAP_SEGMENTATION)):
        save(tmp_path / name, np.zeros((3, 4), np.uint8), SOPClassUID=kind)
    store = LocalDatastore(tmp_path)
    assert store.list_images() == []
    assert store.dicom_contents().labels == (tmp_path / "a.dcm", tmp_path / "c", tmp_path / "sub" / "b.seg")
    (note,) = [note for note in store.notes() if "left out" in note]
    assert note.endswith("manager.dicom_labels() lists those that are labels")
