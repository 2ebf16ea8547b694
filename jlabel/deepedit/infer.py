"""DeepEdit: one network that segments by itself and is corrected by clicks.

Diaz-Pinto et al. 2022, "DeepEdit: Deep Editable Learning for Interactive Segmentation of 3D Medical Images"
(arXiv:2203.10655): one guidance channel for each label and one for the background, all empty where nothing was clicked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import TaskError
from jlabel.guidance.click_channels import pointed_positions
from jlabel.guidance.click_model import ClickModel
from jlabel.prompts.prompt import Position, Prompt
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.segmentation import Segmentation
from jlabel.segmentation.network import make_network
from jlabel.segmentation.plan import Plan
from jlabel.tasks.crop import Crop
from jlabel.tasks.keys import MODEL, Step
from jlabel.tasks.request import InferRequest, Stopwatch

if TYPE_CHECKING:
    import torch


class DeepEdit(ClickModel):
    """Segments one label around the clicks on it, with a network that also segments without clicks.

    :class:`jlabel.DeepEditTrainTask` trains the network. A positive click goes into the guidance channel of its label,
    a negative click into that of the background. If the structure reaches the border of the region, the region grows,
    and the network is applied to it patch by patch.

    A version that has learnt from pictures works in pictures, one that has learnt from volumes in volumes.

    Source: Diaz-Pinto et al. 2022 (arXiv:2203.10655).

    Args:
        published: The model that the train task publishes.
        labels: The structures, in the order of the app; a published version knows its own.
        description: Shown to users.

    Examples:
        >>> from jlabel.registry import ModelStore
        >>> published = jlabel.PublishedModel(ModelStore(studies / ".jlabel" / "models"), "deepedit")
        >>> task = jlabel.DeepEdit(published, labels=["liver", "spleen"])
        >>> task.interactive, task.labels
        (True, {'liver': 1, 'spleen': 2})
        >>> task.is_valid()  # not before manager.train("deepedit") has published a version
        False
    """

    max_grow = 2

    def __init__(
        self,
        published: PublishedModel,
        labels: Sequence[str] = (),
        description: str = "Corrects the model's answer for a label by clicks",
    ) -> None:
        super().__init__(type="deepedit", labels=labels, published=published, description=description)

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of the version's plan."""
        return make_editable_network(version)

    def network_axes(self, version: ModelVersion | None) -> int:
        """2 for a version that has learnt from pictures, else 3."""
        return 3 if version is None else Plan.from_json(version.network).dimension

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None beside those of :class:`jlabel.guidance.click_model.ClickModel`."""
        return []

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any]:
        """A window of the patch's size that slides over the region; of a picture larger ones."""
        from jlabel.segmentation.windows import window_inferer

        return window_inferer(Plan.from_json(data[MODEL].network), overlap=0.25)

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None beside those of :class:`jlabel.guidance.click_model.ClickModel`."""
        return []

    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        """The voxels of the crop whose likeliest class is the label's.

        Raises:
            PromptError: There is a prompt that is no click and no scribble.
            TaskError: The version does not know the label, or the network failed.
        """
        version: ModelVersion = request.params[MODEL]
        label = request.label or next(iter(version.labels), "")
        if label not in version.labels:
            known = ", ".join(version.labels)
            raise TaskError(
                f"version {version.number} of {version.name!r} has not learnt {label!r}, only {known}: train it again"
            )
        clicks = clicks_by_class(crop.prompts, version, label)
        logits = self.logits(crop, request, clicks, watch)
        return np.asarray(logits.argmax(axis=0) == version.labels[label])


class DeepEditAuto(Segmentation):
    """Segments a whole volume or picture without clicks, with the same network as DeepEdit.

    Source: Diaz-Pinto et al. 2022 (arXiv:2203.10655).

    Args:
        published: The model that the train task publishes.
        labels: The structures, in the order of the app; a published version knows its own.
        description: Shown to users.

    Examples:
        >>> from jlabel.registry import ModelStore
        >>> published = jlabel.PublishedModel(ModelStore(studies / ".jlabel" / "models"), "deepedit")
        >>> task = jlabel.DeepEditAuto(published, labels=["liver", "spleen"])
        >>> task.interactive, task.labels
        (False, {'liver': 1, 'spleen': 2})
        >>> task.is_valid()  # not before manager.train("deepedit") has published a version
        False
    """

    def __init__(
        self,
        published: PublishedModel,
        labels: Sequence[str] = (),
        description: str = "Segments the whole image with the model that clicks can correct",
    ) -> None:
        super().__init__(published, labels, description)

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of the version's plan."""
        return make_editable_network(version)

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """As for segmentation, with empty guidance channels."""
        from jlabel.guidance.input_steps import EmptyGuidance

        return [*super().pre_transforms(data), EmptyGuidance(class_count(data[MODEL]))]


def make_editable_network(version: ModelVersion) -> torch.nn.Module:
    """The network of a version: the image and a guidance channel for each class go in, a logit for each comes out."""
    plan, classes = Plan.from_json(version.network), class_count(version)
    return make_network(plan, classes, plan.colours + classes, plan.dimension)


def class_count(version: ModelVersion) -> int:
    """The version's labels and the background."""
    return max(version.labels.values(), default=0) + 1


def clicks_by_class(prompts: Sequence[Prompt], version: ModelVersion, label: str) -> list[list[Position]]:
    """Positions for each guidance channel, the background's first.

    Clicks on other labels that the version knows go into those labels' channels; what is not another label may well be
    the asked one, so their negative clicks say nothing.

    Args:
        prompts: Clicks and scribbles; one without a name is about ``label``.
        version: Knows the classes.
        label: What is asked for.

    Raises:
        PromptError: There is another kind of prompt.
    """
    clicks: list[list[Position]] = [[] for _ in range(class_count(version))]
    for prompt in prompts:
        name = getattr(prompt, "label", "") or label
        positive, negative = pointed_positions([prompt])
        if name in version.labels:
            clicks[version.labels[name]].extend(positive)
        if name == label:
            clicks[0].extend(negative)
    return clicks
