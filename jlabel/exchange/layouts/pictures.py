"""What labels of pictures have in common: shapes that are drawn, one over the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.exchange.outlines import Shape
from jlabel.imaging.image import Image
from jlabel.imaging.label_values import label_values
from jlabel.types import LabelMap

DrawMask = Callable[[Shape], NDArray[np.bool_]]
Drawn = tuple[int, DrawMask]
"""A value, and what gives the mask that gets it."""


def drawn_label(shapes: Iterable[Drawn], image: Image, source: Path, size: Shape | None = None) -> LabelMap:
    """A label of a picture. Where shapes overlap, the smaller one is in front.

    Args:
        shapes: What is drawn.
        image: The picture.
        source: The file that the shapes are from, for errors.
        size: Rows and columns of the picture that they were drawn on, where that is known.

    Raises:
        LabelError: The image is no plain picture, or one of another size, or a shape makes no sense.
    """
    if image.ndim != 2 or image.oriented:
        raise LabelError(f"{source}: its outlines are those of pictures (PNG, JPEG, …), and its image is none")
    shape = (image.shape[0], image.shape[1])
    if size is not None and size != shape:
        raise LabelError(f"{source}: was drawn on a picture of {size[0]} × {size[1]} pixels, and its image has {shape}")
    label = np.zeros(shape, np.uint16)
    try:
        masks = [(value, draw(shape)) for value, draw in shapes]
    except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
        raise LabelError(f"{source}: holds a shape that cannot be understood: {error}") from error
    for value, mask in sorted(masks, key=lambda one: -int(one[1].sum())):
        label[mask] = value
    return label_values(label, source)
