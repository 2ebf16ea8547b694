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
    """Segments a whole volume or picture with the model that was trained on the project's labels.

    :class:`jlabel.SegmentationTrainTask` trains the model and publishes it: for volumes or for pictures, as the
    labelled images were. Where it tells the objects of a label apart, each has a value of its own: the label's and
    those above it that no other label has. A picture that may be mirrored is seen in four ways, as it is and mirrored
    along each axis and both, and the answers are averaged.

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
        from jlabel.segmentation.objects import outputs

        plan, classes = Plan.from_json(version.network), max(version.labels.values(), default=0) + 1
        return make_network(plan, outputs(classes, plan.objects), plan.colours, plan.dimension)

    def network_axes(self, version: ModelVersion | None) -> int:
        """2 for a version that has learnt from pictures, else 3."""
        return 3 if version is None else Plan.from_json(version.network).dimension

    def object_class(self, version: ModelVersion | None) -> int:
        """The class whose objects the version tells apart, or 0."""
        return 0 if version is None else Plan.from_json(version.network).objects

    def class_probabilities(self, data: dict[str, Any], outputs: torch.Tensor) -> torch.Tensor | None:
        """The softmax of the channels; the border of objects belongs to them."""
        objects = self.object_class(data["model"])
        if not objects:
            return super().class_probabilities(data, outputs)
        from jlabel.segmentation.objects import class_chances

        return class_chances(outputs, objects)

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The image in the plan's spacing and intensities."""
        return prepare(("image",), Plan.from_json(data["model"].network))

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any]:
        """A window of the patch's size that slides over a volume; larger ones over a picture and its mirror images."""
        from jlabel.segmentation.windows import window_inferer

        plan = Plan.from_json(data["model"].network)
        inferer = window_inferer(plan, overlap=0.5)
        if not plan.mirrored:
            return inferer
        from jlabel.segmentation.mirrored import Mirrored

        return Mirrored(inferer)

    def inverse_transforms(self, data: dict[str, Any]) -> Sequence[Step] | None:
        """Logits come back to the image's grid, for smoother borders than a mask would have; of many classes or objects
        a mask."""
        # Objects are told apart where the network saw them: two that touch have a border as wide as its pixels.
        objects = self.object_class(data["model"])
        return [] if len(data["model"].labels) < _MOST_CHANNELS and not objects else None

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The most likely class of each voxel, and the objects of the one whose objects are told apart."""
        from monai.transforms import AsDiscreted

        objects = self.object_class(data["model"])
        if objects:
            from jlabel.segmentation.objects import SeparateObjects

            return [SeparateObjects(objects)]
        return [AsDiscreted(keys="pred", argmax=True)]
