"""Which version of a model judges which label, and what it says of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from jlabel.imaging.region import Region
from jlabel.manager.review_work import by_version, compare
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.selection.review import LabelKey
from jlabel.tasks import InferResult, InferTask


class Learner(InferTask):
    def pre_transforms(self, data):
        return []

    def inferer(self, data):
        return []

    def post_transforms(self, data):
        return []


def task_with(folder: Path, *learnt: dict[str, int]) -> InferTask:
    store = ModelStore(folder)
    save_file({"weight": np.zeros(1)}, folder / "new.safetensors")
    for images in learnt:
        version = store.publish(ModelVersion("learner", 0, images=images), folder / "new.safetensors")
        store.use("learner", version.number)
    return Learner(labels=["organ"], published=PublishedModel(store, "learner"))


def judges(task: InferTask, *keys: LabelKey) -> dict[LabelKey, int | None]:
    return {
        key: None if version is None else version.number for version, group in by_version(task, keys) for key in group
    }


def test_the_version_in_use_judges_unless_it_has_learnt_from_the_label(tmp_path: Path) -> None:
    task = task_with(tmp_path, {"a": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 1})
    a, b, c, new = LabelKey("a", 1), LabelKey("b", 1), LabelKey("c", 1), LabelKey("d", 1)
    assert judges(task, a, b, c, new) == {a: 3, b: 1, c: 2, new: 3}
    task.published.store.use("learner", 2)
    assert judges(task, a, b, c, new) == {a: 2, b: 1, c: 2, new: 2}


def test_a_label_that_was_saved_since_is_another_one(tmp_path: Path) -> None:
    task = task_with(tmp_path, {"a": 1})
    assert judges(task, LabelKey("a", 2)) == {LabelKey("a", 2): 1}


def test_a_task_without_versions_judges_all(tmp_path: Path) -> None:
    assert judges(Learner(labels=["organ"]), LabelKey("a", 1)) == {LabelKey("a", 1): None}


@pytest.mark.parametrize("sure", [True, False])
def test_an_answer_without_probabilities_has_dice_alone(sure: bool) -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[2:7, 2:7] = 4
    result = InferResult(
        region=Region.whole(mask.shape),
        values=mask,
        shape=mask.shape,
        labels={"organ": 4},
        latencies={},
        probabilities=np.where(mask, 0.8, 0.2)[None].astype(np.float16) if sure else None,
        classes=("organ",) if sure else (),
    )
    quality, dice = compare(mask, result)
    assert dice == {4: 1.0}
    assert quality == ({4: pytest.approx(0.8, abs=0.01)} if sure else {})
