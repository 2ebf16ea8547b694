"""First masks to correct."""

from __future__ import annotations

import pytest
import torch

from jlabel.click.pretraining.starts import first_masks


@pytest.mark.parametrize(("dimension", "size"), [(2, 48), (3, 24)])
def test_first_masks_differ_from_their_targets_and_overlap_them(dimension, size):
    line = torch.linspace(-1, 1, size)
    grid = torch.meshgrid(*[line] * dimension, indexing="ij")
    disc = (sum(g**2 for g in grid) < 0.45**2).float()
    target = disc.expand(24, 1, *disc.shape).contiguous()
    found = first_masks(target)
    assert found.shape == target.shape
    assert set(found.unique().tolist()) <= {0, 1}
    axes = tuple(range(1, target.ndim))
    overlap = 2 * (found * target).sum(dim=axes) / (found.sum(dim=axes) + target.sum(dim=axes))
    assert (overlap > 0.15).all()
    assert overlap.median() > 0.5
    assert (overlap < 1).float().mean() > 0.9
    missed, added = (target * (1 - found)).sum(dim=axes), (found * (1 - target)).sum(dim=axes)
    assert (missed > 0.05 * target.sum(dim=axes)).any()
    assert (added > 0.05 * target.sum(dim=axes)).any()


def test_a_target_of_nothing_has_a_first_mask_that_is_finite():
    assert torch.isfinite(first_masks(torch.zeros(4, 1, 24, 24))).all()
