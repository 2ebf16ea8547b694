"""What a scoring asks, and what it finds of one image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jlabel.registry import ModelVersion
from jlabel.tasks.infer import InferTask
from jlabel.tasks.scoring import ScoringRun

# torch and MONAI take seconds to import: an app is made without them.
if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from jlabel.selection.scoring.bottleneck import Bottleneck


@dataclass(frozen=True)
class Asked:
    """A model as a scoring asks it.

    Attributes:
        task: The infer task.
        version: Of its model; None for a task without a published one.
        network: The network of the version, on the device.
        device: Where.
        request: What the caller gave by name.
        run: Is told how far it is.
        bottleneck: Listens to the network.
    """

    task: InferTask
    version: ModelVersion | None
    network: torch.nn.Module
    device: str
    request: Mapping[str, Any]
    run: ScoringRun
    bottleneck: Bottleneck


@dataclass(frozen=True)
class Found:
    """What a method says of one image.

    Attributes:
        mean: The score by the mean over the predicted foreground and a band around it.
        top: The score by the least sure hundredth of the voxels.
        by_class: The score of each class.
        info: What else is kept.
        features: Of the network's bottleneck.
    """

    mean: float
    top: float
    by_class: Mapping[int, float]
    info: Mapping[str, Any] = field(default_factory=dict)
    features: NDArray[np.float16] | None = None
