import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from jlabel.annotators.error_regions import ErrorRegions, largest_region

masks = arrays(bool, array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=7))


@given(masks)
def test_the_regions_are_the_connected_components_and_cover_every_error_once(errors):
    regions = ErrorRegions(errors)
    covered = np.zeros(errors.shape, int)
    for index in range(len(regions)):
        region = regions[index]
        assert region.size == regions.sizes[index]
        assert ndimage.label(region.inside)[1] == 1
        covered[region.box.slices] += region.inside
    assert np.array_equal(covered, errors)
    largest = largest_region(errors)
    assert (largest.size if largest else 0) == max(regions.sizes, default=0)


@given(masks, st.data())
def test_the_region_of_a_voxel_is_the_one_that_contains_it(errors, data):
    place = tuple(data.draw(st.integers(0, n - 1)) for n in errors.shape)
    region = ErrorRegions(errors).at(place)
    assert (region is not None) == errors[place]
    assert region is None or region.contains(place)


def test_the_nearest_voxel_of_a_region_is_the_place_itself_inside(ball):
    region = largest_region(ball((20, 20), (10, 10), 3))
    assert region.nearest((11, 10)) == (11, 10)
    assert region.nearest((10, 19)) == (10, 13)
    assert region.nearest((0, 10)) == (7, 10)


def test_places_at_the_border_have_a_neighbour_outside(ball):
    region, random = largest_region(ball((20, 20), (10, 10), 6)), np.random.default_rng(0)
    for _ in range(20):
        at = region.at_border(random)
        assert region.contains(at)
        around = [(at[0] + i, at[1] + j) for i, j in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        assert not all(region.contains(place) for place in around)


def test_regions_may_hang_together_by_their_corners():
    errors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert len(ErrorRegions(errors)) == 3
    assert len(ErrorRegions(errors, full=True)) == 1
    assert largest_region(errors, full=True).size == 3


def test_the_deepest_voxels_and_the_width():
    errors = np.zeros((5, 12), bool)
    errors[1:4, 2:9] = True
    region = largest_region(errors)
    assert region.deepest() == [(2, i) for i in range(3, 8)]
    assert region.width() == 3
    assert largest_region(np.ones((1, 1))).width() == 1
