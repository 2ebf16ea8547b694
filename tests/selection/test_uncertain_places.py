from __future__ import annotations

import numpy as np
import pytest

from jlabel.errors import Cancelled
from jlabel.selection.uncertain_places import uncertain_places

SHAPE = (60, 50, 40)


@pytest.fixture
def spots():
    """Uncertainty of three spots of 3 voxels: the second is the least sure, the third lies beside it."""
    uncertainty = np.zeros(SHAPE, np.float16)
    for (x, y, z), value in {(10, 10, 10): 0.5, (40, 30, 20): 0.9, (40, 30, 25): 0.8}.items():
        uncertainty[x - 1 : x + 2, y - 1 : y + 2, z - 1 : z + 2] = value
    return uncertainty


NONE = np.zeros(SHAPE, np.uint8)


def positions(places):
    return [place.position for place in places]


def test_the_least_sure_place_comes_first_and_what_lies_beside_it_is_the_same_place(spots):
    first, second = uncertain_places(spots, NONE, NONE, (1, 1, 1))
    assert np.linalg.norm(np.subtract(first.position, (40, 30, 21))) <= 3
    assert second.position == (10, 10, 10)
    assert first.weight > second.weight
    assert first.value == 0


def test_distances_are_in_millimetres_and_not_in_voxels(spots):
    # Slices of 4 mm: the third spot lies 20 mm from the second.
    assert len(uncertain_places(spots, NONE, NONE, (1, 1, 4))) == 3
    assert len(uncertain_places(spots, NONE, NONE, (0.7, 0.7, 0.7))) == 2
    # All within 10 mm.
    assert len(uncertain_places(spots, NONE, NONE, (0.2, 0.2, 0.2))) == 1


def test_where_model_and_draft_differ_a_place_comes_first(spots):
    answer = NONE.copy()
    answer[4:17, 4:17, 4:17] = 2
    alike = uncertain_places(spots, answer, answer, (1, 1, 1))
    differing = uncertain_places(spots, answer, NONE, (1, 1, 1))
    assert positions(alike) == positions(differing)[::-1]
    assert positions(differing)[0] == (10, 10, 10)
    assert differing[0].weight == pytest.approx(2 * alike[1].weight, rel=0.01)
    assert differing[0].value == alike[1].value == 2


def test_the_label_is_the_models_and_else_the_drafts(spots):
    answer, draft = NONE.copy(), NONE.copy()
    draft[8:12, 8:12, 8:12] = 1
    answer[38:42, 28:32, 18:22] = 3
    draft[38:42, 28:32, 18:22] = 1
    assert [place.value for place in uncertain_places(spots, answer, draft, (1, 1, 1))] == [3, 1]


def test_a_place_lies_in_the_middle_of_what_is_equally_unsure():
    uncertainty = np.zeros((40, 40), np.float32)
    uncertainty[10:31, 15:26] = 1
    first = uncertain_places(uncertainty, uncertainty * 0, uncertainty * 0, (1, 1))[0]
    assert abs(first.position[1] - 20) <= 1


def test_a_long_border_is_gone_along_place_by_place():
    uncertainty = np.zeros(SHAPE, np.float16)
    uncertainty[:, 25, 20] = 0.7
    places = uncertain_places(uncertainty, NONE, NONE, (1, 1, 1))
    assert len(places) >= 4
    assert {place.position[1:] for place in places} == {(25, 20)}
    along = sorted(place.position[0] for place in places)
    assert min(np.diff(along)) >= 10
    assert len(uncertain_places(uncertainty, NONE, NONE, (1, 1, 1), most=2)) == 2


def test_a_sure_model_needs_nobody_and_what_is_unknown_is_passed_over():
    assert uncertain_places(np.full(SHAPE, 0.05), NONE, NONE, (1, 1, 1)) == []
    assert uncertain_places(np.full(SHAPE, np.nan), NONE, NONE, (1, 1, 1)) == []
    unknown = np.zeros(SHAPE, np.float32)
    unknown[5:8, 5:8, 5:8] = 0.9
    unknown[40:50] = np.nan
    assert positions(uncertain_places(unknown, NONE, NONE, (1, 1, 1))) == [(6, 6, 6)]


def test_an_image_without_a_size_of_its_voxels_and_one_smaller_than_the_smoothing():
    tiny = np.full((3, 2), 0.6, np.float32)
    (only,) = uncertain_places(tiny, tiny * 0, tiny * 0, (0, 1))
    assert 0 < only.weight < 0.6


def test_it_is_given_up_between_its_steps(spots):
    def check():
        raise Cancelled("another image was opened")

    with pytest.raises(Cancelled):
        uncertain_places(spots, NONE, NONE, (1, 1, 1), check=check)
