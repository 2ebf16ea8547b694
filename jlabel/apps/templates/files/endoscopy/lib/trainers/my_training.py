"""A training on the labels that are saved. jlabel splits the pictures, runs it as a job, and publishes the model."""

from typing import Any

import jlabel
import torch
from lib.network import make_network, prepared
from monai.inferers import SimpleInferer
from monai.losses import DiceCELoss
from monai.transforms import AsDiscreted, RandAdjustContrastd, RandAffined, RandFlipd

BOTH = ("image", "label")


class MyTraining(jlabel.BasicTrainTask):
    """``manager.train("my_segmentation", max_epochs=100)`` begins it."""

    learns_from = ("colour picture",)

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
        """Pictures as they are, for the score of each epoch."""
        return prepared(BOTH)

    def train_pre_transforms(self, context: jlabel.Context) -> list[Any]:
        """Pictures that are turned, mirrored and changed in contrast."""
        return [
            *prepared(BOTH),
            RandFlipd(keys=BOTH, prob=0.5, spatial_axis=0),
            RandAffined(keys=BOTH, prob=0.8, rotate_range=3.1, scale_range=0.2, mode=("bilinear", "nearest")),
            RandAdjustContrastd(keys="image", prob=0.3, gamma=(0.7, 1.5)),
        ]

    def train_post_transforms(self, context: jlabel.Context) -> Any:
        """What the score is computed from."""
        return AsDiscreted(keys=("pred", "label"), argmax=(True, False), to_onehot=context.classes)

    def val_inferer(self, context: jlabel.Context) -> Any:
        """As in ``lib/infers/my_segmentation.py``."""
        return SimpleInferer()
