"""Images as the pictures that CVAT shows: a picture as it is, anything else as 8-bit PNG files, a slice each.

Pictures of 8 bits go as their file is. Others are seen through the window that the labeler opens them with, volumes
slice by slice across their thickest axis, upright as a radiologist looks at them.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pictures
from PIL import UnidentifiedImageError

from jlabel.errors import CvatError
from jlabel.imaging import Image
from jlabel.imaging.geometry import Plane, flat_plane, planes
from jlabel.imaging.intensity import display_window, grey_levels, intensities

_AS_THEY_ARE = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP"}
_MODES = ("L", "RGB")
_ORIENTATION = 0x0112  # the EXIF tag: a program may turn the picture by it, or not
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_STEM, _HASH = 60, 8
_THICKER = 1.05


@dataclass(frozen=True)
class View:
    """How an image is cut into pictures, and how what was drawn on them goes back into it.

    Attributes:
        shape: Of the image, without colours.
        plane: The plane of the pictures.
    """

    shape: tuple[int, ...]
    plane: Plane

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return 1 if len(self.shape) == 2 else self.shape[self.plane.normal]

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of each picture."""
        whole = (*self.shape, 1)[:3]
        return whole[self.plane.down[0]], whole[self.plane.right[0]]

    def picture(self, array: NDArray[Any], index: int = 0) -> NDArray[Any]:
        """A slice as rows and columns of its picture; a view of the array.

        Args:
            array: Of the image's shape, with colours or without.
            index: Which slice.
        """
        return self.plane.seen(array, index, len(self.shape))

    def put(self, array: NDArray[Any], picture: NDArray[Any], index: int = 0) -> None:
        """Put rows and columns of a picture back into the slice that it is of."""
        self.picture(array, index)[...] = picture

    def place(self, index: Sequence[int]) -> tuple[int, tuple[float, float]]:
        """Which picture a voxel is in, and where: x and y of its centre, in pixels from the picture's corner.

        Args:
            index: Of the voxel, along each axis of the image.
        """
        picture = 0 if len(self.shape) == 2 else index[self.plane.normal]
        x, y = (
            (index[axis] if way > 0 else self.shape[axis] - 1 - index[axis]) + 0.5
            for axis, way in (self.plane.right, self.plane.down)
        )
        return picture, (x, y)


def view_of(image: Image) -> View:
    """How an image is cut: a volume across the axis along which its voxels are longest, axially where none is.

    Args:
        image: A picture or a volume.
    """
    shape = tuple(image.shape)
    grid = _planes(image.affine.tobytes(), image.affine.dtype.str, image.oriented)
    flat = flat_plane(grid, shape)
    if flat is not None or len(shape) == 2:
        return View(shape, flat or grid[0])
    spacing = [float(step) or 1.0 for step in np.linalg.norm(image.affine[:3, :3], axis=0)]
    thick = max(range(3), key=lambda axis: spacing[axis])
    others = max(spacing[axis] for axis in range(3) if axis != thick)
    normal = thick if spacing[thick] > _THICKER * others else grid[0].normal
    return View(shape, next(plane for plane in grid if plane.normal == normal))


@lru_cache(maxsize=256)
def _planes(affine: bytes, kind: str, oriented: bool) -> tuple[Plane, Plane, Plane]:
    # Pictures of a folder mostly have the same.
    return planes(np.frombuffer(affine, kind).reshape(4, 4), oriented)


def picture_stem(image_id: str) -> str:
    """The beginning of the names of an image's pictures: no two images have the same.

    Args:
        image_id: Any id; of two that differ only in what a file's name cannot hold, the hash at the end differs.
    """
    readable = _UNSAFE.sub("-", image_id).strip("-.")[-_STEM:] or "image"
    return f"{readable}.{hashlib.sha256(image_id.encode()).hexdigest()[:_HASH]}"


def picture_name(image_id: str, image: Image, index: int | None = None) -> str:
    """The name of a picture.

    Args:
        image_id: The image's id.
        image: The image.
        index: Which slice of a volume; None for a picture.
    """
    stem = picture_stem(image_id)
    if index is not None:
        return f"{stem}.{index:05}.png"
    file = _file_as_it_is(image)
    return f"{stem}.png" if file is None else f"{stem}{file.suffix.lower()}"


def write_pictures(image_id: str, image: Image, folder: Path) -> Iterator[Path]:
    """Write the pictures of an image into a folder; gives each one's path.

    Raises:
        CvatError: A picture cannot be written.
    """
    view = view_of(image)
    try:
        file = _file_as_it_is(image)
        if file is not None:
            target = folder / picture_name(image_id, image)
            shutil.copyfile(file, target)
            yield target
            return
        window = None if image.channels == "rgb" else display_window(intensities(image))
        for index in range(view.count):
            target = folder / picture_name(image_id, image, index if image.ndim == 3 else None)
            part = view.picture(image.array, index)
            _save(part if window is None else grey_levels(part, window, image.inverted), target)
            yield target
    except OSError as error:
        raise CvatError(f"{folder}: the pictures of {image_id!r} cannot be written: {error.strerror}") from error


def _save(pixels: NDArray[Any], target: Path) -> None:
    Pictures.fromarray(np.ascontiguousarray(pixels, np.uint8)).save(target, "PNG", compress_level=1)


def _file_as_it_is(image: Image) -> Path | None:
    """The image's file, if everybody who reads it sees the same picture as jlabel does."""
    if image.path is None or image.ndim != 2 or image.oriented or image.path.suffix.lower() not in _AS_THEY_ARE:
        return None
    try:
        state = image.path.stat()
        size = _plain_size(image.path, state.st_mtime_ns, state.st_size)
    except OSError:
        return None
    return image.path if size == (image.shape[1], image.shape[0]) else None


@lru_cache(maxsize=4096)
def _plain_size(file: Path, changed: int, size: int) -> tuple[int, int] | None:
    """Width and height of a picture of 8 bits that no program turns; None where it is none."""
    kind = _AS_THEY_ARE[file.suffix.lower()]
    try:
        with Pictures.open(file) as picture:
            if picture.format != kind or picture.mode not in _MODES:
                return None
            # In a PNG file it may come last, and asking for it would decode the picture.
            turned = b"eXIf" in file.read_bytes() if kind == "PNG" else picture.getexif().get(_ORIENTATION, 1) != 1
            return None if turned else picture.size
    except (UnidentifiedImageError, ValueError, SyntaxError):
        return None
