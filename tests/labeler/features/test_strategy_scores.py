"""Whether the scores that strategies go by are there, and computing them from the labeler."""

# ruff: noqa: F811 - pytest finds fixtures by their names

from __future__ import annotations

import pytest

from jlabel.datastores import Score
from jlabel.labeler.features import strategy_scores
from jlabel.labeler.features.strategy_scores import readiness
from tests.labeler.features.choosing import Finder, manager, page, studies  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(strategy_scores, "_SECONDS_BETWEEN_LOOKS", 0.01)


def told(page, name="brightest"):
    return page.state()["readiness"].get(name)


def save(manager, *ids):
    manager.datastore.scores.save([Score(image_id, "brightness", 0.5) for image_id in ids])


def test_it_says_what_is_missing_and_which_method_computes_it(page):
    page.wait(lambda: told(page) is not None)
    assert told(page) == {"text": "needs scores", "method": "brightness", "obstacle": ""}
    assert told(page, "first") == {"text": "", "method": "", "obstacle": ""}


def test_scores_that_arrive_are_told(page, manager):
    save(manager, "case_0", "case_1")
    page.wait(lambda: told(page) == {"text": "scored: 2 of 3", "method": "brightness", "obstacle": ""})
    save(manager, "case_2")
    page.wait(lambda: told(page) == {"text": "scored: 3 of 3", "method": "", "obstacle": ""})


def test_a_label_that_is_saved_is_told(page, manager):
    save(manager, "case_0", "case_1")
    page.stroke((1, 1, 1), (2, 2, 2), 1)
    page.labeler.save()
    page.wait(lambda: told(page)["text"] == "scored: 1 of 2")


def test_whoever_is_about_to_choose_sees_it_as_it_is(page, manager, monkeypatch):
    page.wait(lambda: told(page) is not None)
    strategy = manager.app.strategies["first"]
    monkeypatch.setattr(strategy, "readiness", lambda datastore: "ready by now")
    page.ask("strategies")
    page.wait(lambda: told(page, "first")["text"] == "ready by now")


def test_a_strategy_that_fails_says_so_and_the_others_are_told(page, manager, monkeypatch):
    def fail(datastore):
        raise ZeroDivisionError("<b>no images</b>")

    monkeypatch.setattr(manager.app.strategies["first"], "readiness", fail)
    page.ask("strategies")
    said = "First.readiness failed: ZeroDivisionError: <b>no images</b>"
    page.wait(lambda: (told(page, "first") or {}).get("text") == said)
    assert told(page)["text"] == "needs scores"


def test_scores_of_a_former_version_are_not_enough_and_an_untrained_model_is_said(manager, monkeypatch):
    save(manager, "case_0", "case_1", "case_2")
    scoring, strategy = manager.app.scoring_methods["brightness"], manager.app.strategies["brightest"]
    scoring.task = Finder()
    assert readiness(manager, strategy).method == ""
    monkeypatch.setattr(scoring.task, "version_in_use", lambda: type("Version", (), {"number": 2})())
    assert readiness(manager, strategy).method == "brightness"
    assert readiness(manager, strategy).obstacle == ""
    scoring.task.ready = False
    assert "press Train" in readiness(manager, strategy).obstacle


def test_a_job_computes_them_and_is_shown(page, manager):
    page.ask("score", method="brightness")
    page.wait(lambda: any(message["job"]["state"] == "done" for message in page.told("scoring")), 240)
    first = page.told("scoring")[0]["job"]
    assert (first["kind"], first["name"]) == ("score", "brightness")
    page.wait(lambda: told(page)["text"] == "scored: 3 of 3")
    assert manager.datastore.scores.scored("brightness") == {"case_0", "case_1", "case_2"}


def test_an_unknown_method_is_an_error(page):
    page.ask("score", method="darkness")
    page.wait(lambda: page.told("error") != [])
    assert "no scoring method 'darkness'" in page.told("error")[0]["text"]
