"""Strategies on a datastore: which scores they go by, what they say, and what they do before there are scores."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

import jlabel
from jlabel.datastores import Score
from jlabel.registry import ModelStore, PublishedModel
from jlabel.selection import default_strategies
from tests.selection.synthetic_pools import label, make_studies, save_scores

NAMES = tuple("abcdefghijkl")
BY_MODEL = ("entropy", "bald", "epistemic", "disagreement", "clasp", "power_entropy")
OF_ALL = ("foreground_random", "coreset", "typiclust", "clasp", "power_entropy")


@pytest.fixture
def store(tmp_path):
    opened = make_studies(tmp_path / "studies", NAMES)
    yield opened
    opened.close()


@pytest.fixture
def strategies():
    return default_strategies({})


def save_features(store, kind="appearance", model="", version=0):
    for number, name in enumerate(NAMES):
        score = Score(name, "appearance" if kind == "appearance" else "bald", 0.1 + number / 100, model, version)
        store.scores.save([score], {kind: np.array([number % 4, number, 1.0])})


@pytest.mark.parametrize("name", list(default_strategies({})))
def test_every_strategy_gives_each_image_once_and_then_none(store, strategies, name):
    strategy = strategies[name]
    save_scores(store, dict.fromkeys("bdfh", 0.1))
    save_features(store)
    for left in range(len(NAMES), 0, -1):
        (choice,) = strategy.choose({"exclude": ["a"]} if left > 1 else {}, store)
        assert choice.image_id in store.waiting_images()
        assert left == 1 or choice.image_id != "a"
        assert strategy({}, store) in store.waiting_images()
        assert isinstance(strategy.readiness(store), str)
        label(store, choice.image_id)
    assert strategy.choose({}, store) == strategy.choose({}, store, 3) == []
    assert strategy({}, store) is None


@pytest.mark.parametrize("name", list(default_strategies({})))
def test_several_at_once_are_distinct_and_more_than_there_are_is_all(store, strategies, name):
    label(store, *"abcde")
    save_scores(store, dict.fromkeys("fghij", 0.3))
    save_features(store, "network", "segmentation", 1)
    for count, left in ((2, 2), (30, 6)):
        ids = [choice.image_id for choice in strategies[name].choose({"exclude": ["f"]}, store, count)]
        assert len(ids) == len(set(ids)) == left
        assert set(ids) <= set("ghijkl")


@pytest.mark.parametrize("name", [*BY_MODEL, *OF_ALL])
def test_skipped_images_come_last(store, strategies, name):
    label(store, *"abcdefgh")
    save_scores(store, {"i": 0.9, "j": 0.5})
    store.update_image_info("i", {"skipped": "2026-05-01"})
    store.update_image_info("l", {"skipped": "2026-05-01"})
    for allowed in ({"j", "k"}, {"j", "k"}, {"i", "l"}, {"i", "l"}):
        (choice,) = strategies[name].choose({}, store)
        assert choice.image_id in allowed
        label(store, choice.image_id)


def test_the_highest_score_is_chosen_and_its_reason_says_why(store, strategies):
    label(store, *"abcde")
    save_scores(store, {"f": 0.2, "g": 0.61, "h": 0.3})
    (choice,) = strategies["entropy"].choose({}, store)
    assert choice == jlabel.Choice("g", "most uncertain border of posterior, 0.61", 0.61, "entropy", 1)
    label(store, "g")
    assert strategies["entropy"]({}, store) == "h"
    label(store, "h")
    (choice,) = strategies["entropy"].choose({"exclude": ["f"]}, store)
    assert choice.image_id == "i"
    assert choice.reason == "it has no score yet"


def test_the_reason_counts_the_labelled_images_that_are_like_it(store, strategies):
    label(store, *"abcdef")
    for number, name in enumerate(NAMES):
        position = 0.0 if name in "abg" else 10.0 + 5 * number
        score = Score(name, "entropy", 0.9 if name == "g" else 0.1, "segmentation", 1)
        store.scores.save([score], {"network": np.array([position, 1.0])})
    (choice,) = strategies["entropy"].choose({}, store)
    assert choice.reason == "most uncertain image, 0.9; 2 like it are labelled"
    (other,) = strategies["entropy"].choose({"exclude": ["g"]}, store)
    assert other.reason.endswith("like it is labelled")


def test_a_score_that_is_no_number_comes_after_those_that_are(store, strategies):
    label(store, *"abcde")
    save_scores(store, {"f": math.nan, "g": 0.1, "h": math.nan})
    assert strategies["entropy"]({}, store) == "g"
    assert strategies["entropy"].choose({}, store, 2)[0].image_id == "g"


@pytest.mark.parametrize("name", BY_MODEL)
def test_before_there_are_labels_and_scores_others_choose_and_it_is_said(store, strategies, name):
    strategy = strategies[name]
    (choice,) = strategy.choose({}, store)
    assert choice.reason == "fewer than 5 images are labelled: drawn at random"
    save_features(store)
    (choice,) = strategy.choose({}, store)
    assert choice.reason.startswith("fewer than 5 images are labelled: typical of ")
    label(store, *"abcde")
    (choice,) = strategy.choose({}, store)
    assert choice.reason.startswith("no scores yet: typical of ")
    save_scores(store, {"f": 0.5}, method=getattr(strategy, "method"))  # noqa: B009
    (choice,) = strategy.choose({}, store)
    assert (choice.image_id, choice.score, choice.version) == ("f", 0.5, 1)


def test_the_newest_version_counts_that_covers_half_of_the_images_that_wait(store, strategies):
    label(store, *"abcd")
    entropy = strategies["entropy"]
    save_scores(store, {name: 0.9 if name == "l" else 0.1 for name in NAMES}, version=1)
    save_scores(store, {"e": 0.5}, version=2)
    assert entropy.readiness(store) == "scored with version 1: 8 of 8"
    label(store, "l")
    save_scores(store, {"f": 0.4, "g": 0.6}, version=2)
    assert entropy.readiness(store) == "scored with version 1: 7 of 7"
    save_scores(store, {"h": 0.55}, version=2)
    assert entropy.readiness(store) == "scored with version 2: 4 of 7"
    assert entropy({}, store) == "g"


def test_only_the_scores_of_its_model_count(store):
    label(store, *"abcde")
    save_scores(store, {"f": 0.9})
    store.scores.save([Score("g", "entropy", 0.1, "other", 7)])
    assert jlabel.Entropy("other")({}, store) == "g"
    assert jlabel.Entropy("segmentation")({}, store) == "f"


def test_readiness_says_what_is_missing(store, tmp_path):
    published = PublishedModel(ModelStore(tmp_path / "models"), "segmentation")
    assert jlabel.Entropy("segmentation", published).readiness(store) == "no model has been trained yet"
    assert jlabel.Entropy("segmentation").readiness(store) == "needs scores: manager.score('entropy')"
    assert jlabel.CoreSet().readiness(store) == "needs features: manager.score('appearance')"
    save_features(store)
    assert jlabel.CoreSet().readiness(store) == jlabel.TypiClust().readiness(store) == "features of 12 of 12"
    assert jlabel.ForegroundRandom().readiness(store) == "scored: 12 of 12"
    assert jlabel.Random().readiness(store) == jlabel.First().readiness(store) == jlabel.Last().readiness(store) == ""


def test_foreground_random_goes_by_what_is_bright_until_a_model_predicts(store):
    save_features(store)
    strategy = jlabel.ForegroundRandom()
    (choice,) = strategy.choose({}, store)
    assert choice.reason.startswith("drawn in proportion to its bright foreground, 0.")
    assert choice.score is None
    label(store, *"abcde")
    save_scores(store, dict.fromkeys("fghijkl", 0.5))
    (choice,) = strategy.choose({}, store)
    assert choice.reason == "drawn in proportion to its predicted foreground, 0.1"


@pytest.mark.parametrize("name", OF_ALL)
def test_a_plan_is_kept_until_scores_change_and_follows_the_labels(store, strategies, name, monkeypatch):
    label(store, *"abcde")
    save_features(store, "network", "segmentation", 1)
    save_features(store)
    save_scores(store, {each: 0.1 + ord(each) / 1000 for each in "fghijkl"})
    strategy = strategies[name]
    monkeypatch.setattr("jlabel.selection.choice_plan._GOOD_FOR", 0)
    made = []
    pick = type(strategy).pick
    monkeypatch.setattr(type(strategy), "pick", lambda self, *given: made.append(1) or pick(self, *given))
    first = strategy({}, store)
    assert strategy({}, store) == first
    assert len(made) == 1
    if name != "typiclust":  # which plans one image of so few
        assert strategy({"exclude": [first]}, store) != first
        label(store, first)
        assert strategy({}, store) != first
        assert len(made) == 1
    save_scores(store, {"l": 0.2})
    strategy({}, store)
    assert len(made) > 1


def test_a_strategy_goes_to_another_process(store):
    label(store, *"abcde")
    save_scores(store, {"f": 0.5})
    for strategy in default_strategies({}).values():
        copy = pickle.loads(pickle.dumps(strategy))
        assert copy({}, store) in store.waiting_images()


def test_a_budget_that_is_none_is_refused_by_name(store):
    label(store, *"abcde")
    save_scores(store, {"f": 0.5, "g": 0.1})
    assert jlabel.ClaSP().choose({"budget": 10}, store)
    with pytest.raises(jlabel.TaskError, match="budget is how many images"):
        jlabel.ClaSP().choose({"budget": "many"}, store)
