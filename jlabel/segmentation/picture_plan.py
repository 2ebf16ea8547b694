"""The plan of a network for pictures: as coarse as their structures allow, so that a CPU sees many in a minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import JlabelError, TaskError
from jlabel.imaging import Image, read_image, read_label
from jlabel.segmentation.plan import Fingerprint, Plan, make_plan

_THICK = 100.0  # of a picture taken for a volume of one slice: so much thicker than its pixels that no plan coarsens it
_SHARE = 0.75  # of the pixels that the device can take at once, those of a usual picture
_MOST_LOOKED_AT = 10
_LEAST_PIXELS = 9  # of a part of a structure, less is a slip of the hand
_LEAST_EDGE = 16.0  # pixels that a small structure keeps
_STEP = 1.05


def picture_fingerprint(image: Image) -> Fingerprint:
    """What the plan must know of a picture.

    Raises:
        TaskError: It is a volume.
    """
    if image.ndim != 2:
        raise TaskError(f"{image.path}: this network is for pictures, not for volumes")
    rows, columns = image.spacing
    thick = _THICK * float(np.sqrt(rows * columns))
    colours = 3 if image.channels == "rgb" else 1
    return Fingerprint((*image.shape, 1), (rows, columns, thick), float("nan"), 0.0, colours)


def make_picture_plan(
    images: Sequence[Fingerprint], edges: Sequence[float], pixels: int, objects: int, mirrored: bool
) -> Plan:
    """Plan a network for pictures.

    Args:
        images: Of the pictures to learn from; at least one.
        edges: Of the structures, in mm, as :func:`structure_edges` gives them.
        pixels: How many pixels the device can take at once.
        objects: The class whose objects are told apart, or 0.
        mirrored: Whether pictures are mirrored in training.
    """
    area = float(np.median([np.prod(np.multiply(image.shape, image.spacing)[:2]) for image in images]))
    pixel = float(np.median([np.sqrt(np.prod(image.spacing[:2])) for image in images]))
    small = float(np.percentile(edges, 25)) if len(edges) else float("inf")
    factor = 1.0
    while area / (pixel * factor) ** 2 > _SHARE * pixels and small / (pixel * factor * _STEP) >= _LEAST_EDGE:
        factor *= _STEP
    plan = make_plan([image.coarsened(factor) for image in images], pixels)
    return replace(plan, dimension=2, objects=objects, mirrored=mirrored, click_network=True)


def structure_edges(items: Sequence[Mapping[str, Any]], ignore: int | None) -> list[float]:
    """How large the structures of some pictures are: the square root of each one's area, in mm.

    Args:
        items: With ``"image"`` and ``"label"``, and with ``"first_object"`` where values from that one on stand for an
            object each; of other values the connected parts are looked at. What cannot be read is passed by.
        ignore: A value that is no structure.
    """
    found: list[float] = []
    for item in items[:_MOST_LOOKED_AT]:
        try:
            image = read_image(Path(item["image"]))
            label = read_label(Path(item["label"]), image)
        except JlabelError:
            continue
        if image.ndim != 2:
            continue
        first = item.get("first_object")
        areas = np.concatenate([np.zeros(0), *(_areas(label, value, first) for value in _values(label, ignore, first))])
        pixel = float(np.prod(image.spacing))
        found += [float(np.sqrt(area * pixel)) for area in areas if area >= _LEAST_PIXELS]
    return found


def _values(label: NDArray[Any], ignore: int | None, first_object: int | None) -> list[int]:
    values = [int(value) for value in np.unique(label) if value and value != ignore]
    classes = [value for value in values if first_object is None or value < first_object]
    return classes if first_object is None else [*classes, first_object]


def _areas(label: NDArray[Any], value: int, first_object: int | None) -> NDArray[np.int64]:
    if value == first_object:
        return np.bincount(label[label >= value].astype(np.int64).ravel())
    parts, _ = ndimage.label(label == value)
    return np.bincount(parts.ravel())[1:]
