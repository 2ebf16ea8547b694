"""What a network is planned for, from images of all sizes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.errors import TaskError
from jlabel.imaging import Image
from jlabel.segmentation.network import make_network
from jlabel.segmentation.plan import Fingerprint, Plan, fingerprint, make_plan


def small(shape=(36, 50, 34), spacing=(1.0, 1.0, 1.0), low=float("nan"), high=200.0) -> Fingerprint:
    return Fingerprint(shape, spacing, low, high)


def test_small_images_are_seen_whole_at_their_own_spacing() -> None:
    plan = make_plan([small(), small((40, 52, 36))], 64**3)
    assert plan.spacing == (1.0, 1.0, 1.0)
    assert plan.patch == (40, 56, 40)
    assert len(plan.channels) == len(plan.strides) + 1
    assert plan.window is None


def test_large_images_are_seen_in_patches_and_not_finer_than_the_device_can_bear() -> None:
    plan = make_plan([small((512, 512, 300), (0.7, 0.7, 1.0), -1000.0, 1500.0)], 64**3)
    assert np.prod(plan.patch) < 1.5 * 64**3
    extent = np.array([512, 512, 300]) * (0.7, 0.7, 1.0)
    assert np.prod(extent / plan.spacing) <= 24 * 64**3 * 1.01
    assert plan.window == (-1000.0, 1500.0)


def test_thick_slices_are_not_halved_before_the_others_are_as_coarse() -> None:
    plan = make_plan([small((256, 256, 20), (0.5, 0.5, 5.0))], 64**3)
    assert plan.strides[0] == (2, 2, 1)
    assert plan.patch[2] <= 24


@settings(max_examples=60)
@given(
    shape=st.tuples(*[st.integers(1, 600)] * 3),
    spacing=st.tuples(*[st.floats(0.2, 8.0)] * 3),
    voxels=st.sampled_from([16**3, 64**3]),
)
def test_every_plan_halves_evenly_and_comes_back_from_json(shape, spacing, voxels) -> None:
    plan = make_plan([small(shape, spacing)], voxels)
    divisor = np.prod(np.array(plan.strides), axis=0)
    assert all(size % step == 0 and size >= 1 for size, step in zip(plan.patch, divisor, strict=True))
    assert np.prod(plan.patch) <= voxels * 2.5
    assert Plan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.5, 0.5, 4.0)])
def test_the_network_gives_every_voxel_of_a_patch_a_score_for_each_class(spacing) -> None:
    plan = make_plan([small((20, 24, 10), spacing)], 16**3, features=4)
    network = make_network(plan, 3).eval()
    with torch.inference_mode():
        assert network(torch.zeros(1, 1, *plan.patch)).shape == (1, 3, *plan.patch)


def test_a_turned_image_is_measured_along_the_patients_axes() -> None:
    affine = np.array([[0, 0, 3.0, 0], [2.0, 0, 0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1]])
    found = fingerprint(Image(np.zeros((10, 20, 30), np.float32), affine))
    assert (found.shape, found.spacing) == ((30, 10, 20), (3.0, 2.0, 1.0))


def test_ct_is_told_by_its_air() -> None:
    voxels = np.full((8, 8, 8), -1000.0, np.float32)
    voxels[2:6, 2:6, 2:6] = np.linspace(-100, 300, 64).reshape(4, 4, 4)
    found = fingerprint(Image(voxels, np.eye(4)))
    assert -105 < found.low < -50
    assert np.isnan(fingerprint(Image(voxels + 2000, np.eye(4))).low)


def test_pictures_are_refused() -> None:
    with pytest.raises(TaskError, match="for volumes of one value a voxel"):
        fingerprint(Image(np.zeros((5, 6), np.uint8), np.eye(4)))


@pytest.mark.parametrize("content", [{}, {"spacing": 3}, {"spacing": [1, 1], "patch": [1, 1, 1]}])
def test_what_is_no_plan_is_refused(content) -> None:
    with pytest.raises(TaskError, match="no plan of a segmentation network"):
        Plan.from_json(content)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_voxels_that_are_no_number_change_nothing(odd: float) -> None:
    array = np.random.default_rng(0).normal(-200, 300, (12, 12, 12)).astype(np.float32)
    holed = array.copy()
    holed[3, 3, 3] = odd
    whole, found = (fingerprint(Image(one, np.eye(4))) for one in (array, holed))
    assert np.isfinite([found.low, found.high]).all()
    np.testing.assert_allclose([found.low, found.high], [whole.low, whole.high], rtol=0.02)


def test_an_image_without_a_number_has_a_fingerprint() -> None:
    found = fingerprint(Image(np.full((4, 4, 4), np.nan, np.float32), np.eye(4)))
    assert (np.isnan(found.low), found.high) == (True, 1)
