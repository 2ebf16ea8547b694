"""Segmentation masks of CVAT: colours in ``SegmentationClass``, what they mean in ``labelmap.txt``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from jlabel.errors import LabelError
from jlabel.exchange.found import Findings, FoundLabel, FoundName, Layout
from jlabel.exchange.label_tables import hex_color, rgb
from jlabel.exchange.layouts.files import by_stem, image_files
from jlabel.imaging.image import Image
from jlabel.imaging.label_values import label_values
from jlabel.labels.names import seen_name
from jlabel.types import LabelMap

CVAT, MASKS, TABLE = "CVAT segmentation masks", "SegmentationClass", "labelmap.txt"
_IMAGES = ("JPEGImages", "images", "Images")
_MOST_BYTES = 1 << 20


def read_cvat(folder: Path, folders: list[str], files: list[str]) -> Layout:
    """The labels of a folder with ``SegmentationClass``.

    Args:
        folder: The folder.
        folders: The names of the folders in it.
        files: Those of the files.
    """
    found = Findings()
    masks = image_files(folder / MASKS)
    colors = _colors(folder / TABLE) if TABLE in files else ()
    if not colors:
        found.refuse(folder / MASKS, f"no {TABLE} beside it says what its colours are")
        return found.layout(CVAT, folder)
    images = {stem: path for name in _IMAGES if name in folders for stem, path in image_files(folder / name).items()}
    for stem, path in masks.items():
        file = by_stem(images, stem)
        read = partial(_read, path, colors)
        found.labels.append(FoundLabel(stem, path, () if file is None else (file,), colors, read))
    return found.layout(CVAT, folder)


def _colors(table: Path) -> tuple[FoundName, ...]:
    """The names in their order, without the background: ``name:red,green,blue:parts:actions``."""
    try:
        with table.open("rb") as file:
            lines = file.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return ()
    found = []
    for line in lines:
        parts = line.rsplit(":", 3)
        color = parts[1].split(",") if len(parts) == 4 and not line.startswith("#") else []
        if len(color) == 3 and all(one.strip().isdecimal() for one in color):
            found.append((seen_name(parts[0]), hex_color(*map(float, color))))
    named = [(name, color) for name, color in found if name.lower() != "background" and color != "#000000"]
    return tuple(FoundName(value, name, color) for value, (name, color) in enumerate(named, 1))


def _read(path: Path, colors: tuple[FoundName, ...], image: Image) -> LabelMap:
    from PIL import Image as Pillow

    try:
        with Pillow.open(path) as picture:
            pixels = np.asarray(picture.convert("RGB")).astype(np.uint32)
    except (OSError, ValueError) as error:
        raise LabelError(f"{path}: cannot be read: {error}") from error
    if image.ndim != 2 or image.oriented or pixels.shape[:2] != image.shape:
        raise LabelError(f"{path}: has {pixels.shape[:2]} pixels, and its image {image.shape}")
    codes = pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2]
    label, left = np.zeros(codes.shape, np.uint16), codes != 0
    for one in colors:
        red, green, blue = rgb(one.color or "#000000")
        inside = codes == (red << 16 | green << 8 | blue)
        label[inside] = one.value
        left &= ~inside
    if left.any():
        code = int(codes[left][0])
        raise LabelError(f"{path}: has the colour #{code:06x}, which {TABLE} does not name")
    return label_values(label, path)
