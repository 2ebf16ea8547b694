"""Bundles that take clicks: how the clicks reach their transforms and their network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from jlabel.bundles.bundle import components, target_name
from jlabel.errors import TaskError
from jlabel.guidance.click_channels import pointed_positions
from jlabel.prompts.prompt import Position, Prompt
from jlabel.tasks.keys import Step
from jlabel.tasks.request import InferRequest

Turned = Callable[[Position], Position]


class ClickAdapter(ABC):
    """What a bundle of one kind needs of the clicks."""

    #: Words in the names of the transforms that look at clicks: their work is not kept for the next click.
    looks: tuple[str, ...] = ()
    #: Whether clicks may mark a structure that the bundle does not know.
    finds_anything = False

    @abstractmethod
    def data(self, request: InferRequest, labels: Mapping[str, int], turned: Turned) -> dict[str, Any]:
        """What the bundle's transforms find in their data.

        Args:
            request: With prompts, in voxels of its image; none for an answer without clicks.
            labels: What the bundle finds, name to value.
            turned: Takes a position to the image that the bundle sees.
        """

    def apply(self, inferer: Any, batch: Any, network: Any, data: dict[str, Any]) -> Any:
        """Apply the network to a batch; ``data`` is what the transforms left, and goes on to those after it."""
        return inferer(batch, network)

    def each_time(self, step: Step) -> Step:
        """The step; one that looks at clicks as a plain function, which is run at every click."""
        return _Plain(step) if any(word in type(step).__name__ for word in self.looks) else step


class DeepEditClicks(ClickAdapter):
    """Bundles with the guidance channels of DeepEdit (Diaz-Pinto et al. 2022, arXiv:2203.10655).

    Their transforms take the positions of the clicks on a label under its name, and those that exclude something under
    ``"background"``.
    """

    looks = ("Guidance",)

    def data(self, request: InferRequest, labels: Mapping[str, int], turned: Turned) -> dict[str, Any]:
        """The positions by label."""
        clicks: dict[str, list[list[int]]] = {name: [] for name in (*labels, "background")}
        for prompt in request.prompts:
            name = getattr(prompt, "label", "") or request.label
            positive, negative = _pointed([prompt], turned)
            if name in labels:
                clicks[name] += positive
            if name == request.label or not request.label:
                clicks["background"] += negative
        return clicks


class Vista3dClicks(ClickAdapter):
    """VISTA3D (He et al. 2024, arXiv:2406.05285): classes to segment, or points on one structure, known or not."""

    looks = ("VistaPre",)
    finds_anything = True

    def data(self, request: InferRequest, labels: Mapping[str, int], turned: Turned) -> dict[str, Any]:
        """The classes that are wanted, and the points with their signs.

        Raises:
            TaskError: There is neither a point nor a class that is wanted.
        """
        positive, negative = _pointed(request.prompts, turned)
        if positive or negative:
            signs = [1] * len(positive) + [0] * len(negative)
            known = [labels[request.label]] if request.label in labels else None
            return {"points": [*positive, *negative], "point_labels": signs, "label_prompt": known}
        wanted = [labels[name] for name in request.labels if name in labels] if request.labels else [*labels.values()]
        if not wanted:
            raise TaskError("none of the app's labels is one of the classes of this bundle: click on the structure")
        return {"label_prompt": wanted}

    def apply(self, inferer: Any, batch: Any, network: Any, data: dict[str, Any]) -> Any:
        """As the bundle's own evaluator does it: points go to the grid of the prepared image."""
        import torch

        image, points, classes = data["image"], data.get("points"), data.get("label_prompt")
        device, coordinates, signs = batch.device, None, None
        if points is not None:
            into = np.linalg.inv(np.asarray(image.affine)) @ np.asarray(image.meta["original_affine"])
            homogeneous = np.c_[np.asarray(points, float), np.ones(len(points))]
            coordinates = torch.as_tensor((homogeneous @ into.T)[None, :, :3], device=device)
            signs = torch.as_tensor([data["point_labels"]], device=device)
        asked = None if classes is None else torch.as_tensor(classes, device=device).reshape(-1, 1)
        data.update(points=coordinates, point_labels=signs, label_prompt=asked)
        return inferer(batch, network, point_coords=coordinates, point_labels=signs, class_vector=asked)


def find_adapter(config: Mapping[str, Any]) -> ClickAdapter | None:
    """The adapter for a bundle's configuration; None for a bundle that takes no clicks."""
    names = {target_name(one) for _, one in components(config)}
    if any(name.startswith("AddGuidanceSignal") for name in names):
        return DeepEditClicks()
    if any(name.startswith("VistaPreTransform") or name == "Vista3dInferer" for name in names):
        return Vista3dClicks()
    return None


class _Plain:
    """A transform that is not known to be one."""

    def __init__(self, step: Step) -> None:
        self._step = step

    def __call__(self, data: dict[str, Any]) -> Any:
        return self._step(data)

    @property
    def __name__(self) -> str:
        return type(self._step).__name__


def _pointed(prompts: Sequence[Prompt], turned: Turned) -> tuple[list[list[int]], list[list[int]]]:
    positive, negative = pointed_positions(prompts)
    return [list(turned(one)) for one in positive], [list(turned(one)) for one in negative]
