"""The train task of NuClick: a click on an object, and clicks on those beside it that are not meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jlabel.guidance.network_input import SIGMA
from jlabel.segmentation.network import make_network, prepare
from jlabel.segmentation.picture_changes import random_picture_changes
from jlabel.segmentation.picture_plan import make_picture_plan, structure_edges
from jlabel.segmentation.plan import Plan
from jlabel.segmentation.train import SegmentationTrainTask
from jlabel.tasks.keys import Step
from jlabel.training import Context

if TYPE_CHECKING:
    import torch

_CONFIG = {"max_epochs": 60, "samples_per_epoch": 128, "train_batch_size": 8, "learning_rate": 1e-3}
_PATCH = 128 * 128
_GUIDANCE = 2  # channels: the click on the object, and those on others


class NuClickTrainTask(SegmentationTrainTask):
    """Trains a network to find the nucleus, or another small object, at each click in a picture, for NuClick.

    It learns from labels in which each object has a value of its own, see :class:`jlabel.SegmentationTrainTask`. Each
    patch is about one object with a click somewhere in it; other objects in the patch have clicks in a map of their
    own, that of exclusion, all of them, some or none. Validation measures the mean Dice of objects with a click in
    their middle.

    Source: Alemi Koohbanani et al. 2020, "NuClick: a deep learning framework for interactive segmentation of
    microscopic images" (Medical Image Analysis 65, arXiv:2005.14511).

    Args:
        instances: The name of the label whose objects are learnt.
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`, such as ``ignore``.

    Examples:
        >>> task = jlabel.NuClickTrainTask("nucleus", config={"max_epochs": 30})
        >>> task.instances, task.learns_from
        ('nucleus', ('picture', 'colour picture'))
    """

    picture_options: Mapping[str, Any] = {}

    def __init__(
        self,
        instances: str,
        description: str = "Finds the nucleus at each click, learnt from labels with a value for each",
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description, {**_CONFIG, **dict(config or {})}, 2, instances, **options)

    def network(self, context: Context) -> torch.nn.Module:
        """The network of the plan: the picture and two channels of clicks go in, one logit comes out."""
        plan = self.plan(context)
        from jlabel.segmentation.click_network import NEGATIVE, POSITIVE

        network = make_network(plan, 1, plan.colours + _GUIDANCE, 2)
        return self.begun(plan, network, (POSITIVE, NEGATIVE))

    def network_config(self, context: Context) -> dict[str, Any]:
        """The plan, and how clicks are drawn."""
        return {**super().network_config(context), "sigma": SIGMA}

    def make_plan(self, context: Context) -> Plan:
        """A plan with patches of 128 × 128 pixels, coarse enough for large objects and fine enough for small ones."""
        self.object_class(context)
        edges = structure_edges(context.train_datalist, None)
        plan = make_picture_plan(self.fingerprints(context, 2), edges, _PATCH, 0, True)
        # One object is the answer; the classes of the label are not told apart.
        return replace(plan, objects=0)

    def goes_on(self, plan: Plan, context: Context) -> bool:
        """With any version that knows the colours that there are."""
        return self.knows_colours(plan, context)

    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """Dice and cross entropy of the object."""
        from monai.losses import DiceCELoss

        loss: Callable[..., Any] = DiceCELoss(sigmoid=True, batch=True)
        return loss

    def train_pre_transforms(self, context: Context) -> Sequence[Step]:
        """Patches about one object each, turned, mirrored and changed in light and colour, with clicks."""
        from jlabel.nuclick.object_clicks import ClickObject, CropToObject

        plan, first = self.plan(context), context.classes
        return [
            *self._prepared(plan),
            CropToObject(plan.window_size, first),
            *random_picture_changes(("image", "label"), plan),
            ClickObject(first, SIGMA, random=True),
        ]

    def val_pre_transforms(self, context: Context) -> Sequence[Step]:
        """A patch about each object, with a click in the middle of each."""
        from jlabel.nuclick.object_clicks import ClickObject, EachObject

        plan, first = self.plan(context), context.classes
        return [*self._prepared(plan), EachObject(plan.window_size, first), ClickObject(first, SIGMA, random=False)]

    def train_post_transforms(self, context: Context) -> Sequence[Step]:
        """The object."""
        from monai.transforms import AsDiscreted

        return [AsDiscreted(keys="pred", threshold=0.0)]

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The mean Dice of an object after its click."""
        from monai.handlers import MeanDice, from_engine

        return {"val_mean_dice": MeanDice(output_transform=from_engine(["pred", "label"]))}

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """None: a patch is about one object."""
        return {}

    def _prepared(self, plan: Plan) -> list[Step]:
        from monai.transforms import CastToTyped, SpatialPadd

        keys = ("image", "label")
        # The steps of a plan that tells objects apart keep their numbers, which may be large.
        steps = prepare(keys, replace(plan, objects=1))
        return [*steps, SpatialPadd(keys=keys, spatial_size=plan.window_size), CastToTyped(keys="label", dtype="int32")]
