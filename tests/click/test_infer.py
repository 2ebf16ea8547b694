"""The rules that every answer of the click tool keeps, on small made pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from jlabel.annotators import dice, next_click
from jlabel.click import ClickSegment, network
from jlabel.click.answer import ClickNetwork
from jlabel.click.network import DESIGNS
from jlabel.errors import TaskError
from jlabel.imaging.region import Region
from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso, Scribble
from jlabel.simulation.first_masks import FIRST_MASKS

SHAPE = (64, 64)
_SEEDS = range(3)


def random_prompts(seed: int, count: int = 4, shape: tuple[int, ...] = SHAPE) -> list[Click | Scribble]:
    """Clicks and straight scribbles at places that differ, the first one a positive click in the middle."""
    random = np.random.default_rng(seed)
    places = random.permutation(np.prod([n // 8 for n in shape]))[:count]
    prompts: list[Click | Scribble] = [Click(tuple(n // 2 for n in shape))]
    for place in places:
        at = tuple(int(i) * 8 + 3 for i in np.unravel_index(place, [n // 8 for n in shape]))
        positive = bool(random.random() < 0.5)
        if random.random() < 0.6:
            prompts.append(Click(at, positive))
        else:
            prompts.append(Scribble(tuple((at[0], at[1] + step, *at[2:]) for step in range(-2, 3)), positive))
    return prompts


def places_of(prompt: Click | Scribble) -> tuple[tuple[int, ...], ...]:
    return (prompt.position,) if isinstance(prompt, Click) else prompt.positions


def said(prompts: list[Click | Scribble]) -> dict[tuple[int, ...], bool]:
    """Whether each place that was pointed at is inside; the last one to say so counts."""
    return {place: prompt.positive for prompt in prompts for place in places_of(prompt)}


class Wild(torch.nn.Module):
    """A network whose answers have nothing to do with what it is asked: smooth noise, the same every time."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        noise = np.random.default_rng(7).normal(size=inputs.shape[2:])
        return torch.from_numpy(ndimage.gaussian_filter(noise, 8)).float()[None, None]


@pytest.fixture(params=["shipped", "wild"])
def any_network(request, monkeypatch):
    """The rules hold whatever a network says."""
    if request.param == "wild":
        monkeypatch.setattr(ClickSegment, "_network", lambda *_: ClickNetwork(Wild(), DESIGNS[2]))


@pytest.mark.usefixtures("any_network")
@pytest.mark.parametrize("first", ["click", "box", "mask"])
@pytest.mark.parametrize("seed", _SEEDS)
def test_every_prompt_is_honoured(blob, picture, ask, seed, first):
    truth = blob(SHAPE, seed)
    prompts = random_prompts(seed)
    start = {"click": [], "box": [Box((14, 14), (50, 50))], "mask": [InitialMask(FIRST_MASKS["shifted"](truth))]}
    found = ClickSegment()(ask(picture(truth, noise=40), *start[first], *prompts)).mask
    for place, positive in said(prompts).items():
        assert bool(found[place]) is positive


@pytest.mark.usefixtures("any_network")
@pytest.mark.parametrize("seed", _SEEDS)
def test_the_same_prompts_give_the_same_mask_whatever_was_asked_before(blob, picture, ask, seed):
    image, prompts = picture(blob(SHAPE, seed), noise=40), random_prompts(seed, 3)
    start = [] if seed % 2 else [Box((14, 14), (50, 50))]
    task = ClickSegment()
    for end in range(1, len(prompts)):
        task(ask(image, *start, *prompts[:end]))
    task(ask(image, *start, prompts[0], Click((9, 9), False)))
    task(ask(image, prompts[0], Scribble(((20, 20), (20, 22)), False)))
    known = task(ask(image, *start, *prompts)).mask
    assert np.array_equal(known, ClickSegment()(ask(image, *start, *prompts)).mask)


@pytest.mark.usefixtures("any_network")
def test_a_click_that_agrees_changes_nothing(blob, picture, ask):
    image, task = picture(blob(SHAPE), noise=40), ClickSegment()
    prompts = [Click((32, 32)), Click((32, 44), False)]
    before = task(ask(image, *prompts)).mask
    inside, outside = (tuple(int(i) for i in np.argwhere(before == value)[20]) for value in (1, 0))
    for click in (Click(inside), Click(outside, False)):
        assert np.array_equal(task(ask(image, *prompts, click)).mask, before)
    assert np.array_equal(task(ask(image, *prompts, Scribble((inside,)))).mask, before)


@pytest.mark.usefixtures("any_network")
@pytest.mark.parametrize("positive", [True, False])
def test_what_the_network_does_not_see_stays_as_it_was(ball, picture, ask, positive):
    near, far = ball((200, 200), (40, 40), 14), ball((200, 200), (170, 170), 10)
    image = picture(near | far)
    first = [Click((40, 40)), Click((40, 62))] if positive else [Click((40, 40)), Click((46, 40), False)]
    found = ClickSegment()(ask(image, *first))
    assert not found.mask[100:, 100:].any()
    assert found.region.size < image.array.size


@pytest.mark.parametrize("positive", [True, False])
def test_a_part_that_was_not_pointed_at_stays_voxel_for_voxel(ball, picture, ask, positive):
    one, two = ball((64, 96), (32, 22), 12), ball((64, 96), (32, 70), 12)
    start = FIRST_MASKS["grown" if not positive else "half_missing"](one) | FIRST_MASKS["shifted"](two)
    click = next_click(one, start & (np.indices(start.shape)[1] < 46))
    assert click is not None
    assert click.positive is positive
    found = ClickSegment()(ask(picture(one | two), InitialMask(start), click)).mask
    assert np.array_equal(found[:, 50:] != 0, start[:, 50:])
    assert dice(one[:, :46], found[:, :46]) > 0.8


