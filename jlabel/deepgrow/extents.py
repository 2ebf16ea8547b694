"""How large the structures are: a network that answers for one patch must see them whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import JlabelError
from jlabel.guidance.click_model import patient_axes
from jlabel.guidance.planes import slice_size
from jlabel.imaging import read_image, read_label
from jlabel.segmentation.plan import Fingerprint, Plan, make_plan

_MOST_LOOKED_AT = 10
_ROOM = 1.25  # of the patch to the structure
_COARSEST = 4.0
_TRIES = 4


def structure_extents(items: Sequence[Mapping[str, Any]], dimension: int, ignore: int | None) -> NDArray[np.float64]:
    """The size of each structure in mm: (structure, dimension), along the patient's axes or those of a slice.

    Args:
        items: With ``"image"`` and ``"label"``; what cannot be read is passed by.
        dimension: 2 for pictures and the slices that are learnt of volumes.
        ignore: A value that is no structure.
    """
    found: list[NDArray[np.float64]] = []
    for item in items[:_MOST_LOOKED_AT]:
        try:
            image = read_image(Path(item["image"]))
            label = read_label(Path(item["label"]), image)
        except JlabelError:
            continue
        if image.ndim < dimension:
            continue
        for value, box in enumerate(ndimage.find_objects(label.astype(np.int32)), start=1):
            if box is None or value == ignore:
                continue
            size = np.multiply([part.stop - part.start for part in box], image.spacing)
            if dimension == 3:
                size = size[np.argsort(patient_axes(image))]
            else:
                size = np.array(slice_size(size.tolist(), image.spacing), dtype=np.float64)
            found.append(size)
    return np.array(found).reshape(-1, dimension)


def plan_for_structures(images: Sequence[Fingerprint], extents: NDArray[np.float64], patch_voxels: int) -> Plan:
    """A plan whose patch holds nine structures of ten whole, coarser than for the images alone where it must be.

    Args:
        images: Of the images to learn from.
        extents: As :func:`structure_extents` gives them.
        patch_voxels: How many voxels the device can take at once.
    """
    plan = make_plan(images, patch_voxels)
    if not len(extents):
        return plan
    needed = np.percentile(extents, 90, axis=0) * _ROOM
    coarser = 1.0
    for _ in range(_TRIES):
        held = np.array(plan.patch[: len(needed)]) * plan.spacing[: len(needed)]
        whole = np.max([np.multiply(i.shape, i.spacing)[: len(needed)] for i in images], axis=0)
        short = float(np.max(np.minimum(needed, whole) / held))
        if short <= 1.0 or coarser >= _COARSEST:
            break
        coarser = min(coarser * short, _COARSEST)
        plan = make_plan([image.coarsened(coarser) for image in images], patch_voxels)
    return plan
