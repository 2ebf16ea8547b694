"""What a click network learns from: of each labelled image the parts about its structures, cut out once and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from monai.data.utils import affine_to_spacing
from monai.transforms import Transform
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import TaskError
from jlabel.imaging.region import Region
from jlabel.training.labelled_images import IGNORED

#: What a voxel of a part is.
BACKGROUND, STRUCTURE, OTHER = 0, 1, 2
#: How large a part is, in extents of its structure: whatever may be looked at in a training lies inside.
ROOM = 4.5
# Structures of one image, and the share of the largest one of its class below which a piece is no structure.
_MOST, _LEAST_SHARE, _LEAST_VOXELS = 16, 0.1, 8
_FINEST = 64  # voxels along the extent that a part has at least where it is kept coarser than its image


@dataclass(frozen=True, eq=False)
class Part:
    """A part of an image about one structure.

    Attributes:
        image: ``(...)`` or ``(..., colours)``, float32.
        classes: ``(...)``, int8: ``BACKGROUND``, ``STRUCTURE``, ``OTHER`` for other structures, ``IGNORED`` for what
            nobody knows and for other pieces of the same class.
        spacing: mm along each axis.
        structure: The box around the structure in the part.
        extent: The longest edge of that box in mm.
        of_class: The structure's class in the training.
    """

    image: NDArray[np.float32]
    classes: NDArray[np.int8]
    spacing: tuple[float, ...]
    structure: Region
    extent: float
    of_class: int


class Parts(tuple[Part, ...]):
    """The parts of one image; a copy of them is they themselves, since nobody changes them."""

    __slots__ = ()

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return sum(part.image.nbytes + part.classes.nbytes for part in self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Parts:
        return self


class CutParts(Transform):  # type: ignore[misc]
    """Puts the :class:`Parts` of an image and its label in the place of ``"image"``.

    Args:
        dimension: 2 where pictures are learnt, 3 where volumes are.
    """

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The parts and the id, of ``"image"`` and ``"label"``, each ``(channel, ...)``.

        Raises:
            TaskError: The image is no such one, or its label has none of the structures.
        """
        image, label = data["image"], np.asarray(data["label"][0], dtype=np.int16)
        if label.ndim != self.dimension:
            kinds = {2: "picture", 3: "volume"}
            wanted = kinds[self.dimension]
            raise TaskError(f"this is a {kinds[label.ndim]}, and the network is for {wanted}s, as most images are")
        spacing = affine_to_spacing(image.affine, label.ndim).tolist()
        array = np.moveaxis(np.asarray(image, dtype=np.float32), 0, -1)
        found = Parts(cut_parts(array[..., 0] if array.shape[-1] == 1 else array, label, spacing))
        if not found:
            raise TaskError("its label has none of the structures to learn")
        return {"image": found, "id": data["id"]}


def cut_parts(array: NDArray[np.float32], label: NDArray[np.int16], spacing: Sequence[float]) -> Iterator[Part]:
    """The parts about the structures of an image: the connected pieces of each class, the largest ones of many.

    Args:
        array: ``(...)`` or ``(..., colours)``.
        label: ``(...)``, classes; 0 is background.
        spacing: mm along each axis.
    """
    pieces = [piece for index in np.unique(label[label > 0]) for piece in _pieces(label, int(index))]
    chosen = sorted(pieces, key=lambda piece: -piece[0])[:_MOST]
    for _, box, index, inside in chosen:
        extent = max(n * step for n, step in zip(box.shape, spacing, strict=True))
        margin = [int(np.ceil((ROOM * extent / step - n) / 2)) for n, step in zip(box.shape, spacing, strict=True)]
        around = box.grow([max(0, m) for m in margin], label.shape)
        classes = _classes(label[around.slices], index)
        own = tuple(slice(b.start - a.start, b.stop - a.start) for a, b in zip(around.slices, box.slices, strict=True))
        classes[own][inside] = STRUCTURE
        yield _coarsened(array[around.slices], classes, spacing, extent, index)


def _pieces(label: NDArray[np.int16], index: int) -> list[tuple[int, Region, int, NDArray[np.bool_]]]:
    """Voxels, box, class, and the voxels of that box that are inside, of each piece that is large enough."""
    numbers, _ = ndimage.label(label == index, structure=np.ones((3,) * label.ndim))
    sizes = np.bincount(numbers.ravel())
    sizes[0] = 0
    least = max(_LEAST_VOXELS, _LEAST_SHARE * sizes.max(initial=0))
    found = []
    for number, where in enumerate(ndimage.find_objects(numbers), start=1):
        if sizes[number] >= least:
            box = Region(tuple(s.start for s in where), tuple(s.stop for s in where))
            found.append((int(sizes[number]), box, index, numbers[where] == number))
    return found


def _classes(label: NDArray[np.int16], index: int) -> NDArray[np.int8]:
    classes = np.full(label.shape, OTHER, np.int8)
    classes[label == 0] = BACKGROUND
    # Another piece of the same class is no error of a mask that has it, nor one of a mask that does not.
    classes[(label == index) | (label == IGNORED)] = IGNORED
    return classes


def _coarsened(
    image: NDArray[np.float32], classes: NDArray[np.int8], spacing: Sequence[float], extent: float, index: int
) -> Part:
    """The part, in blocks of voxels where it is finer than any network will see it, so that many can be kept."""
    factors = [max(1, int(extent / (_FINEST * step))) for step in spacing]
    if max(factors) > 1:
        image, classes = _blocks(image, factors), _blocks(classes, factors)
        spacing = [step * factor for step, factor in zip(spacing, factors, strict=True)]
    where = ndimage.find_objects((classes == STRUCTURE).astype(np.int8))[0]
    box = Region(tuple(s.start for s in where), tuple(s.stop for s in where))
    return Part(np.ascontiguousarray(image), classes, tuple(float(s) for s in spacing), box, float(extent), index)


def _blocks(array: NDArray[Any], factors: Sequence[int]) -> NDArray[Any]:
    """Means of blocks of an image, or of classes the voxel in the middle of each."""
    whole = array[tuple(slice(0, n - n % f if n >= f else n) for n, f in zip(array.shape, factors, strict=False))]
    factors = [f if n >= f else 1 for n, f in zip(whole.shape, factors, strict=False)]
    if array.dtype == np.int8:
        return np.ascontiguousarray(whole[tuple(slice(f // 2, None, f) for f in factors)])
    split = [size for n, f in zip(whole.shape, factors, strict=False) for size in (n // f, f)]
    axes = tuple(range(1, 2 * len(factors), 2))
    means: NDArray[Any] = whole.reshape(*split, *whole.shape[len(factors) :]).mean(axis=axes, dtype=np.float32)
    return means
