"""A bundle's loader takes the image that is in memory."""

from __future__ import annotations

import numpy as np
from monai.transforms import EnsureChannelFirstd, LoadImaged

from jlabel.bundles.channels import ChannelsInMemory
from jlabel.bundles.loading import from_memory
from jlabel.imaging import Image


def image(value: float) -> Image:
    return Image(np.full((3, 4, 2), value, np.float32), np.eye(4))


def test_from_the_reader_that_is_given() -> None:
    given = LoadImaged("image", reader="NumpyReader", image_only=True)
    taking = from_memory(given, ChannelsInMemory([image(1), image(2)]))
    data = EnsureChannelFirstd("image")(taking({"image": "nowhere.nii.gz"}))
    assert data["image"].shape == (2, 3, 4, 2)
    assert data["image"][1].unique().tolist() == [2]
    assert given._loader is not taking._loader


def test_other_steps_are_left_alone() -> None:
    step = EnsureChannelFirstd("image")
    assert from_memory(step, None) is step
