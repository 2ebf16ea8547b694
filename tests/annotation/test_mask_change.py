"""Changes made ready in boxes: cut to what changes, and together exactly the change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.annotation import mask_change as change
from jlabel.annotation.mask_change import prepare_change
from jlabel.annotation.paint_rules import PaintRules
from jlabel.errors import Cancelled
from jlabel.imaging import Region, decode_labels
from jlabel.progress import Progress


@settings(max_examples=150)
@given(st.sampled_from([(7, 6, 5), (13, 9)]), st.integers(0, 2**20), st.integers(1, 60), st.sampled_from([0, 0.1, 0.9]))
def test_patches_are_together_exactly_the_change(shape: tuple[int, ...], seed: int, most: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    mask = np.asfortranarray(rng.integers(0, 4, shape).astype(np.uint8))
    region = Region((1,) * len(shape), shape)
    after = mask[region.slices].copy(order="F")
    after[rng.random(after.shape) < share] = 3
    guard = PaintRules({2: "locked"})
    wanted = np.where(mask[region.slices] == 2, 2, after)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(change, "_MOST_VOXELS", most)
        made = prepare_change(mask, guard, region, after.copy(order="F"))
    result, again = mask.copy(), mask.copy()
    for one in made.patches:
        assert one.region.size <= most
        np.testing.assert_array_equal(decode_labels(one.before, one.region), mask[one.region.slices])
        np.testing.assert_array_equal(decode_labels(one.after, one.region), made.values(one))
        assert (result[one.region.slices] == mask[one.region.slices]).all()
        result[one.region.slices] = made.values(one)
        again[one.region.slices] = decode_labels(one.before, one.region)
        assert made.region.contains(one.region)
    np.testing.assert_array_equal(result[region.slices], wanted)
    np.testing.assert_array_equal(again, mask)
    assert made.voxels == np.count_nonzero(result != mask)
    assert made.kept == np.count_nonzero((mask[region.slices] == 2) & (after != 2))
    assert made.touched == {*mask[result != mask].tolist(), *result[result != mask].tolist()}


def test_a_long_thin_stroke_is_kept_in_boxes_along_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "_MOST_VOXELS", 64 * 64 * 8)
    mask = np.zeros((64, 64, 64), np.uint8, order="F")
    after = mask.copy(order="F")
    for i in range(60):
        after[i : i + 4, i : i + 4, i : i + 4] = 1
    made = prepare_change(mask, PaintRules(), Region.whole(mask.shape), after)
    assert len(made.patches) == 8
    assert sum(patch.region.size for patch in made.patches) < mask.size / 20


def test_it_can_be_given_up_between_two_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "_MOST_VOXELS", 10)
    asked: list[Any] = []

    def check() -> None:
        asked.append(None)
        if len(asked) == 3:
            raise Cancelled("given up")

    mask = np.zeros((9, 9), np.uint8)
    with pytest.raises(Cancelled):
        prepare_change(mask, PaintRules(), Region.whole((9, 9)), np.ones_like(mask), Progress(check=check))
