"""A still picture of an image and its labels: the planes side by side, as the labeler shows them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import ImageColor, ImageDraw, ImageFont

from jlabel.imaging.geometry import Plane, flat_plane, planes
from jlabel.imaging.image import Image

#: Pixels of a pane's sides: one of three, and one alone.
PANE, PANE_ALONE = 320, 480
_GAP = 2
_MARGIN = 6
_BACK = (11, 13, 16)
_INK = (235, 240, 245)
_CROSS = np.array([110, 190, 255], np.float32)
_CROSS_SHARE = 0.5
#: PNG files are made no larger than this, in bytes, so that a notebook stays small.
MOST_BYTES = 200_000


@dataclass(frozen=True)
class Look:
    """How an image is looked at.

    Attributes:
        cursor: The voxel under the crosshair, three indices (the last is 0 for a picture).
        window: Intensities shown as black and white.
        colors: Colours (``#rrggbb``) by label value; a value without one is gray.
        hidden: Label values that are not drawn.
        opacity: How much of a label hides the image below it, 0 to 1.
    """

    cursor: tuple[int, int, int]
    window: tuple[float, float]
    colors: Mapping[int, str] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    opacity: float = 0.5


def montage(image: Image, mask: NDArray[Any], look: Look) -> Pictures.Image:
    """Draw the three planes through the crosshair, or the one of a picture, with the labels over them.

    Args:
        image: The image.
        mask: Label values in its grid.
        look: Crosshair, window and colours.

    Returns:
        An RGB picture; millimetres are equally long in all directions and panes.
    """
    grid = planes(image.affine, image.oriented)
    flat = flat_plane(grid, image.shape)
    shown = [flat] if flat is not None else list(grid)
    side = PANE_ALONE if flat is not None else PANE
    scale = min(_fit(image, plane, side) for plane in shown)
    width = len(shown) * side + (len(shown) - 1) * _GAP
    sheet = Pictures.new("RGB", (width, side), (0, 0, 0))
    for place, plane in enumerate(shown):
        sheet.paste(_pane(image, mask, look, plane, side, scale, flat is None), (place * (side + _GAP), 0))
    return sheet


def png_bytes(picture: Pictures.Image, most: int = MOST_BYTES) -> bytes:
    """A picture as a PNG file; one that is too large gets 256 colours, and then fewer pixels.

    Args:
        picture: RGB.
        most: Bytes that the file may have.
    """
    data = _png(picture)
    if len(data) <= most:
        return data
    while True:
        data = _png(picture.quantize(256, Pictures.Quantize.FASTOCTREE))
        if len(data) <= most or min(picture.size) < 64:
            return data
        picture = picture.resize((picture.width * 4 // 5, picture.height * 4 // 5), Pictures.Resampling.LANCZOS)


def _png(picture: Pictures.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _spacing(image: Image) -> NDArray[np.float64]:
    spacing = np.linalg.norm(image.affine[:3, :3], axis=0)
    return np.where(spacing > 0, spacing, 1.0)


def _shape(image: Image) -> tuple[int, ...]:
    return (*image.shape, 1)[:3]


def _fit(image: Image, plane: Plane, side: int) -> float:
    """Pixels for a millimetre, so that the plane fits into its pane."""
    sizes = [float(_shape(image)[axis] * _spacing(image)[axis]) for axis in (plane.right[0], plane.down[0])]
    return (side - 2 * _MARGIN) / max(sizes)


def _pane(
    image: Image, mask: NDArray[Any], look: Look, plane: Plane, side: int, scale: float, crosshair: bool
) -> Pictures.Image:
    shape, spacing = _shape(image), _spacing(image)
    voxel = [spacing[axis] * scale for axis in (plane.right[0], plane.down[0])]
    counts = [shape[axis] for axis in (plane.right[0], plane.down[0])]
    size = tuple(max(1, round(n * v)) for n, v in zip(counts, voxel, strict=True))
    index = min(shape[plane.normal] - 1, max(0, look.cursor[plane.normal]))
    gray = _gray(plane.seen(image.array, index, image.ndim), look.window, image)
    pixels = np.asarray(Pictures.fromarray(gray).convert("RGB").resize(size, Pictures.Resampling.BILINEAR))
    rows, columns = (
        np.minimum((np.arange(n) * of) // n, of - 1) for n, of in zip(size[::-1], counts[::-1], strict=True)
    )
    values = plane.seen(mask, index, image.ndim)[np.ix_(rows, columns)]
    drawn = _blend(pixels.astype(np.float32), values, look)
    if crosshair:
        for axis, (along, sign) in ((1, plane.right), (0, plane.down)):
            at = look.cursor[along] if sign > 0 else shape[along] - 1 - look.cursor[along]
            line = (slice(None),) * axis + (min(drawn.shape[axis] - 1, int((at + 0.5) * voxel[1 - axis])),)
            drawn[line] = drawn[line] * (1 - _CROSS_SHARE) + _CROSS * _CROSS_SHARE
    pane = Pictures.new("RGB", (side, side), _BACK)
    part = Pictures.fromarray(drawn.astype(np.uint8))
    pane.paste(part, ((side - size[0]) // 2, (side - size[1]) // 2))
    _write(pane, plane, index, shape[plane.normal])
    return pane


def _gray(values: NDArray[Any], window: Sequence[float], image: Image) -> NDArray[np.uint8]:
    if image.channels == "rgb":
        return np.ascontiguousarray(values, np.uint8)
    black, white = window
    with np.errstate(invalid="ignore", over="ignore"):
        levels = (values.astype(np.float64) - black) * (255 / max(white - black, 1e-30))
    shown: NDArray[np.uint8] = np.clip(np.nan_to_num(levels), 0, 255).round().astype(np.uint8)
    return 255 - shown if image.inverted else shown


def _blend(pixels: NDArray[np.float32], values: NDArray[Any], look: Look) -> NDArray[np.float32]:
    # By tables, since a picture may hold thousands of objects.
    colors = np.zeros((int(values.max(initial=0)) + 1, 3), np.float32)
    share = np.zeros(len(colors), np.float32)
    for value in np.unique(values).tolist():
        if value != 0 and value not in look.hidden:
            colors[value] = ImageColor.getrgb(look.colors.get(value, "#a0a0a0"))[:3]
            share[value] = look.opacity
    shares = share[values][..., None]
    blended: NDArray[np.float32] = pixels * (1 - shares) + colors[values] * shares
    return blended


def _write(pane: Pictures.Image, plane: Plane, index: int, slices: int) -> None:
    """The plane's name and slice, and the anatomical letters."""
    pen, side, font = ImageDraw.Draw(pane), pane.width, ImageFont.load_default(13)
    left, right, top, bottom = plane.letters
    name = plane.name.capitalize() if any(plane.letters) else ""
    texts = [(6, side // 2, "lm", left), (side - 6, side // 2, "rm", right)]
    texts += [(side // 2, 5, "ma", top), (side // 2, side - 5, "md", bottom)]
    texts += [(6, 5, "la", f"{name} {index} / {slices - 1}".strip() if slices > 1 else "")]
    for x, y, anchor, text in texts:
        pen.text((x, y), text, fill=_INK, font=font, anchor=anchor, stroke_width=2, stroke_fill=(0, 0, 0))
