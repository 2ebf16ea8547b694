"""A model without a network: bright objects, told apart where they touch."""

from typing import Any

import jlabel
import numpy as np
from monai.transforms import EnsureChannelFirstd, LoadImaged
from scipy import ndimage
from skimage.feature import peak_local_max
from skimage.filters import gaussian, threshold_otsu
from skimage.segmentation import watershed

FIRST = 2  # the number of the first object: 0 is the background, and 1 the class of the objects


class BrightObjects(jlabel.InferTask):
    """For fluorescence, where nuclei are bright: a first mask before anything is trained."""

    def object_class(self, version: jlabel.ModelVersion | None) -> int:
        """The class whose objects are told apart."""
        return 1

    def pre_transforms(self, data: dict[str, Any]) -> list[Any]:
        """The picture as it is, ``(channel, i, j)``."""
        return [LoadImaged(keys="image"), EnsureChannelFirstd(keys="image")]

    def inferer(self, data: dict[str, Any]) -> list[Any]:
        """A task without a network gives transforms in place of an inferer."""
        return [find_objects]

    def post_transforms(self, data: dict[str, Any]) -> list[Any]:
        """Nothing is left to do."""
        return []


def find_objects(data: dict[str, Any]) -> dict[str, Any]:
    """What is brighter than Otsu's threshold, cut by a watershed from the middles of the objects."""
    grey = gaussian(np.asarray(data["image"]).mean(axis=0), sigma=1)
    inside = grey > threshold_otsu(grey)
    depth = gaussian(ndimage.distance_transform_edt(inside), sigma=1)
    middles = peak_local_max(depth, min_distance=5, labels=ndimage.label(inside)[0])
    markers = np.zeros(grey.shape, np.int32)
    markers[tuple(middles.T)] = np.arange(FIRST, FIRST + len(middles))
    found = watershed(-depth, markers, mask=inside)
    pred = data["image"][:1].clone()
    pred[0] = pred.new_tensor(found)
    return {**data, "pred": pred}
