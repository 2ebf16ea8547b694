"""A bundle with a step of your own after it."""

from typing import Any

import jlabel
from monai.transforms import KeepLargestConnectedComponentd


class Largest(jlabel.BundleInferTask):
    """Leaves the largest piece of each structure, for a bundle that also finds specks elsewhere."""

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        """The bundle's own steps, then one that works on its answer, ``pred``."""
        return [*super().post_transforms(data), KeepLargestConnectedComponentd(keys="pred")]
