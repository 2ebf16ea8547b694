"""Where simulated clicks go, and that a network sees the same clicks in training and afterwards."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from monai.data import list_data_collate
from monai.engines import default_prepare_batch

from jlabel.annotators.error_regions import largest_region
from jlabel.deepgrow import DeepGrow3D
from jlabel.errors import TaskError
from jlabel.guidance.click_channels import guidance_map
from jlabel.guidance.planes import ACROSS
from jlabel.guidance.simulated_clicks import CLICKS_LEFT, ClickOnError, ClickOrNone, Clicks, FirstClick
from jlabel.guidance.structures import INDICES, CropToStructure, EachStructure
from jlabel.imaging import Image
from jlabel.prompts import Click
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.segmentation.network import make_network
from jlabel.segmentation.plan import Plan
from jlabel.tasks import InferRequest
from jlabel.training.checkpoints import save_weights

ONE = {"channels": {1: 1, 0: 2}, "sigma": 2.0, "spacing": (1.0, 1.0, 1.0)}
THREE = {"channels": {0: 1, 1: 2, 2: 3}, "sigma": 2.0, "spacing": (1.0, 1.0, 1.0)}
labels_and_answers = array_shapes(min_dims=3, max_dims=3, min_side=2, max_side=7).flatmap(
    lambda shape: st.tuples(
        arrays(np.int64, shape, elements=st.integers(-1, 2)), arrays(np.int64, shape, elements=st.integers(0, 2))
    )
)


def item(label, found, left=3, channels=3):
    logits = torch.nn.functional.one_hot(torch.from_numpy(found), 3).movedim(-1, 0).float()
    image = torch.zeros((1 + channels, *label.shape))
    return {"image": image, "label": torch.from_numpy(label)[None], "pred": logits, CLICKS_LEFT: left}


def clicked(image):
    """For each guidance channel the voxels at which a Gaussian stands."""
    return {
        number: list(zip(*np.nonzero(np.asarray(channel) == 1.0), strict=True))
        for number, channel in enumerate(image[1:], 1)
    }


@settings(max_examples=80)
@given(labels_and_answers, st.booleans(), st.booleans(), st.integers(0, 5))
def test_a_click_lies_in_the_largest_error_of_its_class_and_shows_the_class_that_is_right(
    case, random, any_class, seed
):
    label, found = case
    step = ClickOnError(any_class=any_class, random=random, **THREE)
    step.set_random_state(seed)
    changed = step(item(label, found))
    errors = {index: (label == index) & (found != index) for index in range(3)}
    places = [(index, place) for index in range(3) for place in clicked(changed["image"])[1 + index]]
    if not any(wrong.any() for wrong in errors.values()):
        assert places == []
        return
    [(index, place)] = places
    assert label[place] == index != found[place]
    largest = {i: region.size for i, wrong in errors.items() if (region := largest_region(wrong)) is not None}
    region = largest_region(errors[index])
    assert region.inside[tuple(np.subtract(place, region.lower))]
    if not (any_class and random):
        assert largest[index] == max(largest.values())
    assert (changed[CLICKS_LEFT], "pred" in changed) == (2, False)


@settings(max_examples=40)
@given(arrays(bool, array_shapes(min_dims=2, max_dims=3, max_side=9)), st.integers(0, 9))
def test_a_drawn_voxel_lies_in_the_region_and_the_middle_is_the_deepest(errors, seed):
    region = largest_region(errors)
    if region is None:
        assert not errors.any()
        return
    for place in (region.drawn(np.random.RandomState(seed)), region.innermost()):
        assert errors[place]


def test_an_item_without_clicks_left_stays_as_it_is():
    label = np.ones((4, 4, 4), np.int64)
    changed = ClickOnError(random=True, **THREE)(item(label, label * 0, left=0))
    assert not changed["image"].any()
    assert changed[CLICKS_LEFT] == 0


def test_the_guidance_of_several_clicks_is_the_one_that_inference_draws():
    rng = np.random.default_rng(0)
    label = (rng.random((12, 12, 12)) < 0.3).astype(np.int64)
    step, data = ClickOnError(random=True, **ONE), item(label, label * 0, left=5, channels=2)
    placed = {1: [], 2: []}
    for seed in range(5):
        found = rng.random(label.shape) < 0.5
        data["pred"] = torch.from_numpy(np.where(found, 3.0, -3.0))[None]
        before = clicked(data["image"])
        step.set_random_state(seed)
        data = step(data)
        for channel, places in clicked(data["image"]).items():
            placed[channel] += [place for place in places if place not in before[channel]]
    assert sum(map(len, placed.values())) == 5
    for channel, places in placed.items():
        np.testing.assert_array_equal(data["image"][channel], guidance_map(places, label.shape, 2.0))


def test_each_item_of_a_batch_gets_its_own_number_of_clicks():
    seen = []

    def network(inputs):
        seen.append(inputs.clone())
        return torch.full((len(inputs), 1, *inputs.shape[2:]), -3.0)

    label = np.zeros((8, 8, 8), np.int64)
    label[1:4, 1:4, 1:4] = label[5:, 5:, 5:] = 1
    items = [
        {key: value for key, value in item(label, label, left=left, channels=2).items() if key != "pred"}
        for left in (0, 2)
    ]
    engine = SimpleNamespace(
        prepare_batch=default_prepare_batch,
        state=SimpleNamespace(device="cpu"),
        fire_event=lambda event: None,
        network=torch.nn.Identity(),
        amp=False,
        inferer=lambda inputs, network_: network(inputs),
        _iteration=lambda engine_, batch: batch,
    )
    batch = Clicks([ClickOnError(random=False, **ONE)], 0, train=True)(engine, list_data_collate(items))
    assert len(seen) == 2
    assert [len(clicked(image)[1]) for image in batch["image"]] == [0, 1]
    assert clicked(seen[0][1])[1] == []
    assert clicked(seen[1][1])[1] == clicked(batch["image"][1])[1]


def test_the_share_without_clicks():
    label = torch.ones((1, 6, 6, 6), dtype=torch.int64)
    data = {"image": torch.zeros((1, 6, 6, 6)), "label": label, "id": "x"}
    for automatic, most in ((1.0, 0), (0.0, 3)):
        step = ClickOrNone(3, automatic, random=True, **THREE)
        step.set_random_state(0)
        items = [step(data) for _ in range(60)]
        assert {made[CLICKS_LEFT] for made in items} == set(range(most + 1))
        assert all(made["image"].shape[0] == 4 for made in items)
        # An item of a correction gets a click at once, or is sure to get one.
        assert all(made["image"][1:].any() or made[CLICKS_LEFT] for made in items) == (automatic == 0)


def test_one_structure_at_a_time_in_a_patch_of_the_right_size():
    label = np.zeros((1, 20, 10, 10), np.int16)
    label[0, 2:5, 4:6, 4:6], label[0, 15:19, 4:6, 4:6], label[0, :, 0] = 1, 2, -1
    data = {
        "image": torch.rand(1, 20, 10, 10),
        "label": torch.from_numpy(label),
        "id": "x",
        INDICES: [np.flatnonzero(label == index) for index in range(3)],
    }
    crop = CropToStructure((8, 8, 8))
    for seed in range(8):
        crop.set_random_state(seed)
        made = crop(data)
        assert made["image"].shape == made["label"].shape == (1, 8, 8, 8)
        assert int((made["label"] == 1).sum()) in (12, 16)
        assert set(np.unique(made["label"])) <= {-1, 0, 1}
    fixed = EachStructure((8, 8, 8), 3, (1.0, 1.0, 1.0), [0, 2])(data)
    assert [(made[CLICKS_LEFT], int((made["label"] == 1).sum())) for made in fixed] == [
        (0, 12),
        (2, 12),
        (0, 16),
        (2, 16),
    ]
    for across, count in (((2,), 4), ((0, 1, 2), 6)):
        slices = EachStructure((8, 24), 3, (1.0, 1.0), [1])({**data, ACROSS: across})
        assert len(slices) == count
        assert all(made["label"].shape == made["image"].shape == (1, 8, 24) for made in slices)
        assert all((made["label"] == 1).any() for made in slices)
    many = torch.arange(20).repeat_interleave(100).reshape(1, 20, 10, 10)
    chosen = EachStructure((8, 8, 8), 20, (1.0, 1.0, 1.0), [0], one=False)
    shown = [chosen({**data, "label": many, "id": name}) for name in "aab"]
    assert [len(patches) for patches in shown] == [8, 8, 8]
    lows = [[int(made["label"].min()) for made in patches] for patches in shown]
    assert lows[0] == lows[1] != lows[2]
    for empty in (CropToStructure((8, 8, 8)), EachStructure((8, 8, 8), 3, (1.0, 1.0, 1.0), [0])):
        nothing = {**data, "label": data["label"] * 0, INDICES: [np.arange(9), np.array([]), np.array([])]}
        with pytest.raises(TaskError, match="none of the structures"):
            empty(nothing)


class Spy(DeepGrow3D):
    """Keeps what its network sees."""

    def run_inferer(self, data, device):
        self.seen = data["image"].clone()
        return super().run_inferer(data, device)


def test_inference_shows_the_network_what_training_showed_it(tmp_path):
    from jlabel.segmentation.network import prepare
    from jlabel.tasks.transforms import ImageInMemory, flatten, offer, run_steps

    plan = Plan((1.0, 1.0, 2.0), (16, 16, 8), ((2, 2, 2),), (4, 8), None)
    network = make_network(plan, 1, 3)
    save_weights(network, tmp_path / "weights.safetensors")
    models = ModelStore(tmp_path / "models")
    row = ModelVersion("deepgrow", 0, network={**plan.to_json(), "sigma": 2.0}, labels={"a": 1})
    models.use("deepgrow", models.publish(row, tmp_path / "weights.safetensors").number)
    values = np.random.default_rng(0).normal(0, 20, (16, 8, 16)).astype(np.float32)
    # Array axes run anterior, inferior, right.
    affine = np.array([[0, 0, 1.0, 0], [1.0, 0, 0, 0], [0, -2.0, 0, 14], [0, 0, 0, 1]])
    image = Image(values, affine)
    steps = flatten(prepare(("image",), plan))
    offer(steps, ImageInMemory(image))
    prepared = run_steps({"image": "x"}, steps, "pre")["image"]
    label = np.zeros(prepared.shape, np.int64)
    label[0, 3, 10, 2] = 1
    first = FirstClick(0, random=False, **ONE)
    trained = first({"image": prepared.as_tensor(), "label": torch.from_numpy(label), CLICKS_LEFT: 0})["image"]
    task = Spy(published=PublishedModel(models, "deepgrow"))
    task(InferRequest(image=image, image_id="x", prompts=(Click((10, 5, 3)),), labels={"a": 1}))
    np.testing.assert_allclose(task.seen, trained, atol=1e-4)
