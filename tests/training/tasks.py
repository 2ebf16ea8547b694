"""Train tasks as an author writes them, small enough for a test."""

from __future__ import annotations

import torch
from monai.losses import DiceLoss
from monai.transforms import (
    Activationsd,
    AsDiscreted,
    Compose,
    EnsureChannelFirstd,
    LoadImaged,
    NormalizeIntensityd,
    RandFlipd,
    RandSpatialCropd,
)

from jlabel.training import BasicTrainTask


def small_network(channels: int = 2) -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv3d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv3d(8, channels, 3, padding=1)
    )


class BallTask(BasicTrainTask):
    """Finds the ball; one class over the background, or as many as there are labels."""

    def network(self, context):
        return small_network(context.classes)

    def optimizer(self, context):
        return torch.optim.Adam(context.network.parameters(), 0.02)

    def loss_function(self, context):
        return DiceLoss(to_onehot_y=True, softmax=True, include_background=False, batch=True)

    def train_pre_transforms(self, context):
        return [
            *self.val_pre_transforms(context),
            RandFlipd(keys=("image", "label"), prob=0.5, spatial_axis=0),
            RandSpatialCropd(keys=("image", "label"), roi_size=(12, 12, 12), random_size=False),
        ]

    def val_pre_transforms(self, context):
        return [
            LoadImaged(keys=("image", "label")),
            EnsureChannelFirstd(keys=("image", "label")),
            NormalizeIntensityd(keys="image"),
        ]

    def train_post_transforms(self, context):
        return Compose(
            [
                Activationsd(keys="pred", softmax=True),
                AsDiscreted(keys=("pred", "label"), argmax=(True, False), to_onehot=context.classes),
            ]
        )


class SigmoidTask(BallTask):
    """One output channel, as in the examples that authors know: a loss, transforms and no network of its own."""

    def network(self, context):
        return BasicTrainTask.network(self, context)

    def loss_function(self, context):
        return DiceLoss(sigmoid=True, squared_pred=True)

    def train_post_transforms(self, context):
        return Compose([Activationsd(keys="pred", sigmoid=True), AsDiscreted(keys="pred", threshold=0.5)])


class BadLossTask(BallTask):
    """Loses its mind in the second epoch."""

    def loss_function(self, context):
        loss = super().loss_function(context)
        return lambda pred, label: loss(pred, label) * (float("nan") if context.trainer.state.epoch > 1 else 1.0)
