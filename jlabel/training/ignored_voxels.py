"""Voxels of which nobody has said what they are: no loss and no metric looks at them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from jlabel.training.labelled_images import IGNORED

# Logits that leave no doubt, and no gradient in any loss.
_SURE = 30.0


def leave_out_ignored(pred: torch.Tensor, label: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The prediction as a sure background, and the label as background, where the label is ``IGNORED``.

    Args:
        pred: Logits, ``(batch, channel, ...)``; with one channel the foreground's.
        label: Classes, ``(batch, 1, ...)``. One of more channels is not of classes and is left as it is.
    """
    if label.shape[1] != 1:
        return pred, label
    ignored = label == IGNORED
    if not bool(ignored.any()):
        return pred, label
    background = torch.full_like(pred, -_SURE)
    if pred.shape[1] > 1:
        background[:, 0] = _SURE
    return torch.where(ignored, background, pred), torch.where(ignored, torch.zeros_like(label), label)


class KnownVoxelsLoss(torch.nn.Module):
    """Another loss that does not see the ignored voxels."""

    def __init__(self, loss: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, pred: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """The loss of logits ``(batch, channel, ...)`` against classes ``(batch, 1, ...)``."""
        return self.loss(*leave_out_ignored(pred, label))


class KnownVoxels:
    """A transform that hides the ignored voxels of ``pred`` and ``label``, each ``(channel, ...)``."""

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with both changed."""
        pred, label = leave_out_ignored(data["pred"][None], data["label"][None])
        return {**data, "pred": pred[0], "label": label[0]}
