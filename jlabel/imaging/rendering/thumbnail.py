"""A small picture of an image, to know it again in a list."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from jlabel.imaging.geometry import flat_plane, planes
from jlabel.imaging.image import Image
from jlabel.imaging.intensity import display_window, grey_levels, intensities

_LABEL_SHARE = 0.5


def thumbnail(
    image: Image,
    labels: NDArray[np.integer[Any]] | None = None,
    colors: Mapping[int, tuple[int, int, int]] | None = None,
    size: int = 96,
) -> bytes:
    """The middle axial slice with its labels, as a JPEG.

    Args:
        image: The image; it is shown through the window that it is opened with, as radiologists look at it.
        labels: Label values in the image's grid.
        colors: Red, green and blue (0 to 255) by label value; other values are not drawn.
        size: Width or height in pixels, whichever is larger; the slice keeps its proportions in mm.
    """
    grid = planes(image.affine, image.oriented)
    plane = flat_plane(grid, image.shape) or grid[0]
    spacing = [float(v) or 1.0 for v in np.linalg.norm(image.affine[:3, :3], axis=0)]
    shape = (*image.shape, 1)[:3]
    across, down = plane.right[0], plane.down[0]
    scale = size / max(shape[across] * spacing[across], shape[down] * spacing[down])
    width, height = (max(1, round(shape[axis] * spacing[axis] * scale)) for axis in (across, down))
    # Four voxels for a pixel are plenty for a smooth picture.
    steps = (max(1, shape[down] // (4 * height)), max(1, shape[across] // (4 * width)))

    def on_screen(array: NDArray[Any]) -> NDArray[Any]:
        return plane.seen(array, shape[plane.normal] // 2, image.ndim)[:: steps[0], :: steps[1]]

    pixels = _colours(image, on_screen(image.array))
    if labels is not None and colors:
        _paint(pixels, on_screen(labels), colors)
    out = io.BytesIO()
    picture = Picture.fromarray(np.ascontiguousarray(pixels)).resize((width, height), Picture.Resampling.BOX)
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def _colours(image: Image, part: NDArray[Any]) -> NDArray[np.uint8]:
    if image.channels == "rgb":
        return part.astype(np.uint8)
    gray = grey_levels(part, display_window(intensities(image)), image.inverted)
    return np.repeat(gray[..., None], 3, axis=2)


def _paint(pixels: NDArray[np.uint8], labels: NDArray[Any], colors: Mapping[int, tuple[int, int, int]]) -> None:
    table = np.zeros((int(labels.max(initial=0)) + 1, 3))
    painted = np.zeros(len(table), bool)
    for value in np.unique(labels).tolist():
        if value != 0 and value in colors:
            table[value], painted[value] = colors[value], True
    where = painted[labels]
    mixed = pixels[where] * (1 - _LABEL_SHARE) + table[labels[where]] * _LABEL_SHARE
    pixels[where] = mixed.astype(np.uint8)
