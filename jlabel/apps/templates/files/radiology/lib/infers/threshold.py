"""A model without a network: everything from an intensity on."""

from typing import Any

import jlabel
from monai.transforms import EnsureChannelFirstd, LoadImaged


class Threshold(jlabel.InferTask):
    """``manager.infer("threshold", image_id, at=250)`` gives another threshold than that of ``config``."""

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        """The image as it is."""
        return [LoadImaged(keys="image"), EnsureChannelFirstd(keys="image")]

    def inferer(self, data: dict[str, Any]) -> list[Any]:
        """A task without a network gives transforms in place of an inferer."""
        return [lambda data: {**data, "pred": data["image"] >= data["at"]}]

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        """Nothing is left to do."""
        return []
