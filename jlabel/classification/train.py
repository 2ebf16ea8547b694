"""The train task of the classification network: planned from the images that a person has tagged."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.classification.network import make_network, prepare, random_changes
from jlabel.classification.plan import ClassificationPlan, make_plan
from jlabel.classification.tagged_set import classes_by_person, lacking_classes, tagged_set
from jlabel.datastores import Datastore
from jlabel.errors import JlabelError, TaskError
from jlabel.imaging import Image, read_image
from jlabel.labels.classification import Classification
from jlabel.segmentation.image_dimension import usual_dimension
from jlabel.segmentation.picture_changes import may_be_mirrored
from jlabel.tasks.image_kinds import ImageKind
from jlabel.tasks.keys import Step
from jlabel.training import BasicTrainTask, Context
from jlabel.training.kept_plan import kept_plan, version_to_go_on_from
from jlabel.training.learning_set import LearningSet

if TYPE_CHECKING:
    import torch

_MOST_LOOKED_AT = 20
_CONFIG = {
    "max_epochs": 60,
    "samples_per_epoch": 64,
    "train_batch_size": 8,
    "learning_rate": 1e-3,
    "early_stop_patience": 40,
    "val_interval": None,
}
_SMOOTHING = 0.05  # of the classes that are learnt: without it the network is as sure of its errors as of the rest


class ClassificationTrainTask(BasicTrainTask):
    """Trains a small DenseNet to say which class an image has: pictures, grey or in colours, or volumes.

    It learns from the images to which a person has given a class (:meth:`jlabel.AppManager.tag_image`); what models
    have said counts for nothing. Whether it learns from pictures or volumes, and how coarse it sees them, it plans from
    the images. Of each class a share of the images is kept to judge by, and rare classes weigh as much as others. In
    training, pictures are turned, mirrored and scaled, and their light and colours are changed; where a class's name
    says left or right, they are not mirrored and turned a little only. Volumes are never mirrored.

    Versions are compared by the balanced accuracy (``val_balanced_accuracy``); ``val_auc`` is the area under the ROC
    curve.

    Args:
        classification: What is learnt.
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`.

    Raises:
        TaskError: An image may have several of the classes.

    Examples:
        >>> view = jlabel.Classification("view", ["in body", "out of body"])
        >>> task = jlabel.ClassificationTrainTask(view, config={"max_epochs": 30})
        >>> task.info()["config"]["max_epochs"]
        30
        >>> task.lacking(jlabel.LocalDatastore(studies))
        "No image is tagged yet: tag some as 'in body' and some as 'out of body' (view)"
    """

    learns_from: tuple[ImageKind, ...] = ("volume", "picture", "colour picture")
    least_labels = 2

    def __init__(
        self,
        classification: Classification,
        description: str = "",
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        if classification.several:
            raise TaskError(f"{classification.name!r}: it learns one class of an image, and this tag may have several")
        about = description or f"Learns from tagged images to tell {' from '.join(classification.classes)}"
        super().__init__(description=about, config={**_CONFIG, **dict(config or {})}, **options)
        self.classification = classification

    def count_learnable(self, datastore: Datastore) -> int:
        """How many images a person has given a class."""
        return len(classes_by_person(datastore, self.classification))

    def lacking(self, datastore: Datastore) -> str:
        """Which images a person is to tag before it can be trained; empty where there are two classes to tell apart."""
        return lacking_classes(datastore, self.classification)

    def learning_set(
        self, request: Mapping[str, Any], share: float, datastore: Datastore, note: Callable[[str], None]
    ) -> LearningSet:
        """The images that a person has tagged; see :meth:`jlabel.BasicTrainTask.learning_set`."""
        return tagged_set(datastore, self.classification, share, note)

    def network(self, context: Context) -> torch.nn.Module:
        """The network of the plan."""
        return make_network(self.plan(context), context.classes)

    def network_config(self, context: Context) -> dict[str, Any]:
        """The plan, so that an infer task can build the same network."""
        return self.plan(context).to_json()

    def optimizer(self, context: Context) -> torch.optim.Optimizer:
        """AdamW."""
        import torch

        assert context.network is not None
        rate = float(context.request["learning_rate"])
        return torch.optim.AdamW(context.network.parameters(), lr=rate, weight_decay=1e-3)

    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """The cross entropy; each class weighs as much as the others, however many images it has."""
        import torch

        counts = Counter(item["label"] for item in context.train_datalist)
        total, there = sum(counts.values()), len(counts)
        weights = [total / (there * counts[index]) if counts[index] else 0.0 for index in range(context.classes)]
        return torch.nn.CrossEntropyLoss(torch.tensor(weights, device=context.device), label_smoothing=_SMOOTHING)

    def train_pre_transforms(self, context: Context) -> Sequence[Step]:
        """The whole image in the plan's size, in changing positions, light and colours."""
        return [*self.val_pre_transforms(context), *random_changes(self.plan(context))]

    def val_pre_transforms(self, context: Context) -> Sequence[Step]:
        """The whole image in the plan's size."""
        return prepare(self.plan(context))

    def train_post_transforms(self, context: Context) -> Sequence[Step]:
        """Probabilities."""
        from monai.transforms import Activationsd

        return [Activationsd(keys="pred", softmax=True)]

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The balanced accuracy."""
        from monai.handlers import from_engine

        from jlabel.classification.metrics import BalancedAccuracy

        return {"val_balanced_accuracy": BalancedAccuracy(context.classes, from_engine(["pred", "label"]))}

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """The area under the ROC curve."""
        from monai.handlers import from_engine

        from jlabel.classification.metrics import AreaUnderCurve

        return {"val_auc": AreaUnderCurve(context.classes, from_engine(["pred", "label"]))}

    def train_handlers(self, context: Context) -> list[Any]:
        """The learning rate that falls."""
        from jlabel.training.handlers import PolynomialDecay

        if context.evaluator is not None:
            # Few images have few shares: of the epochs that are as good the last has learnt most.
            context.evaluator.metric_cmp_fn = operator.ge
        rate, limit = float(context.request["learning_rate"]), context.request["max_seconds"]
        return [PolynomialDecay(context.optimizer, rate, None if limit is None else float(limit))]

    def plan(self, context: Context) -> ClassificationPlan:
        """The plan of this run: that of the version it begins with, or one of its own; a resumed run keeps its plan.

        Raises:
            TaskError: None of the images can be read.
        """
        return kept_plan(
            context, ClassificationPlan.from_json, lambda: self._inherited_plan(context) or self._make_plan(context)
        )

    def _make_plan(self, context: Context) -> ClassificationPlan:
        axes = _axes(context)
        mirrored = axes == 2 and may_be_mirrored(list(context.labels))
        return make_plan(_some_images(context, axes), mirrored)

    def _inherited_plan(self, context: Context) -> ClassificationPlan | None:
        """The plan of the version that the training goes on from; None where it begins anew."""
        parent = version_to_go_on_from(context, self.model_store(context.datastore))
        if parent is None:
            return None
        plan = ClassificationPlan.from_json(parent.network)
        return plan if plan.dimension == _axes(context) else None


def _axes(context: Context) -> int:
    """2 where most images to learn from are pictures, else 3."""
    return usual_dimension(Path(item["image"]) for item in [*context.train_datalist, *context.val_datalist])


def _some_images(context: Context, axes: int) -> list[Image]:
    found, problem = [], "there are none"
    for item in context.train_datalist[:_MOST_LOOKED_AT]:
        try:
            image = read_image(Path(item["image"]))
        except JlabelError as error:
            problem = str(error)
            continue
        if image.ndim == axes:
            found.append(image)
    if not found:
        raise TaskError(f"none of the images can be used; the last: {problem}")
    return found
