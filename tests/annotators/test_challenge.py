import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from jlabel.annotators import Cvpr25
from jlabel.prompts import Box, Click

pairs = array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=7).flatmap(
    lambda shape: st.tuples(arrays(bool, shape), arrays(bool, shape))
)


def click_as_published(truth, mask):
    """The challenge's own steps, one after the other over the whole image."""
    errors = truth != mask
    if not errors.any():
        return None
    components, _ = ndimage.label(errors, np.ones((3, 3, 3)))
    sizes = np.bincount(components.ravel())
    sizes[0] = 0
    largest = components == np.argmax(sizes)
    depth = ndimage.distance_transform_edt(np.pad(largest, 1))[1:-1, 1:-1, 1:-1]
    np.random.seed(42)
    places = np.argwhere(depth == depth.max())
    place = tuple(places[np.random.choice(len(places))])
    return Click(tuple(map(int, place)), bool(truth[place]))


@given(pairs)
def test_the_click_is_that_of_the_published_evaluation(pair):
    truth, mask = pair
    assert Cvpr25().next_click(truth, mask, spacing=(1, 1, 9)) == click_as_published(truth, mask)


def test_missed_and_added_voxels_that_touch_are_one_error():
    truth, mask = np.zeros((9, 20, 9), bool), np.zeros((9, 20, 9), bool)
    truth[2:7, 2:5, 2:7] = mask[2:7, 5:9, 2:7] = True  # 75 voxels missed and 100 added, side by side
    truth[2:7, 14:19, 2:7] = True  # 125 missed
    click = Cvpr25().next_click(truth, mask)
    assert click.position[1] < 10
    assert click.positive == truth[click.position]


def test_of_equal_voxels_the_seed_draws_one():
    truth = np.zeros((3, 3, 60), bool)
    truth[1, 1, 10:50] = True
    made = {Cvpr25(seed).next_click(truth, np.zeros_like(truth)) for seed in range(20)}
    assert len(made) > 5
    assert Cvpr25(3).next_click(truth, np.zeros_like(truth)) == Cvpr25(3).next_click(truth, np.zeros_like(truth))


def test_it_begins_with_a_box_where_that_is_wanted(ball):
    truth = ball((30, 30, 30), (15, 15, 15), 6)
    (box,) = Cvpr25(box=True).first_prompts(truth)
    assert isinstance(box, Box)
    assert Cvpr25().first_prompts(truth) == Cvpr25(box=True).first_prompts(truth * 0) == ()
