"""The train task that ships: a U-Net for volumes or pictures, planned from the data, with usual augmentation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.datastores import Datastore
from jlabel.errors import JlabelError, TaskError
from jlabel.imaging import Image, read_image
from jlabel.segmentation.image_dimension import usual_dimension
from jlabel.segmentation.network import make_network, patch_budget, prepare, random_changes
from jlabel.segmentation.picture_changes import may_be_mirrored, random_picture_changes
from jlabel.segmentation.picture_plan import make_picture_plan, picture_fingerprint, structure_edges
from jlabel.segmentation.plan import Fingerprint, Plan, fingerprint, make_plan
from jlabel.tasks.image_kinds import ImageKind
from jlabel.tasks.keys import Step
from jlabel.training import BasicTrainTask, Context
from jlabel.training.kept_plan import kept_plan, version_to_go_on_from

if TYPE_CHECKING:
    import torch

_MOST_LOOKED_AT = 20
_CONFIG = {
    "max_epochs": 50,
    "samples_per_epoch": 32,
    "train_batch_size": 2,
    "learning_rate": 3e-3,
    "early_stop_patience": 40,
    "val_interval": None,
    "dropout": None,
}
# Pictures are small: a step takes more of them, and an epoch more steps.
_PICTURES = {"max_epochs": 100, "samples_per_epoch": 64, "train_batch_size": 4, "learning_rate": 1e-3}
_KINDS: dict[int | None, tuple[ImageKind, ...]] = {
    None: ("volume", "picture", "colour picture"),
    2: ("picture", "colour picture"),
    3: ("volume",),
}


class SegmentationTrainTask(BasicTrainTask):
    """Trains a residual U-Net to segment volumes, or pictures: grey or in colours, classes or objects.

    Pictures are learnt where most of the labelled images are pictures, else volumes; images of the other kind are left
    out, and named. An app for both has two tasks, one of each ``dimension``.

    Spacing, patch size and depth of the network are chosen from the images and the memory of the device; pictures are
    seen as coarse as their structures allow. In training, volumes are rotated and scaled a little, and noise is added;
    they are never mirrored, since left and right may be two structures. Pictures are turned as far as a circle goes,
    mirrored, and changed in size, light and colour; where a label's name says left or right, they are not mirrored and
    turned a little only. The learning rate falls to 0 towards the last epoch, or towards the end of ``max_seconds``.

    The network for pictures is as that of the click tool, and begins with its weights.

    With ``instances`` the network learns to tell the objects of one label apart, in pictures: that label's value and
    all values above it that no other label has stand for an object each. Validation then measures the aggregated
    Jaccard index (``val_aji``), the panoptic quality (``val_pq``) and the F1 score of finding objects.

    ``dropout`` is the share of features that training drops between the first and the last stage, such as 0.2. The
    scoring methods ``bald`` and ``epistemic`` need it. It is kept with the version; a training that goes on from a
    version keeps that one's, and otherwise nothing is dropped.

    Args:
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`.
        dimension: 2 to learn from pictures alone, 3 from volumes alone; None for what most of the labelled images are.
        instances: The name of the label whose objects are told apart.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`, such as ``ignore``.

    Raises:
        TaskError: ``dimension`` is neither 2 nor 3.

    Examples:
        >>> task = jlabel.SegmentationTrainTask(config={"max_epochs": 30})
        >>> task.info()["config"]["max_epochs"]
        30
        >>> task.check({"learning_rate": 0.001, "max_seconds": 1800})
        >>> try:
        ...     task.check({"epochs": 5})
        ... except jlabel.TaskError as error:
        ...     print(str(error).partition(";")[0])
        unknown option 'epochs'
        >>> jlabel.SegmentationTrainTask(dimension=2, instances="nucleus").learns_from
        ('picture', 'colour picture')
    """

    learns_from: tuple[ImageKind, ...] = _KINDS[None]
    dimension: int | None = None
    #: Values of options for pictures, where neither the author nor the caller gives others.
    picture_options: Mapping[str, Any] = _PICTURES

    def __init__(
        self,
        description: str = "A U-Net that plans itself from the data",
        config: Mapping[str, Any] | None = None,
        dimension: int | None = None,
        instances: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description=description, config={**_CONFIG, **dict(config or {})}, **options)
        self._given_options = frozenset(config or {})
        self.instances = instances
        if dimension is not None:
            if dimension not in (2, 3):
                raise TaskError(f"a network is for pictures (dimension=2) or volumes (dimension=3), not {dimension!r}")
            self.dimension = dimension
            self.learns_from = _KINDS[dimension]

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train the network, and publish a version; see :meth:`jlabel.BasicTrainTask.__call__`."""
        usual = {name: value for name, value in self.picture_options.items() if name not in self._given_options}
        if usual and self._dimension_of(Path(datastore.get_image_uri(i)) for i in datastore.get_labeled_images()) == 2:
            request = {**usual, **request}
        return super().__call__(request, datastore)

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise an error for options that the task does not have, or whose values make no sense."""
        super().check(options)
        dropout = {**self.config, **options}.get("dropout")
        if dropout is not None and not (isinstance(dropout, int | float) and 0 <= dropout < 1):
            raise TaskError(f"dropout is a share from 0 to below 1, not {dropout!r}")

    def network(self, context: Context) -> torch.nn.Module:
        """The network of the plan."""
        from jlabel.segmentation.objects import outputs

        plan = self.plan(context)
        return self.begun(
            plan, make_network(plan, outputs(context.classes, plan.objects), plan.colours, plan.dimension)
        )

    def begun(self, plan: Plan, network: torch.nn.Module, guidance: Sequence[int] = ()) -> torch.nn.Module:
        """The network of a plan with the weights that it begins with.

        Args:
            plan: Says whether they are those of the click tool.
            network: Changed in place.
            guidance: Of its channels after the image's, which of the click tool's they are.
        """
        if plan.click_network:
            from jlabel.segmentation.click_network import begin_with_click_weights

            begin_with_click_weights(network, plan.colours, guidance)
        return network

    def network_config(self, context: Context) -> dict[str, Any]:
        """The plan, so that an infer task can build the same network."""
        return self.plan(context).to_json()

    def optimizer(self, context: Context) -> torch.optim.Optimizer:
        """AdamW."""
        import torch

        assert context.network is not None
        rate = float(context.request["learning_rate"])
        return torch.optim.AdamW(context.network.parameters(), lr=rate, weight_decay=1e-4)

    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """Dice and cross entropy."""
        from monai.losses import DiceCELoss

        loss: Callable[..., Any] = DiceCELoss(to_onehot_y=True, softmax=True, include_background=False, batch=True)
        objects = self.plan(context).objects
        if not objects:
            return loss
        from jlabel.segmentation.objects import ObjectLoss

        return ObjectLoss(loss, context.classes, objects)

    def train_pre_transforms(self, context: Context) -> Sequence[Step]:
        """Patches, one after the other about each structure and the background, in changing shape and brightness."""
        from monai.transforms import (
            ClassesToIndicesd,
            DeleteItemsd,
            RandCropByLabelClassesd,
            SpatialPadd,
        )

        plan, keys = self.plan(context), ("image", "label")
        return [
            *prepare(keys, plan),
            SpatialPadd(keys=keys, spatial_size=plan.window_size),
            # A few places of each class will do, and the indices of a whole background would take more room than it.
            ClassesToIndicesd(keys="label", num_classes=context.classes, max_samples_per_class=2000),
            RandCropByLabelClassesd(
                keys=keys,
                label_key="label",
                indices_key="label_cls_indices",
                spatial_size=plan.window_size,
                num_classes=context.classes,
                num_samples=1,
                warn=False,
            ),
            DeleteItemsd(keys="label_cls_indices"),
            *(random_changes(keys) if plan.dimension == 3 else random_picture_changes(keys, plan)),
        ]

    def val_pre_transforms(self, context: Context) -> Sequence[Step]:
        """The whole image in the plan's spacing."""
        return prepare(("image", "label"), self.plan(context))

    def train_post_transforms(self, context: Context) -> Sequence[Step]:
        """One channel for each class; where objects are told apart, one of classes and objects."""
        from monai.transforms import AsDiscreted

        objects = self.plan(context).objects
        if objects:
            from jlabel.segmentation.objects import SeparateObjects

            return [SeparateObjects(objects)]
        return [AsDiscreted(keys=("pred", "label"), argmax=(True, False), to_onehot=context.classes)]

    def val_inferer(self, context: Context) -> Callable[..., Any]:
        """A window of the patch's size that slides over a volume; of a picture larger ones."""
        from jlabel.segmentation.windows import window_inferer

        return window_inferer(self.plan(context), overlap=0.25)

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The mean Dice; of objects that are told apart, the aggregated Jaccard index."""
        return self._object_metrics(context, slice(0, 1)) or super().val_key_metric(context)

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """The Dice of each structure; of objects that are told apart, how well they are found."""
        return self._object_metrics(context, slice(1, None)) or super().val_additional_metrics(context)

    def _object_metrics(self, context: Context, which: slice) -> dict[str, Any]:
        if not self.plan(context).objects:
            return {}
        from jlabel.segmentation.object_metrics import object_metrics

        return dict(list(object_metrics(context.classes).items())[which])

    def train_handlers(self, context: Context) -> list[Any]:
        """The learning rate that falls."""
        from jlabel.training.handlers import PolynomialDecay

        rate, limit = float(context.request["learning_rate"]), context.request["max_seconds"]
        return [PolynomialDecay(context.optimizer, rate, None if limit is None else float(limit))]

    def plan(self, context: Context) -> Plan:
        """The plan of this run: that of the version it begins with, or one of its own; a resumed run keeps its plan.

        Raises:
            TaskError: The images are no volumes, or none can be read.
        """
        return kept_plan(context, Plan.from_json, lambda: self._new_plan(context))

    def _new_plan(self, context: Context) -> Plan:
        plan = self.inherited_plan(context) or self.make_plan(context)
        dropout = context.request.get("dropout")
        return plan if dropout is None else replace(plan, dropout=float(dropout))

    def make_plan(self, context: Context) -> Plan:
        """A plan for the images and the device.

        Raises:
            TaskError: The images are not for this network, or none can be read.
        """
        if self.axes(context) == 3:
            return make_plan(self.fingerprints(context, 3), self.patch_voxels(context))
        objects = self.object_class(context)
        ignore = self.ignore if isinstance(self.ignore, int) else None
        edges = structure_edges(context.train_datalist, ignore)
        mirrored = may_be_mirrored(list(context.labels))
        # Many small steps teach more than few large ones: 128 × 128 pixels on a CPU.
        pixels = self.patch_voxels(context) // 16
        return make_picture_plan(self.fingerprints(context, 2), edges, pixels, objects, mirrored)

    def axes(self, context: Context) -> int:
        """2 where the training learns from pictures, else 3."""
        return self._dimension_of(Path(item["image"]) for item in [*context.train_datalist, *context.val_datalist])

    def _dimension_of(self, files: Iterable[Path]) -> int:
        return self.dimension or usual_dimension(files)

    def object_class(self, context: Context) -> int:
        """The class whose objects are told apart; 0 where there is none.

        Raises:
            TaskError: Objects are asked for in volumes, or are those of a label that is not learnt.
        """
        if self.instances is None:
            return 0
        if self.axes(context) == 3:
            raise TaskError(f"the objects of {self.instances!r} can be told apart in pictures, not in volumes")
        if self.instances not in context.labels:
            known = ", ".join(context.labels)
            raise TaskError(f"{self.instances!r}, whose objects are to be told apart, is no label: there are {known}")
        return context.labels[self.instances]

    def fingerprint(self, image: Image) -> Fingerprint:
        """What the plan must know of an image.

        Raises:
            TaskError: The network is not for such images.
        """
        return picture_fingerprint(image) if image.ndim == 2 and self.dimension != 3 else fingerprint(image)

    def patch_voxels(self, context: Context) -> int:
        """How many voxels the network may see at once."""
        return patch_budget(context.device)

    def inherited_plan(self, context: Context) -> Plan | None:
        """The plan of the version that the training goes on from; None where it begins anew."""
        parent = version_to_go_on_from(context, self.model_store(context.datastore))
        if parent is None:
            return None
        plan = Plan.from_json(parent.network)
        return plan if self.goes_on(plan, context) else None

    def goes_on(self, plan: Plan, context: Context) -> bool:
        """Whether a version of that plan can learn on from these images, and answers what is asked."""
        if (plan.dimension, plan.objects) != (self.axes(context), self.object_class(context)):
            return False
        return self.knows_colours(plan, context) if plan.dimension == 2 else True

    def knows_colours(self, plan: Plan, context: Context) -> bool:
        """Whether a network for pictures sees the colours that the pictures have."""
        if plan.colours == 3 or all(found.colours == 1 for found in self.fingerprints(context)):
            return True
        context.run.note("the images have colours, and the version in use has learnt from grey ones alone")
        return False

    def fingerprints(self, context: Context, axes: int | None = None) -> list[Fingerprint]:
        """Of some of the images.

        Args:
            context: The training.
            axes: Of the images that are looked at; those with others are passed by. All of them if not given.

        Raises:
            TaskError: None can be used.
        """
        found, problem = [], "there are none"
        for item in [*context.train_datalist, *context.val_datalist][:_MOST_LOOKED_AT]:
            try:
                image = read_image(Path(item["image"]))
                if axes is None or image.ndim == axes:
                    found.append(self.fingerprint(image))
            except JlabelError as error:
                problem = str(error)
        if not found:
            raise TaskError(f"none of the images can be used; the last: {problem}")
        return found
