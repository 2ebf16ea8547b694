"""Segmentations of 3D Slicer (``.seg.nrrd``): names, values, colours and layers of segments, on a cropped grid.

The fields are described in 3D Slicer's developer guide, *Segmentations*. A file of an older version states neither the
values nor the layers: each segment is a layer of its own then, with the value 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.exchange.found import FoundLabel, FoundName
from jlabel.exchange.label_tables import hex_color
from jlabel.imaging.formats.reading import read_image
from jlabel.imaging.image import Image
from jlabel.imaging.label_fitting import fit_label
from jlabel.imaging.label_values import label_values
from jlabel.imaging.mask_names import SEGMENTATION
from jlabel.labels.names import seen_name
from jlabel.types import LabelMap

_FIELD = re.compile(r"Segment(\d+)_(Name|Color|LabelValue|Layer)")
_MOST_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class Segment:
    """A segment: which value of which layer of the file it is, and its value in the label."""

    name: str
    color: str | None
    layer: int
    value: int
    own: int


def is_segmentation(path: Path) -> bool:
    """Whether a file is a segmentation of 3D Slicer by its name."""
    return path.name.lower().endswith(SEGMENTATION)


def slicer_label(label: FoundLabel) -> FoundLabel:
    """A label that is a segmentation, with the names of its segments and how it is read.

    Raises:
        ValueError: The file has no header that can be understood.
    """
    segments = read_segments(label.source)
    if not segments:
        return label
    names = tuple(FoundName(one.own, one.name, one.color) for one in segments)
    return replace(label, names=names, read=lambda image: _read(label.source, segments, image))


def read_segments(path: Path) -> tuple[Segment, ...]:
    """The segments of a file; empty where its header names none.

    Raises:
        ValueError: It has no header that can be understood.
    """
    fields: dict[int, dict[str, str]] = {}
    for key, value in _header(path).items():
        match = _FIELD.fullmatch(str(key))
        if match is not None:
            fields.setdefault(int(match[1]), {})[match[2]] = str(value).strip()
    segments: list[Segment] = []
    taken: set[int] = set()
    for place, number in enumerate(sorted(fields)):
        one = fields[number]
        old = "Layer" not in one
        value, layer = int(one.get("LabelValue", 1)), place if old else int(one["Layer"])
        own = value if value not in taken and value > 0 and not old else max(taken, default=0) + 1
        taken.add(own)
        name = seen_name(one.get("Name", f"Segment {number + 1}"))
        segments.append(Segment(name, _color(one.get("Color")), layer, value, own))
    return tuple(segments)


def _header(path: Path) -> dict[str, Any]:
    import nrrd

    try:
        with path.open("rb") as file:
            head = file.read(_MOST_BYTES)
        end = min((at for mark in (b"\n\n", b"\r\n\r\n") if (at := head.find(mark)) >= 0), default=len(head))
        return dict(nrrd.read_header(head[:end].decode("utf-8", "replace").splitlines()))
    except Exception as error:
        raise ValueError(f"its header cannot be read: {error}") from error


def _color(text: str | None) -> str | None:
    try:
        parts = [255 * float(part) for part in (text or "").split()]
    except ValueError:
        return None
    return hex_color(*parts) if len(parts) == 3 and np.isfinite(parts).all() else None


def _read(path: Path, segments: tuple[Segment, ...], image: Image) -> LabelMap:
    """The label in the image's grid. Where segments overlap, the later one is in front, as 3D Slicer exports them."""
    layers: dict[int, Image] = {}
    merged: NDArray[np.uint16] | None = None
    for segment in segments:
        layer = layers.get(segment.layer)
        if layer is None:
            layer = layers[segment.layer] = read_image(path, segment.layer)
        if merged is None:
            merged = np.zeros(layer.shape, np.uint16, order="F")
        merged[layer.array == segment.value] = segment.own
    assert merged is not None
    if merged.size == 1:
        return np.zeros(image.shape, np.uint8)  # so 3D Slicer writes one that has nothing in it
    values, affine = label_values(merged, path), next(iter(layers.values())).affine
    fitted = fit_label(values, affine, image, path)
    if fitted.how == "resampled":
        raise LabelError(f"{path}: was drawn on a grid that is not the image's; save it with the image as reference")
    return fitted.mask
