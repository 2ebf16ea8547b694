import numpy as np
import pytest
import torch

from jlabel.errors import PromptError
from jlabel.guidance.click_channels import AddGuidance, guidance_map, pointed_positions
from jlabel.prompts.prompt import Box, Click, Scribble


def test_a_click_is_a_gaussian():
    guidance = guidance_map([(10, 12)], (20, 30), sigma=2)
    assert guidance.dtype == np.float32
    assert guidance[10, 12] == 1
    assert guidance[10, 14] == pytest.approx(np.exp(-0.5))
    assert guidance[12, 14] == pytest.approx(np.exp(-1))
    assert guidance[10, 25] == 0


def test_near_clicks_do_not_add_up():
    assert guidance_map([(5, 5, 5), (5, 5, 6)], (10, 10, 10)).max() == 1


def test_no_click_is_an_empty_map():
    assert not guidance_map([], (4, 4)).any()


def test_clicks_at_the_edge():
    guidance = guidance_map([(0, 0), (3, 4)], (4, 5))
    assert guidance[0, 0] == guidance[3, 4] == 1


def test_sigma_must_be_above_zero():
    with pytest.raises(ValueError, match="above 0"):
        guidance_map([(0, 0)], (4, 4), sigma=0)


def test_positions_by_sign():
    prompts = [Click((1, 2)), Click((3, 4), False), Scribble(((5, 6), (5, 7)))]
    assert pointed_positions(prompts) == ([(1, 2), (5, 6), (5, 7)], [(3, 4)])
    with pytest.raises(PromptError, match="not a box"):
        pointed_positions([Box((0, 0), (2, 2))])


def test_guidance_follows_a_resized_image():
    data = {"image": torch.zeros(1, 20, 20), "positive": [(2, 4)], "negative": [], "crop_shape": (10, 10)}
    image = AddGuidance(sigma=1)(data)["image"]
    assert image.shape == (3, 20, 20)
    around = image[1, 4:6, 8:10]  # voxel (2, 4) covers these four
    assert (around == image[1].max()).all()
    assert not image[2].any()
