"""A model that segments a picture, with what ``lib/trainers/my_training.py`` has learnt."""

from typing import Any

import jlabel
import torch
from lib.network import make_network, prepared
from monai.inferers import SimpleInferer
from monai.transforms import AsDiscreted


class MySegmentation(jlabel.InferTask):
    """Transforms before, an inferer, transforms after. The mask comes back to the picture's own size by itself."""

    def __init__(self, **options: Any) -> None:
        super().__init__(dimension=2, **options)

    def make_network(self, version: jlabel.ModelVersion) -> torch.nn.Module:
        """The network of a version that the training has published; its weights are loaded into it."""
        return make_network(classes=1 + max(version.labels.values()))

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        """``data["image"]`` is the path of the picture."""
        return prepared(("image",))

    def inferer(self, data: dict[str, Any]) -> Any:
        """The whole picture at once."""
        return SimpleInferer()

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        """The most likely class of each pixel; jlabel gives each class the value of its label."""
        return [AsDiscreted(keys="pred", argmax=True)]
