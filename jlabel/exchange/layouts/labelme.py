"""Shapes of LabelMe: a JSON file beside each picture."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from jlabel.exchange.found import Findings, FoundLabel, FoundName, Layout
from jlabel.exchange.layouts.pictures import DrawMask, drawn_label
from jlabel.exchange.outlines import Points, Shape, mask_of_outline
from jlabel.imaging.file_names import is_image_name, split_image_name
from jlabel.imaging.image import Image
from jlabel.labels.names import seen_name
from jlabel.types import LabelMap

LABELME = "LabelMe"
_AREAS = ("polygon", "rectangle", "circle", "mask")


def is_labelme(content: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a content of JSON are the shapes of a picture."""
    return isinstance(content, dict) and isinstance(content.get("shapes"), list) and "imagePath" in content


def read_labelme(folder: Path, contents: Sequence[tuple[Path, dict[str, Any]]]) -> Layout:
    """The labels in the files of a folder. Names get values in the order of the alphabet.

    Args:
        folder: The folder.
        contents: The files with what they hold.
    """
    found = Findings()
    areas = {path: [one for one in content["shapes"] if _is_area(one)] for path, content in contents}
    texts = sorted({seen_name(str(one.get("label"))) for shapes in areas.values() for one in shapes})
    names = tuple(FoundName(value, text) for value, text in enumerate(texts, 1))
    values = {one.name: one.value for one in names}
    for path, content in contents:
        if not areas[path]:
            found.refuse(path, "has no shape with an area (polygon, rectangle, circle, mask)")
            continue
        file = _picture(path, content)
        stem = path.stem if file is None else split_image_name(file.name)[0]
        size = (int(content.get("imageHeight") or 0), int(content.get("imageWidth") or 0))
        read = partial(_read, path, areas[path], values, size)
        found.labels.append(FoundLabel(stem, path, () if file is None else (file,), names, read))
    return found.layout(LABELME, folder)


def _picture(path: Path, content: dict[str, Any]) -> Path | None:
    """The picture beside the file: the one that it names, else one of the same name."""
    named = path.with_name(str(content["imagePath"]).replace("\\", "/").rpartition("/")[2] or path.name)
    if is_image_name(named.name) and named.is_file():
        return named
    same = (one for one in sorted(path.parent.glob("*")) if is_image_name(one.name))
    return next((one for one in same if split_image_name(one.name)[0] == path.stem), None)


def _is_area(one: Any) -> bool:
    return isinstance(one, dict) and one.get("shape_type", "polygon") in _AREAS


def _read(path: Path, shapes: list[dict[str, Any]], values: dict[str, int], size: Shape, image: Image) -> LabelMap:
    drawn: list[tuple[int, DrawMask]] = [
        (values[seen_name(str(one.get("label")))], partial(_mask, one)) for one in shapes
    ]
    return drawn_label(drawn, image, path, size if all(size) else None)


def _mask(one: dict[str, Any], shape: Shape) -> NDArray[np.bool_]:
    points: Points = np.asarray(one["points"], dtype=float).reshape(-1, 2)
    kind = one.get("shape_type", "polygon")
    if kind == "circle":
        rows, columns = np.indices(shape)
        radius = float(np.hypot(*(points[1] - points[0])))
        return np.asarray(np.hypot(columns + 0.5 - points[0, 0], rows + 0.5 - points[0, 1]) <= radius)
    if kind == "mask":
        return _pasted(str(one["mask"]), points, shape)
    if kind == "rectangle":
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        points = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    return mask_of_outline(points, shape)


def _pasted(text: str, points: Points, shape: Shape) -> NDArray[np.bool_]:
    """A small picture in its place: the box of its first and its last pixel."""
    from PIL import Image as Pillow

    try:
        with Pillow.open(io.BytesIO(base64.b64decode(text, validate=True))) as picture:
            small = np.asarray(picture).astype(bool)
    except (binascii.Error, OSError) as error:
        raise ValueError(f"the picture of a mask cannot be read: {error}") from error
    left, top = (int(number) for number in np.rint(points.min(axis=0)))
    mask = np.zeros(shape, bool)
    place = mask[top : top + small.shape[0], left : left + small.shape[1]]
    if top < 0 or left < 0 or place.shape != small.shape:
        raise ValueError("a mask reaches beyond the picture")
    place |= small
    return mask
