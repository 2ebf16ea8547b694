"""Structures to click at, evenly spread over a set, and the tools that are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jlabel.click.infer import ClickSegment
from jlabel.imaging import Image, read_image, read_label
from jlabel.imaging.file_names import split_image_name
from jlabel.interactive import ClassicClickSegment
from jlabel.tasks.infer import InferTask

#: Makes a new one for each structure, that has seen nothing. One task is for pictures and volumes.
TASKS: dict[str, Callable[[], InferTask]] = {
    "click": ClickSegment,
    "click_classic": ClassicClickSegment,
}
PICTURES = ("kvasir_polyp", "nuclei_dsb2018", "wbc_cells")
CT = "ct_mr_totalseg"
VOLUMES = ("hippocampus_msd", CT, "nrrd_pyradiomics", "brain_mni_tissue")
_LEAST = 100  # voxels of a structure that is worth clicking at, where its image has such
# Structures of one image; in the other sets every structure of an image may be taken.
_OF_ONE_IMAGE = {"kvasir_polyp": 1, "nuclei_dsb2018": 1, "wbc_cells": 2, "hippocampus_msd": 2}


class Case(NamedTuple):
    """One structure of an image.

    Attributes:
        number: Among the cases of its set.
        name: The set.
        image: The image's file.
        label: The label's file.
        value: Of the structure in the label.
    """

    number: int
    name: str
    image: Path
    label: Path
    value: int

    def load(self) -> tuple[Image, NDArray[np.bool_]]:
        image, label = _loaded(self.image, self.label)
        return image, label == self.value


def cases(data: Path, name: str, count: int) -> list[Case]:
    """``count`` structures of a set, as many as it has where it has fewer; always the same ones."""
    labels = {split_image_name(path.name)[0]: path for path in (data / name / "labels").iterdir()}
    images = sorted((data / name / "images").iterdir())
    wanted = min(count, _OF_ONE_IMAGE.get(name, count))
    taken = _spread(images, -(-count // wanted)) if name in _OF_ONE_IMAGE else images
    found = [list(_of_image(path, labels[split_image_name(path.name)[0]])) for path in taken]
    if name in _OF_ONE_IMAGE:
        # Another one in each image: values come in the order of places.
        pairs = [pair for n, each in enumerate(found) for pair in _turned(each, n, len(found))[:wanted]]
    else:
        pairs = _in_turn(found, count)
    return [Case(number, name, *pair) for number, pair in enumerate(pairs[:count])]


def _turned(pairs: list[tuple[Path, Path, int]], n: int, of: int) -> list[tuple[Path, Path, int]]:
    start = len(pairs) * n // of
    return pairs[start:] + pairs[:start]


def _in_turn(found: list[list[tuple[Path, Path, int]]], count: int) -> list[tuple[Path, Path, int]]:
    """As many of each image as there are; what an image lacks the others give."""
    shares = [0] * len(found)
    for _ in range(min(count, sum(map(len, found)))):
        least = min((share, n) for n, share in enumerate(shares) if share < len(found[n]))
        shares[least[1]] += 1
    return [pair for each, share in zip(found, shares, strict=True) for pair in _spread(each, share)]


def _of_image(image: Path, label: Path) -> Iterator[tuple[Path, Path, int]]:
    values, sizes = np.unique(_loaded(image, label)[1], return_counts=True)
    values, sizes = values[values > 0], sizes[values > 0]
    for value in values[sizes >= min(_LEAST, sizes.max(initial=0))]:
        yield image, label, int(value)


def _spread(entries: list[Any], count: int) -> list[Any]:
    """``count`` of them, from the first on at even distances."""
    count = min(count, len(entries))
    return [entries[len(entries) * n // count] for n in range(count)]


@lru_cache(maxsize=2)
def _loaded(image: Path, label: Path) -> tuple[Image, NDArray[np.generic]]:
    read = read_image(image)
    return read, read_label(label, read)
