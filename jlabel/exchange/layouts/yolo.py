"""Outlines for YOLO: a text for each picture, a line for each object, names in ``data.yaml`` or ``classes.txt``."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.exchange.found import Findings, FoundLabel, FoundName, Layout, Split
from jlabel.exchange.layouts.files import by_stem, image_files
from jlabel.exchange.layouts.pictures import DrawMask, drawn_label
from jlabel.exchange.outlines import Shape, mask_of_outline
from jlabel.imaging.image import Image
from jlabel.labels.names import seen_name
from jlabel.types import LabelMap

YOLO = "YOLO"
_IMAGES, _LABELS = "images", "labels"
_SPLITS: dict[str, Split] = {"train": "training", "val": "validation", "valid": "validation"}
_MOST_BYTES = 1 << 20
_BOX = 5


def read_yolo(folder: Path, files: list[str]) -> Layout | None:
    """The labels of a folder with ``data.yaml`` or ``classes.txt``; None where it is no such folder.

    Args:
        folder: The folder.
        files: The names of the files in it.
    """
    names = _names(folder, files)
    texts = [] if names is None else [path for top in _label_folders(folder) for path in sorted(top.rglob("*.txt"))]
    if names is None or not texts:
        return None
    found = Findings()
    images: dict[Path, dict[str, Path]] = {}
    for text in texts:
        parts = text.relative_to(folder).parts
        at = parts.index(_LABELS)
        top = folder.joinpath(*parts[:at], _IMAGES)
        if top not in images:
            images[top] = image_files(top)
        stem = "/".join((*parts[at + 1 : -1], text.stem))
        file = by_stem(images[top], stem)
        lines = _lines(text)
        if not any(len(line) > _BOX for line in lines):
            if lines:
                found.refuse(text, "holds boxes alone, and no outlines")
            continue
        split = next((_SPLITS[part] for part in parts if part in _SPLITS), None)
        own, read = "/".join((*parts[:at], stem)), partial(_read, text)
        found.labels.append(FoundLabel(own, text, () if file is None else (file,), names, read, split=split))
    return found.layout(YOLO, folder)


def _label_folders(folder: Path) -> list[Path]:
    found = []
    for top, folders, _ in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if _LABELS in folders:
            found.append(Path(top) / _LABELS)
            folders.remove(_LABELS)
    return found


def _names(folder: Path, files: list[str]) -> tuple[FoundName, ...] | None:
    """Class 0 has the value 1, and so on; None where nothing names classes."""
    for name in files:
        if name.lower().endswith((".yaml", ".yml")):
            found = _yaml_names(_text(folder / name))
            if found is not None:
                return found
    if "classes.txt" in files:
        lines = [line.strip() for line in _text(folder / "classes.txt").splitlines()]
        return tuple(FoundName(number, seen_name(line)) for number, line in enumerate(lines, 1) if line)
    return None


def _yaml_names(text: str) -> tuple[FoundName, ...] | None:
    import yaml

    try:
        content: Any = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError):
        return None
    names = content.get("names") if isinstance(content, dict) else None
    pairs = (
        list(names.items()) if isinstance(names, dict) else list(enumerate(names)) if isinstance(names, list) else []
    )
    if not pairs or not all(isinstance(key, int) for key, _ in pairs):
        return None
    return tuple(FoundName(key + 1, seen_name(str(name))) for key, name in pairs)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _lines(text: Path) -> list[list[str]]:
    return [line.split() for line in _text(text).splitlines() if line.strip()]


def _read(text: Path, image: Image) -> LabelMap:
    shapes: list[tuple[int, DrawMask]] = []
    for line in _lines(text):
        if len(line) > _BOX:
            shapes.append((int(line[0]) + 1 if line[0].isdecimal() else 0, partial(_mask, line[1:])))
    return drawn_label(shapes, image, text)


def _mask(numbers: list[str], shape: Shape) -> NDArray[np.bool_]:
    """The mask of an outline whose coordinates are parts of width and height."""
    points = np.asarray(numbers, dtype=float).reshape(-1, 2)
    return mask_of_outline(points * (shape[1], shape[0]), shape)
