"""Labels are measured as they are now, and each that cannot be is named."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.errors import DatastoreError
from jlabel.manager import label_measuring
from jlabel.manager.label_measuring import measure_labels, read_current
from jlabel.manager.studies_check import check_studies
from jlabel.selection.review import LabelKey

SHAPE = (8, 8, 8)


@pytest.fixture
def datastore(tmp_path: Path) -> LocalDatastore:
    for name in "abc":
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / f"{name}.nii")
    datastore = LocalDatastore(tmp_path)
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:6, 2:6, 2:6] = 1
    datastore.save_label("a", mask)
    datastore.save_label("b", mask)
    return datastore


def test_images_without_a_label_and_those_that_are_gone_are_passed_by(datastore: LocalDatastore) -> None:
    found = measure_labels(datastore, ["a", "b", "c", "gone"], "final", {1: "organ"})
    assert set(found.measures) == {LabelKey("a", 1), LabelKey("b", 1)}
    assert found.problems == {}


def test_a_label_that_cannot_be_read_is_named(datastore: LocalDatastore) -> None:
    Path(datastore.get_image_uri("b")).write_bytes(b"no image")
    told: list[str] = []
    found = measure_labels(datastore, ["a", "b"], "final", {1: "organ"}, tell=told.append)
    assert list(found.measures) == [LabelKey("a", 1)]
    assert list(found.problems) == [LabelKey("b", 1)]
    assert len(told) == 1
    assert told[0].startswith("the label of 'b' is left out: ")


def test_what_is_known_is_not_saved_again(datastore: LocalDatastore) -> None:
    measure_labels(datastore, ["a", "b"], "final", {1: "organ"})
    before = datastore.scores.stamp()
    measure_labels(datastore, ["a", "b"], "final", {1: "organ"})
    assert datastore.scores.stamp() == before


def test_a_label_that_is_saved_while_it_is_read_is_read_again(
    datastore: LocalDatastore, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, often = label_measuring.read_label, iter([True, False, False])

    def read(path, image):
        if next(often, True):
            datastore.save_label("a", np.full(SHAPE, 2, np.uint8))
        return real(path, image)

    monkeypatch.setattr(label_measuring, "read_label", read)
    key, mask, _ = read_current(datastore, "a", "final")
    assert (key.version, int(mask.max())) == (2, 2)
    often = iter([True] * 9)
    with pytest.raises(DatastoreError, match="was saved while it was read"):
        read_current(datastore, "a", "final")


def test_objects_that_a_label_tells_apart_are_measured_together(datastore: LocalDatastore) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[1:3, 1, 1], mask[5:7, 5, 5], mask[0, 0, 0] = 1, 7, 2
    info = {"labels": {"cell": 1, "rest": 2}}
    datastore.save_label("a", mask, info=info)
    named = {1: "cell", 2: "rest"}
    assert measure_labels(datastore, ["a"], "final", named).measures[LabelKey("a", 2)].others == (7,)
    datastore.update_label_info("a", "final", {"instances": "cell"})
    again = measure_labels(datastore, ["a"], "final", named).measures[LabelKey("a", 2)]
    assert again.others == ()
    assert np.unique(read_current(datastore, "a", "final")[1]).tolist() == [0, 1, 2]
    assert [one.kind for one in check_studies(datastore) if one.image_id == "a"] == []
