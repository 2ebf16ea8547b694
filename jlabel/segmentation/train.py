"""The train task that ships: a 3D U-Net, planned from the data, with usual augmentation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.errors import JlabelError, TaskError
from jlabel.files.atomic import atomic_write
from jlabel.imaging import Image, read_image
from jlabel.segmentation.network import make_network, patch_budget, prepare, random_changes
from jlabel.segmentation.plan import Fingerprint, Plan, fingerprint, make_plan
from jlabel.tasks.image_kinds import ImageKind
from jlabel.tasks.keys import Step
from jlabel.training import BasicTrainTask, Context

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


class SegmentationTrainTask(BasicTrainTask):
    """Trains a residual 3D U-Net to segment volumes.

    Spacing, patch size and depth of the network are chosen from the images and the memory of the device. In training,
    images are rotated and scaled, and noise is added; they are never mirrored, since left and right may be two
    structures. The learning rate falls to 0 towards the last epoch, or towards the end of ``max_seconds``.

    ``dropout`` is the share of features that training drops between the first and the last stage, such as 0.2. The
    scoring methods ``bald`` and ``epistemic`` need it. It is kept with the version; a training that goes on from a
    version keeps that one's, and otherwise nothing is dropped.

    Args:
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`, such as ``ignore``.

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
    """

    learns_from: tuple[ImageKind, ...] = ("volume",)

    def __init__(
        self,
        description: str = "A 3D U-Net that plans itself from the data",
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description=description, config={**_CONFIG, **dict(config or {})}, **options)

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise an error for options that the task does not have, or whose values make no sense."""
        super().check(options)
        dropout = {**self.config, **options}.get("dropout")
        if dropout is not None and not (isinstance(dropout, int | float) and 0 <= dropout < 1):
            raise TaskError(f"dropout is a share from 0 to below 1, not {dropout!r}")

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
        return torch.optim.AdamW(context.network.parameters(), lr=rate, weight_decay=1e-4)

    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """Dice and cross entropy."""
        from monai.losses import DiceCELoss

        loss: Callable[..., Any] = DiceCELoss(to_onehot_y=True, softmax=True, include_background=False, batch=True)
        return loss

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
            SpatialPadd(keys=keys, spatial_size=plan.patch),
            # A few places of each class will do, and the indices of a whole background would take more room than it.
            ClassesToIndicesd(keys="label", num_classes=context.classes, max_samples_per_class=2000),
            RandCropByLabelClassesd(
                keys=keys,
                label_key="label",
                indices_key="label_cls_indices",
                spatial_size=plan.patch,
                num_classes=context.classes,
                num_samples=1,
                warn=False,
            ),
            DeleteItemsd(keys="label_cls_indices"),
            *random_changes(keys),
        ]

    def val_pre_transforms(self, context: Context) -> Sequence[Step]:
        """The whole image in the plan's spacing."""
        return prepare(("image", "label"), self.plan(context))

    def train_post_transforms(self, context: Context) -> Sequence[Step]:
        """One channel for each class."""
        from monai.transforms import AsDiscreted

        return [AsDiscreted(keys=("pred", "label"), argmax=(True, False), to_onehot=context.classes)]

    def val_inferer(self, context: Context) -> Callable[..., Any]:
        """A window of the patch's size that slides over the image."""
        from monai.inferers import SlidingWindowInferer

        inferer: Callable[..., Any] = SlidingWindowInferer(self.plan(context).patch, overlap=0.25, mode="gaussian")
        return inferer

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
        file = context.output_dir / "plan.json"
        if file.is_file():
            return Plan.from_json(json.loads(file.read_text(encoding="utf-8")))
        plan = self.inherited_plan(context) or self.make_plan(context)
        dropout = context.request.get("dropout")
        plan = plan if dropout is None else replace(plan, dropout=float(dropout))
        content = json.dumps(plan.to_json()).encode()
        atomic_write(file, lambda out: out.write(content))
        return plan

    def make_plan(self, context: Context) -> Plan:
        """A plan for the images and the device.

        Raises:
            TaskError: The images are not for this network, or none can be read.
        """
        return make_plan(self.fingerprints(context), self.patch_voxels(context))

    def fingerprint(self, image: Image) -> Fingerprint:
        """What the plan must know of an image.

        Raises:
            TaskError: The network is not for such images.
        """
        return fingerprint(image)

    def patch_voxels(self, context: Context) -> int:
        """How many voxels the network may see at once."""
        return patch_budget(context.device)

    def inherited_plan(self, context: Context) -> Plan | None:
        """The plan of the version that the training goes on from; None where it begins anew."""
        store = self.model_store(context.datastore)
        if store is None or not context.request["pretrained"]:
            return None
        parent = store.in_use(context.name)
        if parent is None or dict(parent.labels) != dict(context.labels):
            return None
        return Plan.from_json(parent.network)

    def fingerprints(self, context: Context) -> list[Fingerprint]:
        """Of some of the images.

        Raises:
            TaskError: None can be used.
        """
        found, problem = [], "there are none"
        for item in [*context.train_datalist, *context.val_datalist][:_MOST_LOOKED_AT]:
            try:
                found.append(self.fingerprint(read_image(Path(item["image"]))))
            except JlabelError as error:
                problem = str(error)
        if not found:
            raise TaskError(f"none of the images can be used; the last: {problem}")
        return found
