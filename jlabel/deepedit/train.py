"""The train task of DeepEdit: one network that answers by itself and that clicks correct."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jlabel.guidance.interaction_options import automatic_share, interactions
from jlabel.guidance.network_input import SIGMA
from jlabel.segmentation.network import make_network, prepare
from jlabel.segmentation.train import SegmentationTrainTask
from jlabel.tasks.keys import Step
from jlabel.training import Context

if TYPE_CHECKING:
    import torch

_CONFIG = {"interactions": 3, "automatic_share": 0.5}


class DeepEditTrainTask(SegmentationTrainTask):
    """Trains a network to segment volumes or pictures with and without clicks, for DeepEdit.

    Which of them, and what is made of them, is found as by :class:`jlabel.SegmentationTrainTask`.

    A share of the patches (``automatic_share``) has no clicks. The others get up to ``interactions`` clicks, each at an
    error of the previous answer, in the guidance channel of the class that is right there; half of them begin with a
    click into a structure. Validation measures the mean Dice of the answer without clicks and of the answer after
    ``interactions`` clicks, for each structure of the validation images.

    Source: Diaz-Pinto et al. 2022 (arXiv:2203.10655).

    Args:
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`, and ``interactions`` and
            ``automatic_share``.
        dimension: 2 to learn from pictures alone, 3 from volumes alone; None for what most of the labelled images are.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`, such as ``ignore``.

    Examples:
        >>> task = jlabel.DeepEditTrainTask(config={"interactions": 5})
        >>> options = task.info()["config"]
        >>> options["interactions"], options["automatic_share"]
        (5, 0.5)
        >>> task.check({"max_epochs": 30, "automatic_share": 0.25})
    """

    def __init__(
        self,
        description: str = "A network that segments by itself and learns to be corrected by clicks",
        config: Mapping[str, Any] | None = None,
        dimension: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description, {**_CONFIG, **dict(config or {})}, dimension, **options)

    def network(self, context: Context) -> torch.nn.Module:
        """The network of the plan: image and a guidance channel for each class go in, a logit for each comes out."""
        plan = self.plan(context)
        network = make_network(plan, context.classes, plan.colours + context.classes, plan.dimension)
        return self.begun(plan, network)

    def network_config(self, context: Context) -> dict[str, Any]:
        """The plan, and how clicks are drawn."""
        return {**super().network_config(context), "sigma": SIGMA}

    def train_pre_transforms(self, context: Context) -> Sequence[Step]:
        """As for segmentation, then no click or the first."""
        from jlabel.guidance.simulated_clicks import ClickOrNone

        options = self._clicks(context, random=True)
        begin = ClickOrNone(interactions(context), automatic_share(context), **options)
        return [*super().train_pre_transforms(context), begin]

    def val_pre_transforms(self, context: Context) -> Sequence[Step]:
        """A patch about each structure, twice: without clicks, and for clicks."""
        from monai.transforms import SpatialPadd

        from jlabel.guidance.input_steps import EmptyGuidance
        from jlabel.guidance.structures import EachStructure

        plan, keys = self.plan(context), ("image", "label")
        return [
            *prepare(keys, plan),
            SpatialPadd(keys=keys, spatial_size=plan.window_size),
            EachStructure(
                plan.window_size,
                context.classes,
                plan.spacing[: plan.dimension],
                [0, interactions(context)],
                one=False,
            ),
            EmptyGuidance(context.classes),
        ]

    def train_iteration_update(self, context: Context) -> Callable[..., Any]:
        """Clicks at random places in errors of classes drawn at random, by MONAI's ``Interaction``."""
        from jlabel.guidance.simulated_clicks import ClickOnError, Clicks

        return Clicks([ClickOnError(any_class=True, **self._clicks(context, random=True))], 0, train=True)

    def val_iteration_update(self, context: Context) -> Callable[..., Any]:
        """Clicks in the middle of the largest error."""
        from jlabel.guidance.simulated_clicks import ClickOnError, Clicks

        return Clicks([ClickOnError(**self._clicks(context, random=False))], 0, train=False)

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """The mean Dice of the automatic answer and of the one after the clicks, and that of each structure."""
        from monai.handlers import MeanDice, from_engine

        def of_items(first: int) -> Callable[[Any], Any]:
            both = from_engine(["pred", "label"])
            return lambda output: both(output[first::2])

        ways = {"val_dice_automatic": of_items(0), "val_dice_clicked": of_items(1)}
        means = {name: MeanDice(include_background=False, output_transform=items) for name, items in ways.items()}
        return {**super().val_additional_metrics(context), **means}

    def _clicks(self, context: Context, random: bool) -> dict[str, Any]:
        plan = self.plan(context)
        # The image's channels come first, then one for each class.
        channels = {index: plan.colours + index for index in range(context.classes)}
        spacing = plan.spacing[: plan.dimension]
        return {"channels": channels, "sigma": SIGMA, "spacing": spacing, "random": random}
