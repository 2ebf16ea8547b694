"""Runs a detector, which finds boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from jlabel.errors import TaskError


def run_detector(detector: Any, batch: torch.Tensor, network: torch.nn.Module) -> dict[str, Any]:
    """What a detector finds in the only image of a batch.

    Args:
        detector: MONAI's ``RetinaNetDetector`` or one that is called like it: with the input and ``use_inferer``.
        batch: Shape ``(1, channel, ...)``.
        network: The network with its weights, which the detector gets as its own.

    Raises:
        TaskError: It gives something other than a dictionary.
    """
    if hasattr(detector, "network"):
        detector.network = network
    if callable(getattr(detector, "eval", None)):
        detector.eval()
    outputs = detector(batch, use_inferer=True)
    found = outputs[0] if isinstance(outputs, list | tuple) and outputs else outputs
    if not isinstance(found, Mapping):
        raise TaskError(f"the detector {type(detector).__name__} gave {type(found).__name__}, not boxes by name")
    return {str(name): value.cpu() if isinstance(value, torch.Tensor) else value for name, value in found.items()}
