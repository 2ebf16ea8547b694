"""The infer task of the segmentation network: the whole image, without a prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from jlabel.registry import ModelVersion, PublishedModel
from jlabel.segmentation.network import make_network, prepare
from jlabel.segmentation.plan import Plan
from jlabel.tasks.infer import InferTask
from jlabel.tasks.keys import Step

if TYPE_CHECKING:
    import torch

# Logits of more classes than this are not brought back to the image's grid one by one: that is not worth the memory.
_MOST_CHANNELS = 8


class Segmentation(InferTask):
    """Segments a whole volume with the model that was trained on the project's labels.

    :class:`jlabel.SegmentationTrainTask` trains the model and publishes it.

    Args:
        published: The model that the train task publishes.
        labels: The structures, in the order of the app; a published version knows its own.
        description: Shown to users.

    Examples:
        >>> from jlabel.registry import ModelStore
        >>> published = jlabel.PublishedModel(ModelStore(studies / ".jlabel" / "models"), "segmentation")
        >>> task = jlabel.Segmentation(published, labels=["liver", "spleen"])
        >>> task.interactive, task.labels
        (False, {'liver': 1, 'spleen': 2})
        >>> task.is_valid()  # not before manager.train("segmentation") has published a version
        False
    """

    def __init__(
        self,
        published: PublishedModel,
        labels: Sequence[str] = (),
        description: str = "Segments the whole image with the model trained last",
    ) -> None:
        super().__init__(labels=labels, published=published, description=description)

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of the version's plan."""
        return make_network(Plan.from_json(version.network), max(version.labels.values(), default=0) + 1)

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The image in the plan's spacing and intensities."""
        return prepare(("image",), Plan.from_json(data["model"].network))

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any]:
        """A window of the patch's size that slides over the image."""
        from monai.inferers import SlidingWindowInferer

        patch = Plan.from_json(data["model"].network).patch
        inferer: Callable[..., Any] = SlidingWindowInferer(patch, overlap=0.5, mode="gaussian")
        return inferer

    def inverse_transforms(self, data: dict[str, Any]) -> Sequence[Step] | None:
        """Logits come back to the image's grid, for smoother borders than a mask would have; of many classes a mask."""
        return [] if len(data["model"].labels) < _MOST_CHANNELS else None

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The most likely class of each voxel."""
        from monai.transforms import AsDiscreted

        return [AsDiscreted(keys="pred", argmax=True)]
