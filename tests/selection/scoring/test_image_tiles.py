from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.selection.scoring.image_tiles import make_tiles

SIZES = st.lists(st.tuples(st.integers(1, 60), st.integers(1, 30), st.integers(0, 9)), min_size=2, max_size=3)


@given(SIZES)
def test_the_cores_make_up_the_image_each_voxel_once(axes):
    shape, window, halo = zip(*axes, strict=True)
    seen = np.zeros(shape, int)
    for tile in make_tiles(shape, window, halo):
        seen[tile.core] += 1
        assert [side.stop - side.start for side in tile.window] == list(window)
        for size, wide, edge, side, core, inside in zip(
            *map(list, (shape, window, halo)), *tile_parts(tile), strict=True
        ):
            assert core.stop - core.start == inside.stop - inside.start
            if wide < size:
                assert 0 <= side.start <= side.stop <= size
                assert core.start == side.start + inside.start
                edge = min(edge, (wide - 1) // 2)
                assert core.start == 0 or inside.start >= edge
                assert core.stop == size or wide - inside.stop >= edge
    assert (seen == 1).all()


def tile_parts(tile):
    return list(tile.window), list(tile.core), list(tile.inside)


def test_an_image_of_one_window_is_one_tile():
    (tile,) = make_tiles((64, 64, 32), (64, 64, 32), (8, 8, 4))
    assert tile.core == tile.window == tile.inside


@pytest.mark.parametrize(("size", "halo", "count"), [(64, 0, 2), (64, 4, 3), (65, 0, 3), (33, 4, 2), (32, 4, 1)])
def test_there_are_as_few_as_cover_it(size, halo, count):
    assert len(make_tiles((size,), (32,), (halo,))) == count


def test_a_small_image_has_a_margin_around_it_as_in_monai():
    (tile,) = make_tiles((5, 9), (8, 9), (1, 1))
    assert tile.window == (slice(0, 8), slice(0, 9))
    assert tile.core == (slice(0, 5), slice(0, 9))
    assert tile.inside == (slice(1, 6), slice(0, 9))
