"""A model that segments a whole volume, with what ``lib/trainers/my_training.py`` has learnt."""

from typing import Any

import jlabel
import torch
from lib.network import PATCH, make_network, prepared
from monai.inferers import SlidingWindowInferer
from monai.transforms import AsDiscreted


class MySegmentation(jlabel.InferTask):
    """Transforms before, an inferer, transforms after. The mask comes back to the image's own grid by itself."""

    def make_network(self, version: jlabel.ModelVersion) -> torch.nn.Module:
        """The network of a version that the training has published; its weights are loaded into it."""
        return make_network(classes=1 + max(version.labels.values()))

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        """``data["image"]`` is the path of the image."""
        return prepared(("image",))

    def inferer(self, data: dict[str, Any]) -> Any:
        """A window that slides over the volume."""
        return SlidingWindowInferer(roi_size=PATCH, overlap=0.25, mode="gaussian")

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        """The most likely class of each voxel; jlabel gives each class the value of its label."""
        return [AsDiscreted(keys="pred", argmax=True)]
