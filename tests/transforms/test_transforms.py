"""What comes after a network in MONAI Label's apps: masks brought back, parts, boxes, outlines and clicks."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, EnsureChannelFirstd, Orientationd, Resized

from jlabel.transforms import (
    AddClickGuidanced,
    AddGuidanceSignald,
    AddInitialSeedPointd,
    BoundingBoxd,
    ExtremePointsd,
    FindContoursd,
    LargestCCd,
    LoadImageExd,
    NormalizeLabeld,
    ResizeGuidanced,
    Restored,
)

LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def loaded(shape: tuple[int, ...]) -> MetaTensor:
    meta = {"spatial_shape": np.asarray(shape), "original_affine": LPS, "original_channel_dim": "no_channel"}
    return MetaTensor(torch.zeros(shape), affine=torch.as_tensor(LPS), meta=meta)


def test_a_mask_gets_the_size_of_the_image_back() -> None:
    steps = Compose([EnsureChannelFirstd("image"), Resized("image", (4, 4, 4))])
    data = {**steps({"image": loaded((8, 6, 5))}), "pred": torch.ones(1, 4, 4, 4)}
    assert tuple(Restored("pred", ref_image="image")(data)["pred"].shape) == (8, 6, 5)


def test_a_mask_gets_the_orientation_back() -> None:
    steps = Compose([EnsureChannelFirstd("image"), Orientationd("image", axcodes="RAS", labels=None)])
    image = loaded((3, 2, 2))
    image[0, 0, 0] = 1
    data = steps({"image": image})
    data["pred"] = data["image"].clone()
    back = Restored("pred", ref_image="image", invert_orient=True)(data)["pred"]
    assert torch.equal(torch.as_tensor(back), image.as_tensor())


def test_classes_become_the_values_of_the_configuration() -> None:
    data = {"pred": torch.tensor([[[1.0, 2.0]]]), "image": MetaTensor(torch.zeros(1, 1, 2))}
    restored = Restored("pred", ref_image="image", config_labels={"liver": 6, "spleen": 3})(data)["pred"]
    assert restored.tolist() == [[6, 3]]


def test_the_largest_part_of_each_channel_stays() -> None:
    mask = torch.zeros(2, 6, 6)
    mask[0, 0, 0] = mask[0, 2:4, 2:4] = mask[1, 5, 5] = 1
    kept = LargestCCd("pred")({"pred": mask})["pred"]
    assert [float(channel.sum()) for channel in kept] == [4, 1]
    assert np.array_equal(LargestCCd("pred", has_channel=False)({"pred": mask[0].numpy()})["pred"], kept[0])


def test_boxes_and_outermost_points_are_told_beside_what_was_told() -> None:
    mask = np.zeros((1, 9, 9))
    mask[0, 2:5, 3:8] = 1
    told = BoundingBoxd("pred")({"pred": mask, "result": {"score": 1}})["result"]
    assert told == {"score": 1, "bbox": [[2, 3], [5, 8]]}
    assert "result" not in ExtremePointsd("pred")({"pred": np.zeros((4, 4))})


def test_outlines_have_the_area_of_what_they_surround() -> None:
    mask = np.zeros((1, 60, 40))
    mask[0, 10:40, 0:20] = 1
    mask[0, 50:55, 30:35] = 2
    told = FindContoursd("pred", labels={"polyp": 1, "tool": 2})({"pred": mask})["result"]["annotation"]
    assert [element["label"] for element in told["elements"]] == ["polyp"]  # the other one is too small
    polygon = np.asarray(told["elements"][0]["contours"][0])
    assert polygon.min(axis=0).tolist() == [10, 0]
    assert polygon.max(axis=0).tolist() == [39, 19]
    assert json.dumps(told)


def test_outlines_are_chosen_by_size_and_by_points() -> None:
    mask = np.zeros((60, 60))
    mask[2:20, 2:20] = mask[30:58, 30:58] = 1
    both = FindContoursd("pred", labels="polyp", key_foreground_points="clicks", max_poly_area=0)
    found = both({"pred": mask, "clicks": [[140, 40]], "location": [100, 0]})["result"]["annotation"]["elements"]
    assert np.asarray(found[0]["contours"][0]).min(axis=0).tolist() == [130, 30]
    small = FindContoursd("pred", labels="polyp", max_poly_area=400)({"pred": mask})["result"]["annotation"]
    assert len(small["elements"][0]["contours"]) == 1
    assert "result" not in FindContoursd("pred")({"pred": np.zeros((60, 60))})


def test_clicks_become_channels() -> None:
    data = {"image": torch.zeros(3, 32, 32), "foreground": [[8, 4]], "background": None}
    data = AddClickGuidanced(("foreground", "background"))(data)
    image = AddGuidanceSignald("image", sigma=1)(data)["image"]
    assert (float(image[3, 8, 4]), float(image[4].max())) == (1.0, 0.0)
    assert float(image[3, 20, 20]) < 1e-3


def test_clicks_are_scaled_with_the_image() -> None:
    image = MetaTensor(torch.zeros(3, 16, 16), meta={"spatial_shape": [32, 64]})
    assert ResizeGuidanced("guidance")({"image": image, "guidance": [[[31, 63]], []]})["guidance"] == [[[15, 15]], []]


@pytest.mark.parametrize("seed", range(3))
def test_first_clicks_lie_in_the_largest_parts(seed: int) -> None:
    label = np.zeros((1, 20, 20))
    label[0, 2:9, 2:9] = label[0, 12:18, 12:18] = label[0, 0, 19] = 1
    place = AddInitialSeedPointd("guidance", connected_regions=2)
    place.set_random_state(seed)
    inside, outside = json.loads(place({"label": label})["guidance"])
    assert [label[tuple(point)] for point in inside] == [1, 1]
    assert len({point[1] < 10 for point in inside}) == 2
    assert outside == [[-1, -1, -1]] * 2


def test_an_array_is_taken_as_an_image_and_labels_become_one() -> None:
    image = LoadImageExd("image")({"image": np.zeros((8, 6, 3), np.float32)})["image"]
    assert image.meta["spatial_shape"] == (8, 6)
    label = torch.tensor([0, 3])
    assert NormalizeLabeld("label", value=2)({"label": label})["label"].tolist() == [0, 2]
    assert label.tolist() == [0, 3]
