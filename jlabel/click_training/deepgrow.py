"""The train tasks of DeepGrow: one structure at a time, from clicks into the network's own errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jlabel.click_training.extents import plan_for_structures, structure_extents
from jlabel.click_training.options import interactions
from jlabel.click_training.planes import slice_axes, slice_size
from jlabel.imaging import Image
from jlabel.interactive.network_input import SIGMA
from jlabel.segmentation.network import make_network, prepare, random_changes
from jlabel.segmentation.plan import Fingerprint, Plan
from jlabel.segmentation.train import SegmentationTrainTask
from jlabel.tasks.infer import Step
from jlabel.training import Context

if TYPE_CHECKING:
    import torch

_CONFIG = {"interactions": 3}
_CHANNELS = {1: 1, 0: 2}  # positive clicks, and negative ones
_THICK = 100.0


class DeepGrow3DTrainTask(SegmentationTrainTask):
    """Learns to grow whatever structure was clicked in a volume; publishes for :class:`jlabel.DeepGrow3D`.

    Each patch has one of the structures for foreground and a first click in it; then the network answers and gets a
    click into its largest error, from none to ``interactions`` times, and learns from the last answer. It is judged by
    the Dice after the first click and ``interactions`` more, about each structure of the images that are kept for that.
    Spacing, patch and depth are planned as for ``segmentation``.
    """

    dimension = 3

    def __init__(
        self,
        description: str = "Grows the clicked structure in a volume, learnt from simulated clicks",
        config: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(description=description, config={**_CONFIG, **dict(config or {})}, **options)

    def network(self, context: Context) -> torch.nn.Module:
        """The network of the plan: the image and two channels of clicks go in, one logit comes out."""
        return make_network(self.plan(context), 1, 1 + len(_CHANNELS), self.dimension)

    def make_plan(self, context: Context) -> Plan:
        """A plan whose patch holds the structures, since the answer to a click ends where the patch does."""
        ignore = self.ignore if isinstance(self.ignore, int) else None
        extents = structure_extents(context.train_datalist, self.dimension, ignore)
        return plan_for_structures(self.fingerprints(context), extents, self.patch_voxels(context))

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

        from jlabel.click_training.simulated import FirstClick
        from jlabel.click_training.structures import CropToStructure

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
        from jlabel.click_training.simulated import FirstClick
        from jlabel.click_training.structures import EachStructure

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
        from jlabel.click_training.simulated import ClickOnError, Clicks

        return Clicks([ClickOnError(**self._clicks(context, random=True))], 0, train=True)

    def val_iteration_update(self, context: Context) -> Callable[..., Any]:
        """Clicks in the middle of the largest error."""
        from jlabel.click_training.simulated import ClickOnError, Clicks

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
        spacing = self.plan(context).spacing[: self.dimension]
        return {"channels": _CHANNELS, "sigma": SIGMA, "spacing": spacing, "random": random}


class DeepGrow2DTrainTask(DeepGrow3DTrainTask):
    """:class:`DeepGrow3DTrainTask` in pictures, and in the slices of volumes.

    Of a volume whose voxels are near isotropic (no side longer than twice another) slices across all three axes are
    learnt, since a person may click in each of the views; of another those across its thick axis. Colours are averaged.
    Publishes for :class:`jlabel.DeepGrow2D`.
    """

    dimension = 2

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
        return Fingerprint((rows, columns, 1), (pixel, pixel, _THICK * pixel), low, high)

    def patch_voxels(self, context: Context) -> int:
        """A quarter of what a volume's patch may have: 256 × 256 on a CPU."""
        return super().patch_voxels(context) // 4

    def prepared(self, context: Context) -> list[Step]:
        """The whole picture or volume and its label; in a volume each slice that is learnt is resampled."""
        from monai.transforms import EnsureChannelFirstd, LoadImaged

        from jlabel.click_training.slices import SpaceSlices
        from jlabel.interactive.input_steps import AverageColours
        from jlabel.segmentation.network import intensities

        plan, keys = self.plan(context), ("image", "label")
        loaded = [LoadImaged(keys=keys), EnsureChannelFirstd(keys=keys), AverageColours()]
        return [*loaded, SpaceSlices(keys, plan.spacing[0]), *intensities(plan)]
