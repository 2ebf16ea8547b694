"""MONAI Label's two epistemic scoring methods, with jlabel's own of that measure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jlabel.errors import TaskError
from jlabel.selection.scoring import EpistemicScoring
from jlabel.tasks import InferTask
from jlabel.tasks.basic_infer import BasicInferTask
from jlabel.tasks.transforms import flatten

_NAME = "scored model"


class TaskEpistemicScoring(EpistemicScoring):
    """How unsure a model with dropout is; see :class:`jlabel.EpistemicScoring`.

    Args:
        infer_task: The model.
        max_samples: Say which images to score when the scoring is started, ``manager.score(name, images=…)``: 0 here.
        simulation_size: How many passes with dropout.
        use_variance: Refused: jlabel measures the entropy.

    Raises:
        TaskError: ``max_samples`` or ``use_variance`` is given.
    """

    def __init__(
        self, infer_task: InferTask, max_samples: int = 0, simulation_size: int = 5, use_variance: bool = False
    ) -> None:
        if use_variance:
            raise TaskError("use_variance=True cannot be done: jlabel's EpistemicScoring measures the entropy")
        if max_samples:
            raise TaskError(
                f"max_samples={max_samples} cannot be done: manager.score(name, images=…) says which images"
            )
        super().__init__({_NAME: infer_task}, _NAME, passes=max(2, simulation_size))


class NetworkEpistemicScoring(EpistemicScoring):
    """The same of a network that is no infer task of the app.

    Args:
        model: A file of weights, or several, of which the last that exists is used.
        network: The network, with dropout.
        transforms: What prepares an image.
        roi_size: The size of the window that slides over the image.
        num_samples: How many passes with dropout.
        load_strict: As for :class:`jlabel.InferTask`.
    """

    def __init__(
        self,
        model: str | Sequence[str],
        network: Any = None,
        transforms: Any = None,
        roi_size: Sequence[int] = (128, 128, 64),
        num_samples: int = 10,
        load_strict: bool = False,
    ) -> None:
        from monai.transforms import AsDiscreted

        task = BasicInferTask(
            flatten(transforms or []),
            [AsDiscreted("pred", argmax=True)],
            network=network,
            path=model,
            roi_size=tuple(roi_size),
            load_strict=load_strict,
        )
        super().__init__({_NAME: task}, _NAME, passes=max(2, num_samples))
