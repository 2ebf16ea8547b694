"""Annotations in the format of COCO: outlines and run lengths by picture, with the names of categories."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from jlabel.exchange.found import Findings, FoundLabel, FoundName, Layout
from jlabel.exchange.layouts.files import by_stem, image_files
from jlabel.exchange.layouts.pictures import DrawMask, drawn_label
from jlabel.exchange.outlines import Shape, mask_of_outline, mask_of_runs, unpacked_runs
from jlabel.imaging.file_names import split_image_name
from jlabel.imaging.image import Image
from jlabel.labels.names import seen_name
from jlabel.types import LabelMap

COCO = "COCO"


def is_coco(content: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a content of JSON is a file of annotations."""
    return isinstance(content, dict) and all(
        isinstance(content.get(key), list) for key in ("images", "annotations", "categories")
    )


def read_coco(path: Path, content: dict[str, Any]) -> Layout:
    """The labels in a file of annotations.

    Args:
        path: The file.
        content: What it holds.
    """
    found = Findings()
    values = _values(content["categories"])
    names = tuple(FoundName(values[key], name) for key, name in _categories(content["categories"]))
    files = image_files(path.parent) or image_files(path.parent.parent)
    if not any(by_stem(files, _stem(one)) for one in content["images"][:1]):
        files = image_files(path.parent.parent)
    shapes: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for one in content["annotations"]:
        if isinstance(one, dict) and one.get("segmentation") and one.get("category_id") in values:
            shapes[one.get("image_id")].append(one)
    for picture in content["images"]:
        own = shapes.get(picture.get("id"), []) if isinstance(picture, dict) else []
        if own:
            found.labels.append(_label(path, picture, own, values, names, files))
    if content["annotations"] and not found.labels:
        found.refuse(path, "its annotations have boxes alone, and no outlines or run lengths")
    return found.layout(COCO, path.parent)


def _label(
    path: Path,
    picture: dict[str, Any],
    own: list[dict[str, Any]],
    values: dict[Any, int],
    names: tuple[FoundName, ...],
    files: dict[str, Path],
) -> FoundLabel:
    file = by_stem(files, _stem(picture))
    read = partial(_read, path, own, values, (int(picture.get("height", 0)), int(picture.get("width", 0))))
    images = () if file is None else (file,)
    return FoundLabel(_stem(picture), path, images, names, read, part=str(picture.get("file_name")))


def _stem(picture: Any) -> str:
    name = str(picture.get("file_name") or "") if isinstance(picture, dict) else ""
    return split_image_name(name.replace("\\", "/").removeprefix("./"))[0]


def _categories(categories: list[Any]) -> list[tuple[Any, str]]:
    return [(one["id"], seen_name(str(one.get("name", one["id"])))) for one in categories if _is_category(one)]


def _values(categories: list[Any]) -> dict[Any, int]:
    """The value of each category: its id, or the next free one where that is none."""
    ids = [key for key, _ in _categories(categories)]
    taken = {key for key in ids if key >= 1}
    values = {key: key for key in taken}
    for key in ids:
        if key not in values:
            values[key] = max(taken, default=0) + 1
            taken.add(values[key])
    return values


def _is_category(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), int) and not isinstance(one["id"], bool)


def _read(path: Path, own: list[dict[str, Any]], values: dict[Any, int], size: Shape, image: Image) -> LabelMap:
    shapes: list[tuple[int, DrawMask]] = [
        (values[one["category_id"]], partial(_mask, one["segmentation"])) for one in own
    ]
    return drawn_label(shapes, image, path, size if all(size) else None)


def _mask(segmentation: Any, shape: Shape) -> NDArray[np.bool_]:
    if isinstance(segmentation, dict):
        counts = segmentation["counts"]
        return mask_of_runs(unpacked_runs(counts) if isinstance(counts, str) else counts, shape)
    mask = np.zeros(shape, bool)
    for points in segmentation:
        mask |= mask_of_outline(np.asarray(points, float).reshape(-1, 2), shape)
    return mask
