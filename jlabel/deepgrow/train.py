"""The train tasks of DeepGrow: one structure at a time, from clicks into the network's own errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jlabel.deepgrow.extents import plan_for_structures, structure_extents
from jlabel.guidance.interaction_options import interactions
from jlabel.guidance.network_input import SIGMA
from jlabel.guidance.planes import slice_axes, slice_size
from jlabel.imaging import Image
from jlabel.segmentation.network import make_network, prepare, random_changes
from jlabel.segmentation.plan import Fingerprint, Plan
from jlabel.segmentation.train import SegmentationTrainTask
from jlabel.tasks.image_kinds import EVERY_KIND, ImageKind
from jlabel.tasks.keys import Step
from jlabel.training import Context

if TYPE_CHECKING:
    import torch

_CONFIG = {"interactions": 3}
_GUIDANCE = 2  # channels: positive clicks, and negative ones
_THICK = 100.0


class DeepGrow3DTrainTask(SegmentationTrainTask):
    """Trains a network to segment any clicked structure in a volume, for DeepGrow3D.

    In each patch, one of the structures is the foreground, and the first click lies in it. The network answers and gets
    a click at its largest error, 0 to ``interactions`` times, and learns from its last answer. Validation measures the
    Dice after the first click and ``interactions`` more, for each structure of the validation images. Spacing, patch
    size and depth are chosen as in :class:`jlabel.SegmentationTrainTask`.

    Source: Sakinis et al. 2019 (arXiv:1903.08205).

    Args:
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`, and ``interactions``.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`, such as ``ignore``.

    Examples:
        >>> task = jlabel.DeepGrow3DTrainTask(config={"interactions": 5, "max_epochs": 30})
        >>> task.dimension, task.info()["config"]["interactions"]
        (3, 5)
        >>> task.check({"max_seconds": 1800})
    """

    dimension: int = 3
    learns_from: tuple[ImageKind, ...] = ("volume",)
    picture_options: Mapping[str, Any] = {}

    def __init__(
        self,
        description: str = "Grows the clicked structure in a volume, learnt from simulated clicks",
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description=description, config={**_CONFIG, **dict(config or {})}, **options)

    def network(self, context: Context) -> torch.nn.Module:
        """The network of the plan: the image and two channels of clicks go in, one logit comes out."""
        plan = self.plan(context)
        return make_network(plan, 1, plan.colours + _GUIDANCE, self.dimension)

    def make_plan(self, context: Context) -> Plan:
        """A plan whose patch holds the structures, since the answer to a click ends where the patch does."""
        ignore = self.ignore if isinstance(self.ignore, int) else None
        extents = structure_extents(context.train_datalist, self.dimension, ignore)
        plan = plan_for_structures(self.fingerprints(context), extents, self.patch_voxels(context))
        return replace(plan, dimension=self.dimension)

    def goes_on(self, plan: Plan, context: Context) -> bool:
        """With any version that knows the labels: clicks say what is meant."""
        return True

    def network_config(self, context: Context) -> dict[str, Any]:
        """The plan, and how clicks are drawn."""
        return {**super().network_config(context), "sigma": SIGMA}

    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """Dice and cross entropy of the foreground."""
        from monai.losses import DiceCELoss

        loss: Callable[..., Any] = DiceCELoss(sigmoid=True, batch=True)
        return loss

    def prepared(self, context: Context) -> list[Step]:
        """The whole image and its label, at least as large as the patch, in the plan's spacing and intensities."""
        from monai.transforms import SpatialPadd

        plan, keys = self.plan(context), ("image", "label")
        return [*prepare(keys, plan), SpatialPadd(keys=keys, spatial_size=plan.patch)]

    def train_pre_transforms(self, context: Context) -> Sequence[Step]:
        """Patches about one structure each, turned, mirrored and changed in intensity, with the first click."""
        from monai.transforms import ClassesToIndicesd, RandFlipd

        from jlabel.guidance.simulated_clicks import FirstClick
        from jlabel.guidance.structures import CropToStructure

        keys = ("image", "label")
        return [
            *self.prepared(context),
            ClassesToIndicesd(keys="label", num_classes=context.classes, max_samples_per_class=2000),
            CropToStructure(self.plan(context).patch[: self.dimension]),
            # The click says which structure is meant: left and right need not be told apart.
            *[RandFlipd(keys=keys, prob=0.5, spatial_axis=axis) for axis in range(self.dimension)],
            *random_changes(keys),
            FirstClick(interactions(context), **self._clicks(context, random=True)),
        ]

    def val_pre_transforms(self, context: Context) -> Sequence[Step]:
        """A patch about each structure, with the first click in its middle."""
        from jlabel.guidance.simulated_clicks import FirstClick
        from jlabel.guidance.structures import EachStructure

        options, following = self._clicks(context, random=False), interactions(context)
        patch = self.plan(context).patch[: self.dimension]
        return [
            *self.prepared(context),
            EachStructure(patch, context.classes, options["spacing"], [following]),
            FirstClick(following, **options),
        ]

    def train_post_transforms(self, context: Context) -> Sequence[Step]:
        """The foreground."""
        from monai.transforms import AsDiscreted

        return [AsDiscreted(keys="pred", threshold=0.0)]

    def train_iteration_update(self, context: Context) -> Callable[..., Any]:
        """Clicks at random places in the largest error; by MONAI's ``Interaction``."""
        from jlabel.guidance.simulated_clicks import ClickOnError, Clicks

        return Clicks([ClickOnError(**self._clicks(context, random=True))], 0, train=True)

    def val_iteration_update(self, context: Context) -> Callable[..., Any]:
        """Clicks in the middle of the largest error."""
        from jlabel.guidance.simulated_clicks import ClickOnError, Clicks

        return Clicks([ClickOnError(**self._clicks(context, random=False))], 0, train=False)

    def val_inferer(self, context: Context) -> Callable[..., Any]:
        """Patch by patch."""
        from monai.inferers import SlidingWindowInferer

        inferer: Callable[..., Any] = SlidingWindowInferer(self.plan(context).patch[: self.dimension])
        return inferer

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The mean Dice after the last click."""
        from monai.handlers import MeanDice, from_engine

        return {"val_mean_dice": MeanDice(output_transform=from_engine(["pred", "label"]))}

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """None: a patch does not say which structure it is about."""
        return {}

    def _clicks(self, context: Context, random: bool) -> dict[str, Any]:
        plan = self.plan(context)
        # The image's channels come first, then positive clicks and negative ones.
        channels = {1: plan.colours, 0: plan.colours + 1}
        return {"channels": channels, "sigma": SIGMA, "spacing": plan.spacing[: self.dimension], "random": random}


class DeepGrow2DTrainTask(DeepGrow3DTrainTask):
    """Trains a network to segment any clicked structure in pictures and slices, for DeepGrow2D.

    It trains as :class:`DeepGrow3DTrainTask` does. If the voxels of a volume are nearly isotropic (no side longer than
    twice another), slices across all three axes are used, since users may click in each of the views; otherwise the
    slices across the axis with the largest spacing. If there are pictures in colours, the network sees the three
    colours, and grey pictures as three equal ones.

    Source: Sakinis et al. 2019 (arXiv:1903.08205).

    Args:
        description: Shown to users.
        config: Options of the task and their values; see :class:`jlabel.BasicTrainTask`, and ``interactions``.
        **options: Further arguments of :class:`jlabel.BasicTrainTask`, such as ``ignore``.

    Examples:
        >>> task = jlabel.DeepGrow2DTrainTask(config={"interactions": 5, "max_epochs": 30})
        >>> task.dimension, task.info()["config"]["interactions"]
        (2, 5)
        >>> task.check({"max_seconds": 1800})
    """

    dimension: int = 2
    learns_from: tuple[ImageKind, ...] = EVERY_KIND

    def __init__(
        self,
        description: str = "Grows the clicked structure in a picture or slice, learnt from simulated clicks",
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description=description, config=config, **options)

    def fingerprint(self, image: Image) -> Fingerprint:
        """Of a slice or picture, as a volume of one slice so thick that no plan coarsens it."""
        flat = image.ndim == 2
        across = () if flat else slice_axes(image.spacing)
        sides = [step for axis, step in enumerate(image.spacing) if flat or len(across) == 3 or axis not in across]
        pixel = math.prod(sides) ** (1 / len(sides))
        low, high = float("nan"), 0.0
        if image.ndim == 3 and image.channels == "scalar":
            whole = super().fingerprint(image)
            low, high = whole.low, whole.high
        size = slice_size([n * step for n, step in zip(image.shape, image.spacing, strict=True)], image.spacing)
        rows, columns = (math.ceil(side / pixel) for side in size)
        colours = 3 if image.channels == "rgb" else 1
        return Fingerprint((rows, columns, 1), (pixel, pixel, _THICK * pixel), low, high, colours)

    def goes_on(self, plan: Plan, context: Context) -> bool:
        """Not with a version that knows grey alone where the images have colours."""
        return self.knows_colours(plan, context)

    def patch_voxels(self, context: Context) -> int:
        """A quarter of what a volume's patch may have: 256 × 256 on a CPU."""
        return super().patch_voxels(context) // 4

    def prepared(self, context: Context) -> list[Step]:
        """The whole picture or volume and its label; in a volume each slice that is learnt is resampled."""
        from monai.transforms import EnsureChannelFirstd, LoadImaged

        from jlabel.deepgrow.resampling import SpaceSlices
        from jlabel.segmentation.network import intensities
        from jlabel.segmentation.picture_steps import Colours

        plan, keys = self.plan(context), ("image", "label")
        loaded = [LoadImaged(keys=keys), EnsureChannelFirstd(keys=keys), Colours(plan.colours)]
        return [*loaded, SpaceSlices(keys, plan.spacing[0]), *intensities(plan)]
