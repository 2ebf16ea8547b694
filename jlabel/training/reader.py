"""Gives MONAI's ``LoadImaged`` the images and labels of a datastore, as jlabel reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jlabel.imaging import Image, read_image, read_label
from jlabel.tasks.transforms import ImageInHand
from jlabel.training.images import LabelledImage


class StudiesReader(ImageInHand):
    """Reads every format that jlabel reads; a label comes in its image's grid, with classes for values."""

    def __init__(self, images: Iterable[LabelledImage]) -> None:
        self._labels = {str(image.label): image for image in images}

    def read(self, data: Any, **kwargs: Any) -> Image:
        """The image or label in the file, from ``data``: its path, or a sequence with its path alone."""
        path = str(data[0] if isinstance(data, list | tuple) else data)
        found = self._labels.get(path)
        if found is None:
            return read_image(Path(path))
        image = read_image(found.image)
        classes = found.to_classes(read_label(found.label, image))
        return replace(image, array=classes, channels="scalar", path=found.label)
