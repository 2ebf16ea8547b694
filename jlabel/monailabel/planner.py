"""Plans voxel spacing and size from the images, as MONAI Label's template apps ask."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from jlabel.datastores import Datastore
from jlabel.errors import JlabelError
from jlabel.imaging import read_image

_LEAST = 32


class HeuristicPlanner:
    """The spacing and size of a network's input, by default as given, or those of the images after :meth:`run`.

    Args:
        target_spacing: Voxel spacing in mm.
        spatial_size: The size of the input in voxels.
        max_samples: How many images are looked at.

    Attributes:
        target_spacing: Voxel spacing in mm.
        spatial_size: The size of the input in voxels.
        max_pix: The mean of the images' largest values; None before :meth:`run`.
        min_pix: The mean of their smallest values.
        mean_pix: The mean of their means.
        std_pix: The mean of their standard deviations.
    """

    def __init__(
        self,
        target_spacing: Sequence[float] = (1.0, 1.0, 1.0),
        spatial_size: Sequence[int] = (128, 128, 64),
        max_samples: int = 10,
    ) -> None:
        self.target_spacing: Sequence[float] = target_spacing
        self.spatial_size: Sequence[int] = spatial_size
        self.max_samples = max_samples
        self.max_pix: float | None = None
        self.min_pix: float | None = None
        self.mean_pix: float | None = None
        self.std_pix: float | None = None

    def run(self, datastore: Datastore) -> None:
        """Look at the first images: mean spacing, and mean size, down to a multiple of 32 voxels."""
        spacings, sizes, values = [], [], []
        for image_id in datastore.list_images()[: self.max_samples]:
            try:
                image = read_image(datastore.get_image_uri(image_id))
            except JlabelError as error:
                warnings.warn(f"{image_id} is not planned with: {error}", UserWarning, stacklevel=2)
                continue
            spacings.append([float(length) for length in image.spacing])
            sizes.append(image.shape)
            array = image.array
            values.append([float(found) for found in (array.max(), array.min(), array.mean(), array.std())])
        if not values or len({len(size) for size in sizes}) > 1:
            return
        self.target_spacing = [round(float(mean), 3) for mean in np.mean(spacings, axis=0)]
        mean_size = np.mean(sizes, axis=0)
        self.spatial_size = [max(_LEAST, int(length) // _LEAST * _LEAST) for length in mean_size]
        self.max_pix, self.min_pix, self.mean_pix, self.std_pix = (float(mean) for mean in np.mean(values, axis=0))
