"""A training on the labels that are saved. jlabel splits the images, runs it as a job, and publishes what it learns."""

from typing import Any

import jlabel
import torch
from lib.network import PATCH, make_network, prepared
from monai.inferers import SlidingWindowInferer
from monai.losses import DiceCELoss
from monai.transforms import AsDiscreted, RandCropByPosNegLabeld, RandFlipd, RandShiftIntensityd, SpatialPadd

BOTH = ("image", "label")


class MyTraining(jlabel.BasicTrainTask):
    """``manager.train("my_segmentation", max_epochs=100)`` begins it."""

    learns_from = ("volume",)

    def network(self, context: jlabel.Context) -> torch.nn.Module:
        """``context.classes`` counts the labels and the background."""
        return make_network(context.classes)

    def optimizer(self, context: jlabel.Context) -> torch.optim.Optimizer:
        """``context.network`` is the network, on its device."""
        return torch.optim.AdamW(context.network.parameters(), lr=1e-3)

    def loss_function(self, context: jlabel.Context) -> torch.nn.Module:
        """The label comes as classes: 0 is the background."""
        return DiceCELoss(to_onehot_y=True, softmax=True)

    def val_pre_transforms(self, context: jlabel.Context) -> list[Any]:
        """Whole images, for the score of each epoch."""
        return prepared(BOTH)

    def train_pre_transforms(self, context: jlabel.Context) -> list[Any]:
        """Patches about the structures and about the background, in changing brightness."""
        return [
            *prepared(BOTH),
            SpatialPadd(keys=BOTH, spatial_size=PATCH),
            RandCropByPosNegLabeld(keys=BOTH, label_key="label", spatial_size=PATCH, num_samples=2),
            RandFlipd(keys=BOTH, prob=0.5, spatial_axis=2),
            RandShiftIntensityd(keys="image", offsets=0.1, prob=0.5),
        ]

    def train_post_transforms(self, context: jlabel.Context) -> Any:
        """What the score is computed from."""
        return AsDiscreted(keys=("pred", "label"), argmax=(True, False), to_onehot=context.classes)

    def val_inferer(self, context: jlabel.Context) -> Any:
        """As in ``lib/infers/my_segmentation.py``."""
        return SlidingWindowInferer(roi_size=PATCH, sw_batch_size=2)
