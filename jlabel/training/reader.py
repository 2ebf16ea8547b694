"""Gives MONAI's ``LoadImaged`` the images and labels of a datastore, as jlabel reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jlabel.imaging import Image, read_image, read_label
from jlabel.imaging.label_values import present_values
from jlabel.tasks.transforms import ImageInMemory
from jlabel.training.label_contents import UnnamedValues
from jlabel.training.labelled_images import LabelledImage


def _unheard(text: str) -> None:
    pass


class StudiesReader(ImageInMemory):
    """Reads every format that jlabel reads; a label comes in its image's grid, with classes for values.

    Args:
        images: The labelled images.
        note: Told of what a label holds that is not learnt, and of values that were rounded.
    """

    def __init__(self, images: Sequence[LabelledImage], note: Callable[[str], None] = _unheard) -> None:
        self._labels = {str(image.label): image for image in images}
        self._note = note
        self._look = UnnamedValues(note)

    def read(self, data: Any, **kwargs: Any) -> Image:
        """The image or label in the file, from ``data``: its path, or a sequence with its path alone."""
        path = str(data[0] if isinstance(data, list | tuple) else data)
        found = self._labels.get(path)
        if found is None:
            return read_image(Path(path))
        image = read_image(found.image)
        notes: dict[str, str] = {}
        values = read_label(found.label, image, notes)
        for text in notes.values():
            self._note(f"the label of {found.id!r}: {text}")
        self._look(found, present_values(values))
        classes = found.to_classes(values)
        return replace(image, array=classes, channels="scalar", padding=None, path=found.label)
