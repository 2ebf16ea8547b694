"""Random changes of pictures in training: how they lie, how large they are, and their light and colours."""

from __future__ import annotations

import math

from jlabel.segmentation.plan import Plan
from jlabel.tasks.keys import Step

# A picture that must not be mirrored is turned by so much at most.
_SLANTED = math.radians(15)


def random_picture_changes(keys: tuple[str, str], plan: Plan) -> list[Step]:
    """MONAI transforms that turn, mirror and scale a picture and its label, and change the light and the colours.

    Args:
        keys: The picture and the label.
        plan: Says whether they may be mirrored; then they may be turned as far as they like, too.
    """
    from monai.transforms import (
        RandAdjustContrastd,
        RandAffined,
        RandFlipd,
        RandGaussianNoised,
        RandGaussianSmoothd,
        RandScaleIntensityd,
        RandShiftIntensityd,
    )

    picture = keys[0]
    turned = math.pi if plan.mirrored else _SLANTED
    flips = [RandFlipd(keys=keys, prob=0.5, spatial_axis=axis) for axis in range(2)] if plan.mirrored else []
    channel_wise = plan.colours > 1
    return [
        *flips,
        RandAffined(
            keys=keys,
            prob=0.9,
            rotate_range=turned,
            scale_range=(-0.3, 0.4),
            shear_range=0.1,
            translate_range=tuple(0.1 * size for size in plan.window_size),
            mode=("bilinear", "nearest"),
            padding_mode="reflection",
        ),
        RandScaleIntensityd(keys=picture, factors=0.3, prob=0.5),
        RandShiftIntensityd(keys=picture, offsets=0.3, prob=0.5),
        # The hue: each colour for itself.
        RandScaleIntensityd(keys=picture, factors=0.15, prob=0.5, channel_wise=channel_wise),
        RandShiftIntensityd(keys=picture, offsets=0.15, prob=0.5, channel_wise=channel_wise),
        RandAdjustContrastd(keys=picture, prob=0.2, gamma=(0.7, 1.5)),
        RandGaussianSmoothd(keys=picture, prob=0.2, sigma_x=(0.3, 1.0), sigma_y=(0.3, 1.0)),
        RandGaussianNoised(keys=picture, prob=0.2, std=0.1),
    ]


def may_be_mirrored(names: list[str]) -> bool:
    """Whether the mirror image of a picture can have the same labels: not where one is called left or right.

    Args:
        names: Of the labels.
    """
    words = {word for name in names for word in name.lower().replace("_", " ").replace("-", " ").split()}
    return not words & {"left", "right", "l", "r"}
