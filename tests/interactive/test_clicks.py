"""Clicks, boxes, scribbles, lassos and initial masks to the mask of one structure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jlabel.errors import Cancelled, PromptError, TaskError
from jlabel.imaging.image import Image
from jlabel.interactive import ClassicClickSegment, ClassicClickSegment2D, GMMGraphCut, HistogramGraphCut
from jlabel.prompts.prompt import Box, Click, InitialMask, Lasso
from jlabel.simulation import dice
from jlabel.tasks.request import InferRequest


def test_one_click_finds_a_disc(ball, picture, ask):
    disc = ball((64, 64), (30, 34), 12)
    found = ClassicClickSegment()(ask(picture(disc), Click((30, 34)))).mask
    assert dice(disc, found) > 0.95


def test_one_click_finds_a_ball(ball, picture, ask):
    truth = ball((32, 32, 32), (15, 16, 17), 8)
    result = ClassicClickSegment()(ask(picture(truth), Click((15, 16, 17))))
    assert dice(truth, result.mask) > 0.9
    assert result.mask.dtype == np.uint8
    assert result.labels == {"thing": 1}
    assert {"pre", "inferer", "total"} <= set(result.latencies)


@pytest.mark.parametrize("method", ["auto", "geodesic", "random_walker", "graph_cut"])
@pytest.mark.parametrize("likelihood", ["histogram", "gmm"])
def test_every_method_finds_a_disc(ball, picture, ask, method, likelihood):
    disc = ball((48, 48), (24, 24), 10)
    found = ClassicClickSegment()(ask(picture(disc), Click((24, 24)), method=method, likelihood=likelihood)).mask
    assert dice(disc, found) > 0.9


def test_a_negative_click_parts_two_touching_balls(ball, picture, ask):
    one, other = ball((40, 60), (20, 20), 12), ball((40, 60), (20, 42), 12)
    image = picture(one | other, noise=8)
    found = ClassicClickSegment()(ask(image, Click((20, 20)), Click((20, 44), False))).mask
    assert dice(one, found) > 0.85


def test_a_box_gives_what_is_in_it(ball, picture, ask):
    wanted, other = ball((60, 60), (20, 20), 9), ball((60, 60), (42, 42), 9)
    found = ClassicClickSegment()(ask(picture(wanted | other), Box((8, 8), (31, 31)))).mask
    assert dice(wanted, found) > 0.9
    assert not found[32:, 32:].any()


def test_a_box_in_a_volume(ball, picture, ask):
    truth = ball((30, 30, 30), (14, 14, 14), 8)
    found = ClassicClickSegment()(ask(picture(truth), Box((5, 5, 5), (23, 23, 23)))).mask
    assert dice(truth, found) > 0.9


def test_a_lasso_in_a_picture(ball, picture, ask):
    disc = ball((60, 60), (30, 30), 12)
    lasso = Lasso(((16, 16), (16, 44), (44, 44), (44, 16)), plane=2)
    assert dice(disc, ClassicClickSegment()(ask(picture(disc), lasso)).mask) > 0.9


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_lasso_in_one_slice_of_a_volume(ball, picture, ask, axis):
    truth = ball((32, 32, 32), (16, 16, 16), 9)
    corners = [[8, 8], [8, 24], [24, 24], [24, 8]]
    lasso = Lasso(tuple(tuple(np.insert(corner, axis, 16)) for corner in corners), plane=axis)
    assert dice(truth, ClassicClickSegment()(ask(picture(truth), lasso)).mask) > 0.85


def test_a_negative_lasso_takes_away(ball, picture, ask):
    disc = ball((50, 50), (25, 25), 14)
    lasso = Lasso(((8, 26), (8, 44), (44, 44), (44, 26)), plane=2, positive=False)
    found = ClassicClickSegment()(ask(picture(disc), Click((25, 18)), lasso)).mask
    assert found[25, 18]
    assert not found[8:45, 26:45].any()


def test_a_negative_click_removes_a_part_of_an_initial_mask(ball, picture, ask):
    kept, wrong = ball((40, 80), (20, 20), 10), ball((40, 80), (20, 60), 10)
    image = picture(kept | wrong)
    found = ClassicClickSegment()(ask(image, InitialMask(kept | wrong), Click((20, 60), False))).mask
    assert dice(kept, found) > 0.9


def test_a_positive_click_adds_to_an_initial_mask(ball, picture, ask):
    had, missed = ball((40, 80), (20, 20), 10), ball((40, 80), (20, 60), 10)
    found = ClassicClickSegment()(ask(picture(had | missed), InitialMask(had), Click((20, 60)))).mask
    assert dice(had | missed, found) > 0.9


def test_an_initial_mask_alone_stays_much_as_it_is(ball, picture, ask):
    truth = ball((40, 40), (20, 20), 10)
    assert dice(truth, ClassicClickSegment()(ask(picture(truth), InitialMask(truth))).mask) > 0.95


def test_thick_slices_count_with_their_spacing(ball, picture, ask):
    spacing = (1.0, 1.0, 4.0)
    truth = ball((40, 40, 10), (20, 20, 5), 12, spacing)
    found = ClassicClickSegment()(ask(picture(truth, spacing), Click((20, 20, 5)))).mask
    assert dice(truth, found) > 0.85


def test_colours_tell_apart_what_brightness_does_not(ball, ask):
    disc = ball((48, 48), (24, 24), 10)
    rgb = np.where(disc[..., None], [180, 60, 60], [60, 60, 180]).astype(np.float64)
    rgb += np.random.default_rng(0).normal(0, 8, rgb.shape)
    image = Image(rgb.clip(0, 255).astype(np.uint8), np.eye(4), channels="rgb", oriented=False)
    assert dice(disc, ClassicClickSegment()(ask(image, Click((24, 24)))).mask) > 0.95


def test_the_region_grows_to_a_structure_that_is_larger(ball, picture, ask):
    large = ball((260, 260), (130, 130), 90)
    image = picture(large, noise=8)
    task = ClassicClickSegment()
    assert task.first_region((Click((130, 130)),), ask(image), None).shape == (96, 96)
    result = task(ask(image, Click((130, 130))))
    assert dice(large, result.mask) > 0.9


def test_a_long_structure_is_followed_from_click_to_click(picture, ask):
    rod = np.zeros((24, 24, 260), dtype=bool)
    rod[8:16, 8:16, 10:250] = True
    clicks = [Click((12, 12, z)) for z in (25, 75, 125, 175, 225)]
    assert dice(rod, ClassicClickSegment()(ask(picture(rod), *clicks)).mask) > 0.9


def test_a_click_task_of_dimension_2_stays_in_its_slice(ball, picture, ask):
    truth = ball((40, 40, 20), (20, 20, 10), 9)
    found = ClassicClickSegment2D()(ask(picture(truth), Click((20, 20, 10)))).mask
    assert dice(truth[:, :, 10], found[:, :, 10]) > 0.9
    assert not found[:, :, :10].any()
    assert not found[:, :, 11:].any()


def test_only_parts_that_were_clicked_are_kept(ball, picture, ask):
    wanted, other = ball((40, 90), (20, 20), 8), ball((40, 90), (20, 70), 8)
    found = ClassicClickSegment()(ask(picture(wanted | other), Click((20, 20)))).mask
    assert not found[other].any()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), ndim=st.sampled_from([2, 3]))
def test_every_click_is_honoured(data, ndim):
    shape = tuple(data.draw(st.integers(1, 90 if ndim == 2 else 24)) for _ in range(ndim))
    position = st.tuples(*(st.integers(0, n - 1) for n in shape))
    clicks = dict(data.draw(st.lists(st.tuples(position, st.booleans()), min_size=1, max_size=6)))
    if not any(clicks.values()):
        clicks[next(iter(clicks))] = True
    values = np.random.default_rng(len(clicks)).normal(0, 1, shape).astype(np.float32)
    prompts = tuple(Click(p, s) for p, s in clicks.items())
    found = ClassicClickSegment()(InferRequest(Image(values, np.eye(4)), "noise", prompts)).mask
    assert found.shape == shape
    for p, s in clicks.items():
        assert bool(found[p]) is s


@pytest.mark.parametrize("method", ["geodesic", "random_walker", "graph_cut"])
@pytest.mark.parametrize("shape", [(1, 1), (3, 1), (2, 3), (1, 1, 1), (3, 1, 2), (40, 2, 1)])
def test_tiny_images(ask, method, shape):
    values = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    centre = tuple(n // 2 for n in shape)
    found = ClassicClickSegment()(ask(Image(values, np.eye(4)), Click(centre), method=method)).mask
    assert found.shape == shape
    assert found[centre]


@pytest.mark.parametrize("value", [0, 7, np.nan, np.inf])
@pytest.mark.parametrize("likelihood", ["histogram", "gmm"])
def test_a_constant_image_has_an_answer(ask, value, likelihood):
    image = Image(np.full((30, 30), value, np.float32), np.eye(4))
    found = ClassicClickSegment()(ask(image, Click((15, 15)), Click((3, 3), False), likelihood=likelihood)).mask
    assert found[15, 15]
    assert not found[3, 3]


def test_voxels_that_are_no_number_do_no_harm(ball, picture, ask):
    disc = ball((48, 48), (24, 24), 10)
    values = picture(disc).array.copy()
    values[::11, ::7] = np.nan
    values[5, 5], values[6, 6] = np.inf, -np.inf
    assert dice(disc, ClassicClickSegment()(ask(Image(values, np.eye(4)), Click((24, 24)))).mask) > 0.85


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32])
def test_every_kind_of_number(ball, picture, ask, dtype):
    disc = ball((48, 48), (24, 24), 10)
    assert dice(disc, ClassicClickSegment()(ask(picture(disc, noise=8, dtype=dtype), Click((24, 24)))).mask) > 0.95


def test_bad_prompts_and_choices_are_refused(picture, ask):
    image = picture(np.ones((20, 20), dtype=bool))
    with pytest.raises(PromptError, match="point at the structure"):
        ClassicClickSegment()(ask(image))
    with pytest.raises(PromptError, match="positive click"):
        ClassicClickSegment()(ask(image, Click((3, 3), False)))
    with pytest.raises(PromptError, match="outside the image"):
        ClassicClickSegment()(ask(image, Click((30, 3))))
    with pytest.raises(TaskError, match="method is one of"):
        ClassicClickSegment()(ask(image, Click((3, 3)), method="magic"))
    with pytest.raises(TaskError, match="likelihood is one of"):
        ClassicClickSegment()(ask(image, Click((3, 3)), likelihood="magic"))


def test_an_answer_that_nobody_waits_for_stops(picture):
    image = picture(np.ones((20, 20), dtype=bool))
    with pytest.raises(Cancelled):
        ClassicClickSegment()(InferRequest(image, "made", (Click((3, 3)),), cancelled=lambda: True))


@pytest.mark.parametrize("task", [ClassicClickSegment(), ClassicClickSegment2D(), HistogramGraphCut(), GMMGraphCut()])
def test_info_says_what_the_task_is(task):
    info = task.info()
    assert info["interactive"]
    assert info["valid"]
    assert info["dimension"] == (2 if isinstance(task, ClassicClickSegment2D) else 3)
    assert info["description"]
