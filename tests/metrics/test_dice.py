import numpy as np

from jlabel.metrics import dice


def test_dice_is_twice_the_common_voxels_over_the_sum_of_both():
    a, b = np.array([1, 1, 0, 0]), np.array([0, 7, 7, 0])
    assert dice(a, b) == 0.5
    assert dice(a, a * 3) == 1
    assert dice(a, a * 0) == 0
    assert dice(a * 0, a * 0) == 1
