"""Reading what was saved with labels: from one's own labels, older ones, copies and damaged ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.effort import EffortRecord, logged_effort

MASK = np.zeros((4, 4, 4), np.uint8)


@pytest.fixture
def datastore(tmp_path: Path) -> Iterator[LocalDatastore]:
    for name in "abc":
        nib.save(nib.Nifti1Image(MASK, np.eye(4)), tmp_path / f"{name}.nii.gz")
    datastore = LocalDatastore(tmp_path, author="Ada")
    yield datastore
    datastore.close()


def save(datastore: LocalDatastore, image_id: str, effort: Any = None, **options: Any) -> None:
    info = {} if effort is None else {"effort": effort}
    datastore.save_label(image_id, MASK, info={**info, "models": ["x"]}, **options)


def test_each_version_is_read_with_who_saved_it(datastore: LocalDatastore) -> None:
    save(datastore, "a", EffortRecord(seconds=3).to_json())
    save(datastore, "b", EffortRecord(seconds=4).to_json(), author="Bob")
    save(datastore, "a", EffortRecord(seconds=5).to_json())
    found = [(one.image_id, one.version, one.author, one.effort.seconds) for one in logged_effort(datastore)]
    assert found == [("a", 1, "Ada", 3), ("b", 1, "Bob", 4), ("a", 2, "Ada", 5)]


@pytest.mark.parametrize("effort", [None, 3, "text", [1], {}, {"seconds": "x"}, {"seconds": 1e300}, {"seconds": 1e999}])
def test_a_label_without_or_with_a_damaged_entry_is_passed_by(datastore: LocalDatastore, effort: Any) -> None:
    save(datastore, "a", effort)
    save(datastore, "b", EffortRecord(seconds=4).to_json())
    assert [one.image_id for one in logged_effort(datastore)] == ["b"]


def test_going_back_to_a_version_costs_nothing_again(datastore: LocalDatastore) -> None:
    save(datastore, "a", EffortRecord(seconds=3).to_json())
    save(datastore, "a", EffortRecord(seconds=5).to_json())
    datastore.restore_label("a", 1)
    assert [(one.version, one.effort.seconds) for one in logged_effort(datastore)] == [(1, 3), (2, 5)]


def test_of_one_draft_that_two_labelers_saved_the_longer_work_counts(datastore: LocalDatastore) -> None:
    save(datastore, "a", EffortRecord(seconds=3, id="one").to_json())
    save(datastore, "a", EffortRecord(seconds=9, id="one").to_json())
    assert [(one.version, one.effort.seconds) for one in logged_effort(datastore)] == [(2, 9)]
