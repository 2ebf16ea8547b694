"""What to label next: one image or several, with reasons, also by strategies that app authors write."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.display.table import Table

NAMES = [f"case_{number}" for number in range(8)]


class MonaiLabelLast(jlabel.Strategy):
    """MONAI Label's last.py, but for its imports."""

    def __init__(self):
        super().__init__("Get Last Sample")

    def __call__(self, request, datastore):
        images = datastore.get_unlabeled_images()
        if not len(images):
            return None
        images.sort()
        image = images[-1]
        datastore.get_image_info(image)
        return {"id": image}


class MonaiLabelRandom(jlabel.Strategy):
    """MONAI Label's random.py, but for its imports: it draws by the time that is noted of each image."""

    def __init__(self):
        super().__init__("Random Strategy")

    def __call__(self, request, datastore):
        images = datastore.get_unlabeled_images()
        if not len(images):
            return None
        images.sort()
        current_ts = int(time.time())
        weights = [current_ts - datastore.get_image_info(image).get("ts", 0) for image in images]
        return {"id": random.choices(images, weights=weights)[0]}


class Answers(jlabel.Strategy):
    """Gives what it is told to."""

    def __init__(self, answer):
        super().__init__("What it is told")
        self.answer = answer

    def __call__(self, request, datastore):
        return self.answer


class ChoosesWords(jlabel.Strategy):
    def __call__(self, request, datastore):
        return None

    def choose(self, request, datastore, count=1):
        return ["case_1"]


class App(jlabel.LabelApp):
    def init_strategies(self):
        own = {
            "monai_last": MonaiLabelLast(),
            "monai_random": MonaiLabelRandom(),
            "plain": Answers("case_2"),
            "number": Answers(3),
            "words": ChoosesWords(""),
        }
        return {**super().init_strategies(), **own}


@pytest.fixture
def manager(tmp_path: Path, own_locks: Path):
    for name in NAMES:
        Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / f"{name}.png")
    made = jlabel.AppManager(App(tmp_path, ["a", "b"]), device="cpu")
    yield made
    made.close()
    made.datastore.close()


def label(manager, *numbers):
    for number in numbers:
        manager.datastore.save_label(f"case_{number}", np.zeros((4, 5), np.uint8))


def score(manager, values):
    manager.datastore.scores.save(
        jlabel.Score(f"case_{number}", "entropy", value, "segmentation", 3, {"a": value / 2, "b": value})
        for number, value in values.items()
    )


def test_a_batch_is_a_list_of_choices_that_a_notebook_shows(manager):
    label(manager, 0, 1, 2, 3, 4)
    score(manager, {5: 0.25, 6: 0.61})
    chosen = manager.next_images("entropy", k=3)
    assert [choice.image_id for choice in chosen] == ["case_6", "case_5", "case_7"]
    shown = chosen._repr_html_()
    assert "most uncertain border of b, 0.61" in shown
    assert "it has no score yet" in shown
    assert manager.choose_next("entropy").reason == chosen[0].reason
    assert manager.next_images("entropy", k=1, exclude=["case_6"])[0].image_id == "case_5"


@pytest.mark.parametrize(
    "name", ["random", "first", "last", "coreset", "entropy", "clasp", "monai_last", "monai_random"]
)
def test_more_than_there_are_is_all_there_are_and_then_none(manager, name):
    chosen = manager.next_images(name, k=50)
    assert sorted(choice.image_id for choice in chosen) == NAMES
    label(manager, *range(8))
    assert manager.next_images(name, k=50) == []
    assert manager.next_image(name) is None
    assert "Chosen by" in manager.next_images(name)._repr_html_()


@pytest.mark.parametrize("k", [0, -1, "3", 2.5, True, None])
def test_how_many_must_be_a_number(manager, k):
    with pytest.raises(jlabel.TaskError, match="k is how many images"):
        manager.next_images("random", k=k)


def test_strategies_of_monai_label_run_unchanged(manager):
    assert manager.next_image("monai_last") == "case_7"
    assert manager.next_image("monai_last", exclude=["case_7"]) == "case_6"
    assert [choice.image_id for choice in manager.next_images("monai_last", k=3)] == ["case_7", "case_6", "case_5"]
    assert manager.next_image("monai_random") in NAMES
    assert len({choice.image_id for choice in manager.next_images("monai_random", k=8)}) == 8


def test_an_answer_that_cannot_be_taken_is_an_error_that_names_the_strategy(manager):
    assert manager.next_image("plain") == "case_2"
    for name, params, said in (
        ("plain", {"exclude": ["case_2"]}, "strategy Answers gave 'case_2'"),
        ("number", {}, "strategy Answers answered 3"),
        ("words", {}, "strategy 'words' chose 'case_1'"),
    ):
        with pytest.raises(jlabel.TaskError, match=said):
            manager.next_image(name, **params)
    manager.app.strategies["gone"] = Answers("never there")
    with pytest.raises(jlabel.TaskError, match="strategy 'gone' failed: there is no image 'never there'"):
        manager.next_image("gone")
    with pytest.raises(jlabel.DatastoreError, match="no strategy 'none'"):
        manager.next_images("none")


def test_an_image_that_was_deleted_after_it_was_scored_is_not_chosen(manager):
    label(manager, 0, 1, 2, 3, 4)
    score(manager, {5: 0.25, 6: 0.61, 7: 0.1})
    assert manager.next_image("clasp") is not None
    (manager.datastore.folder / "case_6.png").unlink()
    manager.datastore.refresh()
    assert manager.next_image("entropy") == "case_5"
    manager.datastore.remove_image("case_5")
    for name in ("entropy", "clasp", "power_entropy", "coreset"):
        assert manager.next_image(name) == "case_7"


def rows(table):
    return table if isinstance(table, Table) else table.astype(object).where(table.notna(), None).to_dict("records")


def test_the_selection_is_a_table_with_the_highest_first(manager):
    label(manager, 0, 1, 2, 3, 4)
    score(manager, {5: 0.25, 6: 0.61, 0: 0.9, 7: float("nan")})
    found = rows(manager.selection("entropy"))
    assert [row["image"] for row in found[:3]] == ["case_0", "case_6", "case_5"]
    assert sorted(row["image"] for row in found) == NAMES
    assert found[1] == {
        "image": "case_6",
        "score": 0.61,
        "version": 3,
        "reason": "most uncertain border of b, 0.61",
        "state": "unlabelled",
    }
    assert found[0]["state"] == "final"
    assert [row["score"] for row in found[3:]] == [None] * 5
    assert [row["image"] for row in rows(manager.selection("power_entropy"))] == [row["image"] for row in found]


def test_the_selection_of_a_method_and_of_a_strategy_without_scores(manager):
    manager.app.scoring_methods["appearance"]({}, manager.datastore)
    by_look = rows(manager.selection("appearance"))
    assert sorted(row["image"] for row in by_look) == NAMES
    assert {row["score"] for row in by_look} == {0.0}
    assert [row["image"] for row in rows(manager.selection("last"))] == NAMES[::-1]
    label(manager, *range(8))
    assert rows(manager.selection("last")) == []
    with pytest.raises(jlabel.DatastoreError, match="no strategy or scoring method 'none'"):
        manager.selection("none")
