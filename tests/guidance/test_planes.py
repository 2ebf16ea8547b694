"""Which slices of a volume DeepGrow learns, and how they come out of it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor

from jlabel.deepgrow import DeepGrow2DTrainTask
from jlabel.deepgrow.resampling import SpaceSlices
from jlabel.guidance.planes import ACROSS, slice_axes, slice_size
from jlabel.guidance.structures import INDICES, CropToStructure
from jlabel.imaging import Image

KEYS = ("image", "label")


@pytest.mark.parametrize(
    ("spacing", "axes"),
    [
        ((1.0, 1.0, 1.0), (0, 1, 2)),
        ((0.7, 0.7, 1.25), (0, 1, 2)),
        ((0.7, 0.7, 5.0), (2,)),
        ((4.0, 0.5, 0.5), (0,)),
        ((1.0, 3.0, 1.0), (1,)),
    ],
)
def test_slices_are_learnt_across_all_axes_or_the_thick_one(spacing, axes) -> None:
    assert slice_axes(spacing) == axes


def test_a_patch_is_planned_for_all_slices_that_are_learnt() -> None:
    assert slice_size((10, 20), (1, 1)) == (10, 20)
    assert slice_size((10, 20, 30), (1, 1, 1)) == (20, 30)
    assert slice_size((40, 20, 30), (5, 1, 1)) == (20, 30)
    task = DeepGrow2DTrainTask()
    thick = task.fingerprint(Image(np.zeros((8, 40, 60), np.int16), np.diag([5.0, 0.5, 0.5, 1])))
    assert (thick.shape, thick.spacing[:2]) == ((40, 60, 1), (0.5, 0.5))
    isotropic = task.fingerprint(Image(np.zeros((80, 40, 60), np.int16), np.eye(4)))
    assert (isotropic.shape, isotropic.spacing[:2]) == ((80, 60, 1), (1.0, 1.0))


def volume(shape: tuple[int, ...], spacing: tuple[float, ...]) -> dict:
    label = np.zeros((1, *shape), np.int16)
    label[0, 2:-2, 2:-2, 2:-2] = 1
    affine = torch.tensor(np.diag([*spacing, 1.0]))
    item = {"image": torch.from_numpy(label * 10.0), "label": torch.from_numpy(label)}
    return {"id": "x", **{key: MetaTensor(item[key], affine=affine) for key in KEYS}}


def with_indices(data: dict) -> dict:
    label = np.asarray(data["label"])
    return {**data, INDICES: [np.flatnonzero(label == index) for index in range(2)]}


def test_a_near_isotropic_volume_gives_slices_in_every_plane_in_one_spacing() -> None:
    data = with_indices(SpaceSlices(KEYS, 1.0)(volume((10, 12, 8), (1.0, 1.0, 2.0))))
    assert data["image"].shape == (1, 10, 12, 15)
    assert data[ACROSS] == (0, 1, 2)
    crop = CropToStructure((16, 16))
    seen = set()
    for seed in range(20):
        crop.set_random_state(seed)
        made = crop(data)
        assert made["image"].shape == made["label"].shape == (1, 16, 16)
        seen.add(int((made["label"] == 1).sum()))
    inside = np.asarray(data["label"])[0] == 1
    sizes = [int(inside.any(axis=axis).sum()) for axis in range(3)]
    assert seen == set(sizes)


def test_a_volume_of_thick_slices_keeps_them_and_gives_no_others() -> None:
    data = with_indices(SpaceSlices(KEYS, 0.5)(volume((6, 10, 12), (5.0, 1.0, 0.5))))
    assert data["image"].shape == (1, 6, 19, 12)
    assert data[ACROSS] == (0,)
    crop = CropToStructure((8, 8))
    for seed in range(5):
        crop.set_random_state(seed)
        made = crop(data)
        assert made["image"].shape == (1, 8, 8)
        assert (made["label"] == 1).any()


def test_a_picture_has_no_slices() -> None:
    affine = torch.eye(3, dtype=torch.float64)
    picture = {key: MetaTensor(torch.ones(1, 6, 8), affine=affine) for key in KEYS}
    data = SpaceSlices(KEYS, 1.0)(picture)
    assert (data["image"].shape, data[ACROSS]) == ((1, 6, 8), ())
