"""Seconds from what is done: known constants are found again, and what cannot be told stays assumed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from jlabel.effort import EffortRecord, SecondsModel

TRUE = SecondsModel(decision=2.0, verification=6.0, slice=0.5, drawing=0.05)


def labels(model: SecondsModel, count: int, noise: float = 0.0, seed: int = 0, **fixed: int) -> list[EffortRecord]:
    """Labels that took as long as a model says."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        drawn = {name: int(rng.integers(1, 30)) for name in ("clicks", "strokes", "slices", "length")} | fixed
        waited = float(rng.uniform(0, 5))
        actions = drawn["clicks"] + drawn["strokes"]
        seconds = model.predict(actions, drawn["slices"], drawn["length"], waited) * float(rng.lognormal(0, noise))
        made.append(
            EffortRecord(
                seconds=seconds,
                prompts={"click": drawn["clicks"]},
                strokes=drawn["strokes"],
                stroke_length=float(drawn["length"]),
                slices=drawn["slices"],
                model_seconds=waited,
            )
        )
    return made


def test_pointing_follows_fitts_law() -> None:
    model = SecondsModel(click=1.0, bit=0.1)
    assert model.pointing(0, 10) == 1.0
    assert model.pointing(70, 10) == pytest.approx(1.0 + 0.1 * 3)
    assert model.pointing(140, 20) == model.pointing(70, 10)
    assert model.pointing() == model.pointing(15 * 8, 8)
    assert math.isfinite(model.pointing(10, 0))
    assert model.action(70, 10) == model.pointing(70, 10) + model.decision


def test_known_constants_are_found_again() -> None:
    found = SecondsModel().fit(labels(TRUE, 60))
    assert found.fitted == {"decision", "verification", "slice", "drawing"}
    assert found.labels == 60
    for name in found.fitted:
        assert getattr(found, name) == pytest.approx(getattr(TRUE, name), rel=1e-3)
    assert (found.click, found.bit) == (TRUE.click, TRUE.bit)


def test_with_noise_and_somebody_asleep_they_are_near() -> None:
    rows = labels(TRUE, 400, noise=0.2)
    rows[7] = EffortRecord(seconds=40_000.0, prompts={"click": 1}, slices=3)
    found = SecondsModel().fit(rows)
    assert found.decision == pytest.approx(TRUE.decision, abs=0.5)
    wanted = TRUE.predict(20, 15, 15)
    assert found.predict(20, 15, 15) == pytest.approx(wanted, rel=0.1)


def test_of_few_labels_nothing_is_told() -> None:
    assert SecondsModel().fit(labels(TRUE, 19)) == SecondsModel()
    assert SecondsModel().fit([]) == SecondsModel()


def test_what_nobody_did_stays_assumed() -> None:
    found = SecondsModel().fit(labels(TRUE, 50, strokes=0, length=0, slices=1))
    assert found.fitted == {"decision", "verification"}
    assert (found.drawing, found.slice) == (SecondsModel().drawing, SecondsModel().slice)
    assert found.decision == pytest.approx(TRUE.decision, rel=1e-3)


def test_no_constant_is_below_zero() -> None:
    quick = [EffortRecord(seconds=0.1 * n, prompts={"click": 30 - n}, slices=n) for n in range(30)]
    found = SecondsModel().fit(quick)
    assert all(getattr(found, name) >= 0 for name in found.fitted)


def test_each_constant_says_where_it_comes_from() -> None:
    said = str(SecondsModel().fit(labels(TRUE, 60)))
    assert "decision 2 s/action (fitted to 60 labels)" in said
    assert "click 1 s (assumed)" in said
    assert "fitted to 60 labels" in SecondsModel().fit(labels(TRUE, 60))._repr_html_()
