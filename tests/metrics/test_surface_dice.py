import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from jlabel.metrics import surface_dice


def cube(low, high, side=20):
    mask = np.zeros((side,) * 3, bool)
    mask[low:high, low:high, low:high] = True
    return mask


def test_a_surface_within_the_tolerance_counts_as_found():
    assert surface_dice(cube(5, 15), cube(5, 15)) == 1
    assert surface_dice(cube(5, 15), cube(4, 16), tolerance=2.0) == 1
    assert surface_dice(cube(5, 15), cube(2, 18), tolerance=2.0) == 0


def test_the_tolerance_is_in_millimetres():
    moved = np.roll(cube(5, 15), 1, axis=0)
    assert surface_dice(cube(5, 15), moved, (1, 1, 1), 1.0) == 1
    assert surface_dice(cube(5, 15), moved, (3, 1, 1), 1.0) < 0.9


def test_each_piece_of_the_surface_counts_by_its_length():
    """A square of 10 pixels, and one that is twice as long in one direction."""
    truth, mask = np.zeros((40, 40), bool), np.zeros((40, 40), bool)
    truth[10:20, 10:20] = mask[10:20, 10:30] = True
    corner = 2**0.5 / 2
    outline, longer = 4 * 9 + 4 * corner, 2 * 9 + 2 * 19 + 4 * corner
    # The square's side within the longer one is too far from its outline but for two elements at either end; of the
    # longer outline the far side is too far away, and all that goes there but for two elements beyond the square.
    near = (outline - 5) + (2 * (corner + 12) + 9)
    assert surface_dice(truth, mask, tolerance=2.0) == pytest.approx(near / (outline + longer))


def test_nothing_agrees_with_nothing_alone():
    assert surface_dice(cube(0, 0), cube(0, 0)) == 1
    assert surface_dice(cube(5, 15), cube(0, 0)) == surface_dice(cube(0, 0), cube(5, 15)) == 0


@given(
    array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=7).flatmap(
        lambda shape: st.tuples(
            arrays(bool, shape),
            arrays(bool, shape),
            st.tuples(*[st.sampled_from((0.5, 1.0, 2.5))] * len(shape)),
        )
    ),
    st.sampled_from((0.6, 1.2, 2.0)),
)
def test_it_is_what_monai_computes_of_the_elements_between_voxels(given, tolerance):
    import torch
    from monai.metrics import compute_surface_dice

    truth, mask, spacing = given
    if not truth.any() or not mask.any():
        return
    # MONAI has no border at the image's edge: the masks are put into a wider one.
    pair = [torch.from_numpy(np.pad(each, 2))[None, None].float() for each in (mask, truth)]
    wanted = compute_surface_dice(*pair, [tolerance], include_background=True, spacing=spacing, use_subvoxels=True)
    assert surface_dice(truth, mask, spacing, tolerance) == pytest.approx(float(wanted), abs=1e-4)
