"""A click that contradicts a mask changes its neighbourhood: as far as the evidence goes, on its own side only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from jlabel.imaging.image import Image
from jlabel.interactive import ClassicClickSegment
from jlabel.prompts.prompt import Click, InitialMask
from jlabel.simulation import dice, next_click
from jlabel.tasks.request import InferRequest
from tests.interactive.synthetic_cases import Case, any_wrong_place, cases, error_part

CLICKS = 4


@dataclass(frozen=True)
class Step:
    """One click's outcome."""

    what: str
    gain: float
    fixed: float
    one_way: bool
    honoured: bool


def answered(case: Case, prompts: list) -> np.ndarray:
    """The whole mask after these prompts; outside of the answer's region the initial mask stays."""
    result = ClassicClickSegment()(InferRequest(case.image, "made", tuple(prompts)))
    mask = np.zeros(case.image.shape, dtype=bool) if case.start is None else case.start.copy()
    mask[result.region.slices] = result.values > 0
    return mask


def steps(case: Case, robot: bool) -> list[Step]:
    """The corrections of a first mask, by the simulated annotator or at random places in what is wrong."""
    random = np.random.default_rng(7)
    prompts: list = [next_click(case.truth, np.zeros_like(case.truth))]
    if case.start is not None:
        prompts = [InitialMask(case.start)]
    mask = case.start if case.start is not None else answered(case, prompts)
    done = []
    for _ in range(CLICKS):
        click = next_click(case.truth, mask, case.image.spacing) if robot else any_wrong_place(case.truth, mask, random)
        if click is None:
            break
        prompts.append(click)
        now = answered(case, prompts)
        part = error_part(case.truth, mask, click)
        done.append(
            Step(
                f"{case.name} {click} {dice(case.truth, mask):.3f} -> {dice(case.truth, now):.3f}",
                dice(case.truth, now) - dice(case.truth, mask),
                float((now == case.truth)[part].mean()),
                not (mask & ~now).any() if click.positive else not (now & ~mask).any(),
                all(bool(now[p.position]) == p.positive for p in prompts if isinstance(p, Click)),
            )
        )
        mask = now
    return done


@pytest.fixture(scope="module")
def made() -> list[Case]:
    return [*cases(24, 2), *cases(16, 3)]


@pytest.mark.parametrize("robot", [True, False])
def test_a_correct_click_does_not_lower_the_overlap_and_fixes_a_third_of_its_error(made, robot):
    every = [step for case in made for step in steps(case, robot)]
    gains = np.array([step.gain for step in every])
    worst = [step.what for step in sorted(every, key=lambda step: step.gain)[:4]]
    assert np.mean(gains < -0.02) <= (0.02 if robot else 0.05), worst
    assert gains.min() > (-0.1 if robot else -0.25), worst
    assert np.mean([step.fixed for step in every]) > 1 / 3
    assert gains.mean() > 0
    assert all(step.one_way for step in every)
    assert all(step.honoured for step in every)


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_negative_click_near_the_border_never_reaches_the_far_side(ball, picture, ask, ndim):
    shape, centre = (64,) * ndim if ndim == 2 else (40,) * 3, (32,) * 2 if ndim == 2 else (20,) * 3
    truth, mask = ball(shape, centre, 12), ball(shape, centre, 16)
    click = Click((centre[0] - 14, *centre[1:]), False)
    found = ClassicClickSegment()(ask(picture(truth), InitialMask(mask), click)).mask > 0
    assert not found[click.position]
    np.testing.assert_array_equal(found[centre[0] + 6 :], mask[centre[0] + 6 :])
    assert found[truth].mean() > 0.98


def test_a_click_in_an_even_mask_takes_away_no_more_than_its_own_ball(ball, picture, ask):
    mask = ball((80, 80), (40, 40), 30)
    found = ClassicClickSegment()(ask(picture(mask), InitialMask(mask), Click((18, 40), False))).mask > 0
    removed = mask & ~found
    assert 0 < removed.sum() < 0.15 * mask.sum()
    assert np.hypot(*(np.argwhere(removed) - (18, 40)).T).max() < 20


def test_further_clicks_in_the_same_place_take_away_more(ball, picture, ask):
    mask = ball((80, 80), (40, 40), 30)
    clicks = [Click((18, 40), False), Click((28, 40), False), Click((36, 40), False)]
    left = [ClassicClickSegment()(ask(picture(mask), InitialMask(mask), *clicks[:n])).mask.sum() for n in (1, 2, 3)]
    assert left[0] > left[1] > left[2]


def test_a_correction_holds_against_clicks_before_it(ball, picture, ask):
    mask = ball((80, 80), (40, 40), 30)
    found = (
        ClassicClickSegment()(ask(picture(mask), InitialMask(mask), Click((24, 40)), Click((18, 40), False))).mask > 0
    )
    assert found[24, 40]
    assert not found[18, 40]
    assert found[22:70, 40].all()


def test_an_edge_of_the_image_stops_a_correction(ball, picture, ask):
    organ, leak = ball((80, 90), (40, 30), 20), ball((80, 90), (40, 58), 9)
    image = picture(organ + 0.5 * (leak & ~organ))
    found = ClassicClickSegment()(ask(image, InitialMask(organ | leak), Click((40, 58), False))).mask > 0
    assert dice(organ, found) > 0.97


def test_colours_say_how_far_a_correction_goes(ball, ask):
    truth, mask = ball((64, 64), (32, 32), 14), ball((64, 64), (32, 32), 18)
    rgb = np.where(truth[..., None], [180, 60, 60], [60, 60, 180]) + np.random.default_rng(0).normal(0, 8, (64, 64, 3))
    image = Image(rgb.clip(0, 255).astype(np.uint8), np.eye(4), channels="rgb", oriented=False)
    found = ClassicClickSegment()(ask(image, InitialMask(mask), Click((16, 32), False))).mask > 0
    assert (mask & ~truth & ~found).sum() > 0.15 * (mask & ~truth).sum()
    assert found[truth].mean() > 0.98
