"""The notation of arrays, voxel indices and affines that jlabel uses everywhere.

Arrays have the voxel order of the file that they were read from: nothing is transposed, flipped or resampled.

- A volume has the shape ``(i, j, k)``, a 2D image ``(i, j)``. A colour image has red, green and blue on one more axis:
  ``(i, j, 3)``. In PNG, JPEG, BMP and TIFF files ``i`` counts rows downwards and ``j`` columns; in DICOM files ``i``
  counts columns and ``j`` rows.
- A mask or label map has the shape of its image without the colour axis: ``(i, j, k)`` or ``(i, j)``.
- A voxel index is a tuple of whole numbers in the same order, counted from 0: ``(i, j, k)`` or ``(i, j)``.
- An affine is a 4x4 matrix that takes a voxel index to millimetres: ``(x, y, z, 1) = affine @ (i, j, k, 1)``. ``x``
  grows to the patient's right, ``y`` to anterior, ``z`` to superior (RAS+). A 2D image has ``k = 0``.
- A region is half-open: ``lower`` is its first voxel, and ``upper`` lies one voxel after its last along each axis, as
  in ``array[lower:upper]``. The corners of a :class:`jlabel.Box`, which a user draws, both lie inside the box.
- Networks take batches of the shape ``(batch, channel, i, j, k)`` or ``(batch, channel, i, j)``. Where both are meant,
  the axes of space are written as ``...``: ``(batch, channel, ...)``.

Examples:
    >>> from jlabel.types import Affine, Index, LabelMap, Mask, Voxels
    >>> def position(affine: Affine, index: Index) -> list[float]:
    ...     return (affine @ [*index, 1])[:3].tolist()
    >>> position(np.diag([2.0, 2.0, 3.0, 1.0]), (6, 5, 4))
    [12.0, 10.0, 12.0]
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Voxels = NDArray[Any]
"""The intensities of an image: shape ``(i, j, k)``, ``(i, j)``, or ``(i, j, 3)`` for colours."""

LabelMap = NDArray[np.unsignedinteger[Any]]
"""Label values, 0 for the background: shape ``(i, j, k)`` or ``(i, j)``, uint8, uint16 or uint32."""

Mask = NDArray[np.bool_]
"""True inside of a structure: shape ``(i, j, k)`` or ``(i, j)``."""

Probabilities = NDArray[np.float16]
"""How likely each label is in each voxel, 0 to 1: shape ``(label, i, j, k)`` or ``(label, i, j)``."""

Affine = NDArray[np.float64]
"""A 4x4 matrix that takes a voxel index ``(i, j, k, 1)`` to RAS+ millimetres ``(x, y, z, 1)``."""

Index = tuple[int, ...]
"""A voxel index, counted from 0: ``(i, j, k)`` or ``(i, j)``."""

Shape = tuple[int, ...]
"""The number of voxels along each axis: ``(i, j, k)`` or ``(i, j)``."""

Spacing = tuple[float, ...]
"""The distance in millimetres between neighbouring voxels along each axis: ``(i, j, k)`` or ``(i, j)``."""
