"""The click tool in pictures and volumes of every kind."""

from __future__ import annotations

from queue import Queue

import numpy as np
import pytest

from jlabel.annotators import dice, next_click
from jlabel.click import ClickSegment, ClickSegment2D, infer
from jlabel.click.unet import ResidualUNet
from jlabel.imaging.image import Image
from jlabel.interactive import ClassicClickSegment
from jlabel.prompts.prompt import Click, InitialMask, Scribble
from jlabel.simulation.first_masks import FIRST_MASKS

SHAPE = (64, 64)


def answered(ask, image: Image, task: ClickSegment | None = None) -> np.ndarray:
    """The answer to a click and to corrections; every prompt is in it as it says."""
    task = task or ClickSegment()
    middle = tuple(n // 2 for n in image.shape)
    corner, near = tuple(0 for _ in image.shape), (max(middle[0] - 2, 1), *middle[1:])
    prompts = [Click(middle), Click(corner, False), Click(near, False), Scribble((middle,))]
    for end in range(1, len(prompts) + 1):
        found = task(ask(image, *prompts[:end])).mask
        assert found.shape == image.shape
        assert found[middle]
    assert not found[corner]
    assert not found[near]
    return found


@pytest.mark.parametrize("value", [0, 7, np.nan, np.inf])
def test_a_constant_picture_is_answered(ask, value):
    answered(ask, Image(np.full((40, 40), value, np.float32), np.eye(4)))


def test_a_picture_with_voxels_that_are_no_number_is_answered(blob, picture, ask):
    values = picture(blob(SHAPE)).array.copy()
    values[::7, ::5], values[3, 3] = np.nan, -np.inf
    answered(ask, Image(values, np.eye(4)))


def test_a_picture_in_colours_is_answered_and_corrected(ball, ask):
    disc = ball(SHAPE, (32, 32), 14)
    rgb = np.where(disc[..., None], [180, 60, 60], [60, 60, 180]) + np.random.default_rng(0).normal(0, 8, (*SHAPE, 3))
    image = Image(rgb.clip(0, 255).astype(np.uint8), np.eye(4), channels="rgb", oriented=False)
    answered(ask, image)
    start = FIRST_MASKS["half_missing"](disc)
    found = ClickSegment()(ask(image, InitialMask(start), next_click(disc, start))).mask
    assert dice(disc, found) > 0.9


@pytest.mark.parametrize("shape", [(10, 10), (10, 1), (4, 4), (3, 3), (5, 90)])
def test_small_pictures_are_answered(ask, shape):
    values = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    middle = tuple(n // 2 for n in shape)
    task = ClickSegment()
    found = task(ask(Image(values, np.eye(4)), Click(middle), Click((0, 0), False), Scribble((middle,)))).mask
    assert found[middle]
    assert not found[0, 0]


def test_a_large_picture_is_answered(ball, ask):
    disc = ball((2000, 1500), (900, 700), 300)
    values = (60 + 100 * disc + np.random.default_rng(0).integers(0, 40, disc.shape)).astype(np.uint8)
    image = Image(values, np.eye(4), oriented=False)
    start = FIRST_MASKS["half_missing"](disc)
    click = next_click(disc, start)
    found = ClickSegment()(ask(image, InitialMask(start), click)).mask
    assert found.shape == (2000, 1500)
    assert found[click.position]
    assert dice(disc, found) > dice(disc, start)


@pytest.mark.parametrize("task", [ClickSegment, ClickSegment2D])
def test_a_volume_of_one_slice_is_answered(blob, picture, ask, task):
    flat = blob(SHAPE)
    answered(ask, Image(picture(flat).array[..., None].copy(), np.eye(4)), task())


def test_a_volume_of_one_slice_is_answered_as_the_picture_that_it_is(blob, picture, ask):
    truth = blob(SHAPE)
    image = picture(truth, noise=30)
    start = FIRST_MASKS["half_missing"](truth)
    click = next_click(truth, start)
    flat = ClickSegment()(ask(image, InitialMask(start), click)).mask
    thin = Image(image.array[..., None].copy(), np.eye(4))
    solid = ClickSegment2D()(ask(thin, InitialMask(start[..., None]), Click((*click.position, 0), click.positive))).mask
    assert np.array_equal(solid[..., 0], flat)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_same_scribble_in_each_plane_gives_the_same_mask(blob, picture, ask, axis):
    truth = blob(SHAPE)
    start = FIRST_MASKS["shifted"](truth)
    slab = np.random.default_rng(0).normal(50, 20, (9, *SHAPE)).astype(np.float32)
    slab[4] = picture(truth, noise=30).array
    masks, found = np.zeros(slab.shape, dtype=bool), []
    masks[4] = start
    click = next_click(truth, start)
    line = [(4, click.position[0], click.position[1] + step) for step in range(-2, 3)]

    def turned(flat: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(np.insert(flat[1:], axis, flat[0]).tolist())

    for moved in (0, axis):
        place = turned if moved == axis else tuple
        image = Image(np.ascontiguousarray(np.moveaxis(slab, 0, moved)), np.eye(4))
        begun = InitialMask(np.ascontiguousarray(np.moveaxis(masks, 0, moved)))
        scribble = Scribble(tuple(place(p) for p in line), click.positive)
        mask = ClickSegment2D()(ask(image, begun, scribble, params={"axis": moved})).mask
        found.append(np.moveaxis(mask, moved, 0))
        assert not np.delete(found[-1], 4, axis=0).any()
    assert dice(found[0], found[1]) > 0.95
    assert abs(dice(truth, found[0][4]) - dice(truth, found[1][4])) < 0.05
    assert dice(truth, found[1][4]) > dice(truth, start)


def test_a_volume_is_answered_by_the_training_free_tool(blob, picture, ask):
    truth = blob((24, 24, 24))
    request = ask(picture(truth), Click((12, 12, 12)), Click((12, 12, 20), False))
    assert np.array_equal(ClickSegment()(request).mask, ClassicClickSegment()(request).mask)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_slice_of_a_volume_is_answered_with_probabilities_and_without_other_labels(ball, picture, ask, axis):
    shape = tuple(np.insert(SHAPE, axis, 5).tolist())
    flat, other = ball(SHAPE, (32, 32), 15), np.zeros(shape, dtype=bool)
    image = picture(np.repeat(np.expand_dims(flat, axis), 5, axis))
    np.moveaxis(other, axis, 0)[:, :, 40:] = True
    places = [tuple(np.insert(place, axis, 2).tolist()) for place in ((32, 30), (20, 24), (40, 26))]
    prompts = [Click(places[0]), Click(places[1], False), Click(places[2], False)]
    asked = {"params": {"axis": axis}, "probabilities": True, "other_labels": lambda region: other[region.slices]}
    result = ClickSegment2D()(ask(image, *prompts, **asked))
    assert result.region.shape[axis] == 1
    assert result.probabilities is not None
    assert result.probabilities.shape == (1, *result.region.shape)
    assert np.array_equal(result.probabilities[0] > 0.5, result.values != 0)
    assert not result.mask[other].any()
    assert [bool(result.mask[place]) for place in places] == [True, False, False]


def test_the_training_free_tool_answers_where_memory_is_short(monkeypatch, ball, picture, ask):
    def full(*_):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4 bytes")

    image, clicks = picture(ball((64, 64), (30, 30), 12)), (Click((30, 30)), Click((30, 50)))
    monkeypatch.setattr(ResidualUNet, "forward", full)
    found = ClickSegment()(ask(image, *clicks)).mask > 0
    assert found[30, 30]
    assert found[30, 50]


def test_the_network_is_loaded_beside_the_person_for_a_picture_and_not_for_a_volume(monkeypatch):
    asked = Queue()
    monkeypatch.setattr(infer, "shipped_network", asked.put)
    task = ClickSegment()
    task.warm_up(Image(np.zeros((8, 8, 8), np.uint8), np.eye(4)))
    task.warm_up(Image(np.zeros((8, 8), np.uint8), np.eye(4)))
    assert asked.get(timeout=30) == 2
    assert asked.empty()
