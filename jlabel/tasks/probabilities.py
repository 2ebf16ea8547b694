"""From the output of a network to the probability of each class."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from jlabel.tasks.keys import Step

# How far probabilities of one voxel may be from adding up to 1, in half precision.
_ROUNDING = 5e-3


def class_probabilities(outputs: torch.Tensor, classes: int, post: Iterable[Step] = ()) -> torch.Tensor | None:
    """The probability of each class, the background first; they add up to 1 in each voxel.

    With a channel for each class and the background, it is the softmax of the channels; channels that add up to 1
    already are taken as they are. A single channel of the only class goes through the sigmoid. So does each channel of
    several classes without one for the background: the background is then what the likeliest class leaves.

    Args:
        outputs: What the network gave, shape ``(channel, ...)``.
        classes: The highest class; the background is 0.
        post: The task's post transforms: a threshold without an activation before it says that channels without a
            background are probabilities already.

    Returns:
        Float32, shape ``(class + 1, ...)``; None where the output is not of that kind.
    """
    if not outputs.is_floating_point() or classes < 1 or outputs.shape[0] not in (classes, classes + 1):
        return None
    outputs = outputs.float()
    if outputs.shape[0] == classes + 1:
        return outputs if _adds_up(outputs) else torch.softmax(outputs, dim=0)
    each = outputs.clamp(0, 1) if _are_thresholded(post) else torch.sigmoid(outputs)
    background = 1 - each.amax(dim=0, keepdim=True)
    together = torch.cat([background, each])
    return together if classes == 1 else together / together.sum(dim=0, keepdim=True)


def _adds_up(outputs: torch.Tensor) -> bool:
    if bool(outputs.flatten()[:1] < 0) or bool(outputs.flatten()[:1] > 1):
        return False  # most logits are told by the first
    total = outputs.sum(dim=0)
    return bool((outputs >= 0).all()) and bool(((total - 1).abs() < _ROUNDING).all())


def _are_thresholded(post: Iterable[Step]) -> bool:
    """Whether channels are compared with a probability and nothing has made them one before."""
    from monai.transforms import Activationsd, AsDiscreted

    for step in post:
        if isinstance(step, Activationsd):
            return False
        if isinstance(step, AsDiscreted):
            return any(threshold is not None and 0 < float(threshold) < 1 for threshold in step.threshold)
    return False
