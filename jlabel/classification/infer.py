"""The infer task of the classification network: what an image as a whole shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from jlabel.classification.network import make_network, prepare
from jlabel.classification.plan import ClassificationPlan
from jlabel.errors import TaskError
from jlabel.labels.classification import Classification
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.tasks.infer import InferTask
from jlabel.tasks.keys import MODEL, Step
from jlabel.tasks.kinds import InferType

if TYPE_CHECKING:
    import torch


class ClassificationInferTask(InferTask):
    """Says which class of a classification a picture or volume has, with the model that learnt from tagged images.

    :class:`jlabel.ClassificationTrainTask` trains the model and publishes it. The answer has no mask: the probability
    of each class is in ``result.tags``.

    Args:
        published: The model that the train task publishes.
        classification: What it tells.
        description: Shown to users.

    Examples:
        >>> from jlabel.registry import ModelStore
        >>> published = jlabel.PublishedModel(ModelStore(studies / ".jlabel" / "models"), "view")
        >>> view = jlabel.Classification("view", ["in body", "out of body"])
        >>> task = jlabel.ClassificationInferTask(published, view)
        >>> task.makes_masks, task.classification.classes
        (False, ('in body', 'out of body'))
        >>> task.is_valid()  # not before manager.train("view") has published a version
        False
    """

    def __init__(
        self,
        published: PublishedModel,
        classification: Classification,
        description: str = "",
    ) -> None:
        about = description or f"Says whether an image is {' or '.join(classification.classes)}"
        super().__init__(type=InferType.CLASSIFICATION, published=published, description=about)
        self.classification = classification

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of the version's plan."""
        return make_network(ClassificationPlan.from_json(version.network), len(version.labels))

    def network_axes(self, version: ModelVersion | None) -> int:
        """2 for a version that has learnt from pictures, 3 for one of volumes."""
        return 3 if version is None else ClassificationPlan.from_json(version.network).dimension

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The image in the plan's size and intensities."""
        version: ModelVersion = data[MODEL]
        known = self.classification
        if known is not None and set(version.labels) != set(known.classes):
            learnt, wanted = ", ".join(version.labels), ", ".join(known.classes)
            raise TaskError(
                f"version {version.number} of {version.name!r} tells {learnt} apart, and the classes of "
                f"{known.name!r} are {wanted}: train it again"
            )
        return prepare(ClassificationPlan.from_json(version.network))

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any]:
        """The whole image at once."""
        from monai.inferers import SimpleInferer

        return SimpleInferer()  # type: ignore[no-any-return]

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The softmax, in the order of the classification's classes."""
        from monai.transforms import Activationsd

        version, known = data[MODEL], self.classification
        order = list(version.labels.values()) if known is None else [version.labels[one] for one in known.classes]

        def ordered(data: dict[str, Any]) -> dict[str, Any]:
            return {**data, "pred": data["pred"][order]}

        return [Activationsd(keys="pred", softmax=True), ordered]
