"""The region that an interactive task works on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jlabel.errors import PromptError
from jlabel.imaging.image import Image
from jlabel.prompts.prompt import Box, Click, Scribble
from jlabel.tasks.crop import Crop
from jlabel.tasks.interactive import InteractiveTask
from jlabel.tasks.request import InferRequest


class Threshold(InteractiveTask):
    """Voxels above 0; remembers its crops."""

    def __init__(self, dimension: int = 3, labels: object = None) -> None:
        super().__init__(dimension=dimension, labels=labels)
        self.crops: list[Crop] = []

    def pre_transforms(self, data):
        return []

    def inferer(self, data):
        return []

    def post_transforms(self, data):
        return []

    def segment(self, crop, request, watch):
        self.crops.append(crop)
        return crop.array > 0


def volume(shape=(300, 300, 300), spacing=(1.0, 1.0, 1.0), oriented=True):
    return Image(np.zeros(shape, np.int16), np.diag([*spacing, *(1.0,) * (4 - len(spacing))]), oriented=oriented)


def ask(image, *prompts, **more):
    return InferRequest(image, "made", prompts, **more)


def test_the_region_is_as_wide_as_the_task_says():
    task = Threshold()
    region = task(ask(volume(), Click((150, 150, 150)))).region
    assert region.shape == (97, 97, 97) or region.shape == (96, 96, 96)
    assert all(lo < 150 < up for lo, up in zip(region.lower, region.upper, strict=True))


def test_the_region_is_measured_in_mm():
    region = Threshold()(ask(volume(spacing=(1.0, 1.0, 4.0)), Click((150, 150, 150)))).region
    assert region.shape[2] in (24, 25)


def test_the_region_stays_in_the_image_without_shrinking():
    region = Threshold()(ask(volume(), Click((0, 299, 150)))).region
    assert region.lower[0] == 0
    assert region.upper[1] == 300
    assert min(region.shape) >= 96


def test_prompts_far_apart_are_all_in_the_region():
    region = Threshold()(ask(volume(), Click((10, 10, 10)), Click((290, 20, 20)))).region
    assert region.lower[0] <= 10
    assert region.upper[0] > 290


def test_a_picture_without_pixel_size_has_a_region_in_parts_of_it():
    picture = volume((1000, 800), (1.0, 1.0), oriented=False)
    assert Threshold()(ask(picture, Click((500, 400)))).region.shape[0] >= 250


def test_the_region_grows_where_the_mask_touches_it():
    array = np.zeros((20, 20, 300), np.int16)
    array[8:12, 8:12, 5:295] = 1
    task = Threshold()
    task.max_edge = 400
    result = task(ask(Image(array, np.eye(4)), Click((10, 10, 150))))
    assert len(task.crops) > 1
    assert np.array_equal(result.mask > 0, array > 0)


def test_the_region_never_exceeds_its_largest_edge():
    task = Threshold()
    task(ask(Image(np.ones((400, 12, 12), np.int16), np.eye(4)), Click((200, 6, 6))))
    assert max(crop.shape[0] for crop in task.crops) <= task.max_edge + 1


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_dimension_2_sees_one_slice(axis):
    image = volume((60, 50, 40), (1.0, 2.0, 3.0))
    task = Threshold(dimension=2)
    position = (30, 20, 10)
    result = task(ask(image, Click((1, 1, 1), False), Click(position), params={"axis": axis}))
    (crop,) = task.crops
    assert crop.dropped == axis
    assert crop.ndim == crop.array.ndim == 2
    assert crop.spacing == tuple(np.delete((1.0, 2.0, 3.0), axis))
    assert [prompt.positive for prompt in crop.prompts] == [True]
    assert result.region.lower[axis] == position[axis]
    assert result.region.shape[axis] == 1
    assert result.mask.shape == image.shape


def test_dimension_2_takes_the_thin_axis_by_itself():
    task = Threshold(dimension=2)
    task(ask(volume((60, 1, 40)), Click((30, 0, 10))))
    assert task.crops[0].dropped == 1


def test_dimension_2_on_a_picture_drops_nothing():
    task = Threshold(dimension=2)
    task(ask(volume((60, 50), (1.0, 1.0)), Click((30, 20))))
    assert task.crops[0].dropped is None


def test_prompts_come_in_the_crops_own_indices():
    array = np.zeros((300, 300, 300), np.int16)
    array[150, 160, 170] = 9
    array[140, 150, 160] = 7
    task = Threshold()
    task(ask(Image(array, np.eye(4)), Click((150, 160, 170)), Scribble(((140, 150, 160),), False)))
    click, scribble = task.crops[0].prompts
    assert task.crops[0].array[click.position] == 9
    assert task.crops[0].array[scribble.positions[0]] == 7


def test_the_answer_has_the_apps_value_for_the_label():
    image = Image(np.ones((8, 8), np.int16), np.eye(4))
    result = Threshold()(ask(image, Click((4, 4)), label="liver", labels={"spleen": 1, "liver": 300}))
    assert result.labels == {"liver": 300}
    assert result.values.dtype == np.uint16
    assert set(np.unique(result.mask)) == {300}


class Sure(Threshold):
    """As sure of a voxel as its value says, in hundredths."""

    def find(self, request, prompts, dropped, watch):
        found = super().find(request, prompts, dropped, watch)
        array = request.image.array[found.region.slices]
        return replace(found, probabilities=(array / 100).astype(np.float16))


@pytest.mark.parametrize("dimension", [2, 3])
def test_probabilities_come_with_the_answer_where_they_are_asked_for(dimension):
    image = Image(np.full((9, 8, 7), 25, np.int16), np.eye(4))
    task, request = Sure(dimension=dimension), ask(image, Click((4, 4, 4)), label="liver", labels={"liver": 3})
    plain = task(request)
    assert (plain.probabilities, plain.classes) == (None, ())
    told = task(replace(request, probabilities=True))
    assert told.classes == ("liver",)
    assert told.probabilities.shape == (1, *told.region.shape)
    assert told.probabilities.dtype == np.float16
    assert (told.probabilities == 0.25).all()


def test_a_task_that_cannot_tell_gives_no_probabilities():
    result = Threshold()(ask(volume((9, 9, 9)), Click((4, 4, 4)), probabilities=True))
    assert (result.probabilities, result.classes) == (None, ())


def test_bad_requests():
    with pytest.raises(PromptError, match="point at the structure"):
        Threshold()(ask(volume((9, 9, 9))))
    with pytest.raises(PromptError, match="0, 1 or 2, not 3"):
        Threshold(dimension=2)(ask(volume((9, 9, 9)), Click((1, 1, 1)), params={"axis": 3}))
    with pytest.raises(PromptError, match="outside the image"):
        Threshold()(ask(volume((9, 9, 9)), Box((1, 1, 1), (9, 9, 9))))


def test_padding_in_the_region_counts_as_the_lowest_other_value():
    array = np.full((20, 20, 20), 40, np.int16)
    array[:5], array[5:9] = -2000, 30
    task = Threshold()
    task(ask(Image(array, np.eye(4), padding=(-2000, -2000)), Click((10, 10, 10))))
    assert np.unique(task.crops[-1].array).tolist() == [30, 40]


def test_a_mask_that_ends_at_the_regions_edge_says_so_and_goes_on_with_more_room():
    image = volume((400, 40, 40))
    filled = Image(np.ones(image.shape, np.int16), image.affine)
    task = Threshold()
    first = task(ask(filled, Click((200, 20, 20))))
    assert first.cut_off
    assert first.region.shape[0] == task.max_edge
    second = task(ask(filled, Click((200, 20, 20)), params={"room": 1}))
    assert second.cut_off
    assert second.region.shape[0] == 2 * task.max_edge
    whole = task(ask(filled, Click((200, 20, 20)), params={"room": 2}))
    assert not whole.cut_off
    assert whole.region.shape == filled.shape


def test_a_mask_that_ends_at_the_images_edge_or_inside_is_whole():
    array = np.zeros((300, 300, 40), np.int16)
    array[:, 140:160] = 1
    inside = Image(array[100:200].copy(), np.eye(4))
    assert not Threshold()(ask(inside, Click((50, 150, 20)))).cut_off
    assert Threshold()(ask(Image(array, np.eye(4)), Click((150, 150, 20)))).cut_off


def test_a_slice_is_no_edge():
    array = np.zeros((100, 100, 40), np.int16)
    array[40:60, 40:60] = 1
    assert not Threshold(dimension=2)(ask(Image(array, np.eye(4)), Click((50, 50, 20)), params={"axis": 2})).cut_off
