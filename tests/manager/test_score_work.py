"""Scoring methods of an app author, as a job calls them, without a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.errors import Cancelled, TaskError
from jlabel.manager.score_work import ScoreWork


class Run:
    """A job's run that keeps what it is told."""

    device, threads = "cpu", 1

    def __init__(self, folder: Path) -> None:
        self.checkpoints = folder
        self.notes: list[str] = []
        self.fractions: list[float] = []
        self.cancel_when: Callable[[], bool] = lambda: False

    @property
    def cancelled(self) -> bool:
        return self.cancel_when()

    def check_cancelled(self) -> None:
        if self.cancelled:
            raise Cancelled("the job was cancelled")

    def progress(self, fraction: float, left: float | None = None) -> None:
        self.fractions.append(fraction)

    def note(self, text: str) -> None:
        self.notes.append(text)


class MyScoringMethod(jlabel.ScoringMethod):
    """As MONAI Label's documentation would write it."""

    calls = 0

    def __call__(self, request, datastore):
        self.calls += 1
        result = {}
        for image in datastore.get_unlabeled_images():
            info = datastore.get_image_info(image)
            if info.get("my_score"):
                continue
            value = self.value_of(datastore.get_image_uri(image), request)
            datastore.update_image_info(image, {"my_score": value})
            result[image] = value
        return result

    def value_of(self, uri: str, request) -> float:
        return float(jlabel.read_image(uri).array.mean()) * request.get("factor", 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[jlabel.LocalDatastore]:
    folder = tmp_path / "studies"
    folder.mkdir()
    for number, name in enumerate("abcde", start=1):
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(folder / f"{name}.png")
    store = jlabel.LocalDatastore(folder)
    yield store
    store.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    return Run(folder)


def do(method: jlabel.ScoringMethod, store: jlabel.LocalDatastore, run: Run, images=None, **request: Any) -> Any:
    return ScoreWork("mine", method, store, request, images)(run)


def scores(store: jlabel.LocalDatastore) -> dict[str, float]:
    found = {image_id: store.get_image_info(image_id).get("my_score") for image_id in store.list_images()}
    return {image_id: value for image_id, value in found.items() if value is not None}


def test_a_method_of_ones_own_runs_as_it_is_written(store, run):
    found = do(MyScoringMethod("Mine"), store, run, factor=2)
    assert scores(store) == {"a": 2, "b": 4, "c": 6, "d": 8, "e": 10}
    assert found == {**scores(store), "done": 5, "left_out": {}}
    assert run.fractions == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])


def test_an_image_at_which_it_raises_is_named_and_the_rest_is_scored(store, run):
    class Raising(MyScoringMethod):
        def value_of(self, uri, request):
            if Path(uri).stem in "bd":
                raise ZeroDivisionError(f"nothing in {Path(uri).name}")
            return super().value_of(uri, request)

    method = Raising("Raises")
    found = do(method, store, run)
    assert scores(store) == {"a": 1, "c": 3, "e": 5}
    assert found["left_out"] == {
        "b": "ZeroDivisionError: nothing in b.png",
        "d": "ZeroDivisionError: nothing in d.png",
    }
    assert run.notes == [f"image {each!r} is left out: {why}" for each, why in found["left_out"].items()]
    assert (found["done"], method.calls) == (3, 3)


def test_what_is_known_of_an_image_may_be_what_it_raises_at(store, run):
    class Picky(MyScoringMethod):
        def __call__(self, request, datastore):
            for image in datastore.list_images():
                wanted = datastore.get_image_info(image)["wanted"]
                datastore.update_image_info(image, {"my_score": wanted})
            return {}

    for name in "abde":
        store.update_image_info(name, {"wanted": 7})
    assert do(Picky("Picky"), store, run)["left_out"] == {"c": "KeyError: 'wanted'"}
    assert set(scores(store)) == set("abde")


def test_a_method_with_threads_of_its_own_is_followed_too(store, run):
    class Threaded(MyScoringMethod):
        def __call__(self, request, datastore):
            images = [
                image for image in datastore.get_unlabeled_images() if datastore.get_image_info(image) is not None
            ]
            with ThreadPoolExecutor(2) as pool:
                for future in [pool.submit(self.score, image, datastore) for image in images]:
                    future.result()
            return {}

        def score(self, image, datastore):
            if Path(datastore.get_image_uri(image)).stem == "c":
                raise ValueError("odd")
            datastore.update_image_info(image, {"my_score": 1.0})

    found = do(Threaded("In threads"), store, run)
    assert found["left_out"] == {"c": "ValueError: odd"}
    assert set(scores(store)) == set("abde")