@pytest.mark.usefixtures("any_network")
@pytest.mark.parametrize("first", ["click", "box", "mask"])
def test_the_voxels_of_other_labels_are_never_in_the_answer(ball, picture, ask, first):
    truth = ball(SHAPE, (32, 32), 15)
    other = np.zeros(SHAPE, dtype=bool)
    other[:, 36:] = True
    start = {"click": [], "box": [Box((14, 14), (50, 50))], "mask": [InitialMask(truth & ~other)]}[first]
    asked = [Click((32, 28)), Click((22, 30)), Click((40, 24), False)]
    for end in range(1, len(asked) + 1):
        request = ask(picture(truth), *start, *asked[:end], other_labels=lambda region: other[region.slices])
        found = ClickSegment()(request).mask
        assert not found[other].any()
        assert found[32, 28]


def test_a_first_mask_outside_of_the_answer_s_region_is_in_the_mask(ball, picture, ask):
    near, far = ball((240, 240), (40, 40), 14), ball((240, 240), (200, 200), 12)
    start = FIRST_MASKS["half_missing"](near)
    click = next_click(near, start)
    assert click is not None
    apart = far | start
    result = ClickSegment()(ask(picture(near | far), InitialMask(apart), click))
    assert (result.mask[far] == 1).all()
    assert dice(near[:100, :100], result.mask[:100, :100]) > dice(near, start)


@pytest.mark.usefixtures("any_network")
@pytest.mark.parametrize("second", [Click((32, 52)), Click((36, 36), False), Scribble(((50, 30), (50, 34)))])
@pytest.mark.parametrize("start", [None, Box((10, 10), (54, 54))])
def test_probabilities_lie_on_the_answer_s_side_of_a_half(blob, picture, ask, start, second):
    prompts = [Click((32, 32)), second] if start is None else [start, second]
    image = picture(blob(SHAPE), noise=40)
    result = ClickSegment()(ask(image, *prompts, probabilities=True))
    assert result.probabilities is not None
    assert result.probabilities.shape == (1, *result.region.shape)
    assert result.classes == ("thing",)
    sure, inside = result.probabilities[0].astype(float), result.values != 0
    assert (sure[inside] > 0.5).all()
    assert (sure[~inside] < 0.5).all()
    assert sure.min() >= 0
    assert sure.max() <= 1
    plain = ClickSegment()(ask(image, *prompts))
    assert plain.probabilities is None
    assert np.array_equal(plain.mask, result.mask)


def test_a_missing_file_is_said_in_words(blob, picture, ask, tmp_path, monkeypatch):
    monkeypatch.setattr(network, "WEIGHTS", tmp_path)
    monkeypatch.setattr(network, "_LOADED", {})
    image = picture(blob(SHAPE))
    with pytest.raises(TaskError, match=r"click_2d\.safetensors: .*install jlabel again"):
        ClickSegment()(ask(image, Box((10, 10), (54, 54))))
    assert ClickSegment()(ask(image, Click((32, 32)))).mask[32, 32]


@pytest.mark.parametrize("kind", list(FIRST_MASKS))
@pytest.mark.parametrize("seed", range(3))
def test_corrections_of_a_wrong_first_mask_raise_the_dice(ball, blob, picture, ask, kind, seed):
    truth = ball((96, 96), (44, 50), 22) if seed == 0 else blob((96, 96), seed)
    image, task = picture(truth, noise=(15.0, 30.0, 50.0)[seed], seed=seed), ClickSegment()
    start = FIRST_MASKS[kind](truth)
    prompts, scores, mask = [InitialMask(start)], [dice(truth, start)], start
    for _ in range(2):
        click = next_click(truth, mask)
        if click is None:
            break
        prompts.append(click)
        mask = task(ask(image, *prompts)).mask
        scores.append(dice(truth, mask))
    assert scores[1] > scores[0]
    assert scores[-1] > scores[0] + 0.2 * (1 - scores[0])


def test_a_box_gives_what_is_in_it_and_nothing_beyond(ball, picture, ask):
    wanted, other = ball(SHAPE, (20, 20), 10), ball(SHAPE, (44, 46), 9)
    found = ClickSegment()(ask(picture(wanted | other), Box((9, 9), (31, 31)))).mask
    assert dice(wanted, found) > 0.85
    inside = np.zeros(SHAPE, dtype=bool)
    inside[Region((9, 9), (32, 32)).slices] = True
    assert not found[~inside].any()


@pytest.mark.usefixtures("any_network")
@pytest.mark.parametrize("first", [Click((32, 28)), Box((14, 14), (50, 50))])
def test_nothing_is_inside_of_a_negative_lasso(ball, picture, ask, first):
    truth = ball(SHAPE, (32, 32), 16)
    away = Lasso(((10, 36), (10, 56), (54, 56), (54, 36)), plane=2, positive=False)
    image = picture(truth)
    assert not ClickSegment()(ask(image, first, away)).mask[11:53, 37:55].any()
    assert not ClickSegment()(ask(image, first, away, Click((20, 30)), Click((46, 32)))).mask[11:53, 37:55].any()
