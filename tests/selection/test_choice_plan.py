"""The next choices, worked out once for several calls, and again once scores were saved."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel
from jlabel.datastores import Datastore, Score
from jlabel.selection.choice_plan import ChoicePlan
from jlabel.tasks.strategy import Choice


@pytest.fixture
def datastore(tmp_path: Path) -> Datastore:
    for number in range(3):
        nib.save(nib.Nifti1Image(np.zeros((4, 4, 4), np.int16), np.eye(4)), tmp_path / f"case_{number}.nii.gz")
    return jlabel.LocalDatastore(tmp_path)


class Clock:
    """A clock that goes on only when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Maker:
    """Plans all images in their order, counts how often, and takes its time by the clock."""

    def __init__(self, datastore: Datastore, clock: Clock, seconds: float = 1.0) -> None:
        self.made, self._datastore, self._clock, self._seconds = 0, datastore, clock, seconds

    def __call__(self, more: int) -> list[Choice]:
        self._clock.seconds += self._seconds
        self.made += 1
        return [Choice(image_id) for image_id in self._datastore.get_unlabeled_images()]


def test_it_is_made_once_and_again_after_scores_were_saved(datastore: Datastore) -> None:
    clock = Clock()
    plan, make = ChoicePlan(clock), Maker(datastore, clock)
    assert plan.next(datastore, ["case_0"], make) == Choice("case_1")
    assert plan.next(datastore, [], make) == Choice("case_0")
    assert make.made == 1
    datastore.scores.save([Score("case_1", "entropy", 0.5)])
    clock.seconds += 20.0
    assert plan.next(datastore, [], make) == Choice("case_0")
    assert make.made == 2


def test_one_that_took_long_is_not_made_anew_for_every_score_that_arrives(datastore: Datastore) -> None:
    clock = Clock()
    plan, make = ChoicePlan(clock), Maker(datastore, clock)
    plan.next(datastore, [], make)
    for value in (0.1, 0.2, 0.3):
        datastore.scores.save([Score("case_1", "entropy", value)])
        clock.seconds += 6.0
        plan.next(datastore, [], make)
    assert make.made == 1
    # But what it is about is looked at every time.
    plan.next(datastore, [], make, about="version 2")
    assert make.made == 2