def test_one_that_raises_at_every_image_says_what_the_last_said(store, run):
    class Hopeless(MyScoringMethod):
        def value_of(self, uri, request):
            raise ValueError("no")

    with pytest.raises(TaskError, match="none of 5 images could be scored; the last: ValueError: no"):
        do(Hopeless("Fails"), store, run)


def test_one_that_raises_at_no_image_fails_as_a_whole(store, run):
    class Broken(MyScoringMethod):
        def __call__(self, request, datastore):
            raise RuntimeError("no weights")

    with pytest.raises(TaskError, match="scoring method 'mine' failed: RuntimeError: no weights"):
        do(Broken("Broken"), store, run)


def test_one_that_looks_at_no_list_is_not_called_for_ever(store, run):
    class Stubborn(MyScoringMethod):
        def __call__(self, request, datastore):
            datastore.get_image_uri("a")
            raise ValueError("again")

    with pytest.raises(TaskError, match="scoring method 'mine' failed: ValueError: again"):
        do(Stubborn("Stubborn"), store, run)


def test_an_image_that_is_deleted_meanwhile_is_left_out_as_such(store, run):
    class Slow(MyScoringMethod):
        def value_of(self, uri, request):
            (Path(uri).parent / "d.png").unlink(missing_ok=True)
            return super().value_of(uri, request)

    found = do(Slow("Slow"), store, run)
    assert found["left_out"] == {"d": "it was deleted meanwhile"}
    assert set(scores(store)) >= set("abce")


def test_it_stops_between_images_and_goes_on_with_the_rest(store, run):
    method = MyScoringMethod("Mine")
    run.cancel_when = lambda: len(scores(store)) >= 2
    with pytest.raises(Cancelled):
        do(method, store, run)
    assert set(scores(store)) == set("ab")
    store.update_image_info("a", {"my_score": 100.0})
    run.cancel_when = lambda: False

    class Again(MyScoringMethod):
        def __call__(self, request, datastore):
            assert datastore.get_unlabeled_images() == ["c", "d", "e"]
            return super().__call__(request, datastore)

    assert do(Again("Again"), store, run)["done"] == 5
    assert scores(store) == {"a": 100, "b": 2, "c": 3, "d": 4, "e": 5}


def test_one_that_goes_on_whatever_is_raised_is_cancelled_all_the_same(store, run):
    class Deaf(MyScoringMethod):
        def __call__(self, request, datastore):
            for image in datastore.get_unlabeled_images():
                try:
                    datastore.update_image_info(image, {"my_score": 1.0})
                except Exception:
                    continue
            return {}

    run.cancel_when = lambda: len(scores(store)) >= 2
    with pytest.raises(Cancelled):
        do(Deaf("Deaf"), store, run)
    assert len(scores(store)) == 2


def test_a_list_limits_what_it_sees(store, run):
    assert do(MyScoringMethod("Mine"), store, run, images=["b", "e"])["done"] == 2
    assert set(scores(store)) == set("be")


def test_scores_that_are_not_numbers_are_noted(store, run):
    class Unclear(MyScoringMethod):
        def value_of(self, uri, request):
            return float("nan") if Path(uri).stem == "b" else 1.0

    do(Unclear("Unclear"), store, run)
    assert run.notes == ["image 'b': my_score is not a number that can be compared"]


def test_its_answer_may_hold_what_json_does_not(store, run):
    class Arrays(MyScoringMethod):
        def __call__(self, request, datastore):
            super().__call__(request, datastore)
            return {"mean": np.float32(0.5), "all": np.arange(2), "where": Path("here")}

    found = do(Arrays("Arrays"), store, run)
    assert (found["mean"], found["all"], found["where"]) == (0.5, [0, 1], "here")


def test_it_is_told_how_it_was_asked(store, run):
    class Asking(MyScoringMethod):
        def __call__(self, request, datastore):
            return {key: request[key] for key in ("method", "device", "factor")} | {"same": request["run"] is run}

    found = do(Asking("Asking"), store, run, factor=3)
    assert {**found, "done": 0, "left_out": {}} == found
    assert (found["method"], found["device"], found["factor"], found["same"]) == ("mine", "cpu", 3, True)
