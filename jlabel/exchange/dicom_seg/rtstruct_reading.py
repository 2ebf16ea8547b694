"""Reading a DICOM structure set (RTSTRUCT) into the grid of an image: its closed contours filled, slice by slice.

What decides (PS3.3 C.8.8.6): ContourData has the corners in the patient's millimetres, which say on which slice a
contour lies; the instance that it names is not asked. ContourGeometricType tells closed contours from points and open
ones, which enclose nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.exchange.dicom_seg.contour_filling import filled
from jlabel.exchange.dicom_seg.display_color import color_of_rgb
from jlabel.exchange.dicom_seg.label_object import items, text
from jlabel.exchange.dicom_seg.segment import Block, ReadSegments, Segment, SegmentVoxels, cropped, joined
from jlabel.imaging import Image
from jlabel.imaging.label_grid import three_axes
from jlabel.progress import NO_PROGRESS, Progress

_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
_LPS_TO_RAS = np.array([-1.0, -1.0, 1.0])
# A contour lies in a slice where its corners are no further apart across it, in slices.
_FLAT = 0.5
_BETWEEN = 0.25

Corners = NDArray[np.float64]


def structure_segments(dataset: Any) -> list[Segment]:
    """The regions of interest of a structure set, in the order of their numbers."""
    colors = {
        _number(item, "ReferencedROINumber"): color_of_rgb(item.get("ROIDisplayColor"))
        for item in items(dataset, "ROIContourSequence")
    }
    found = []
    for item in items(dataset, "StructureSetROISequence"):
        number = _number(item, "ROINumber")
        if number is not None:
            found.append(Segment(number, text(item, "ROIName") or f"region {number}", colors.get(number, "")))
    return sorted(found, key=lambda segment: segment.number)


def read_structure_set(
    path: Path, dataset: Any, image: Image, space: str = "", progress: Progress = NO_PROGRESS
) -> ReadSegments:
    """The voxels of each region of interest in an image.

    A voxel belongs to a region where its centre lies within an odd number of the region's contours in its slice, or on
    one of them.

    Args:
        path: The file, named in errors.
        dataset: The structure set.
        image: The image.
        space: Its frame of reference: regions in another one are left out, where some are in this one.
        progress: Told how far it is, and may cancel it.

    Raises:
        ImageError: A contour is damaged, or lies in no slice of the image.
    """
    if not image.oriented:
        raise ImageError(path, "has contours in a patient, and the image does not say where it lies in one")
    segments = {segment.number: segment for segment in structure_segments(dataset)}
    spaces = {_number(one, "ROINumber"): text(one, "ReferencedFrameOfReferenceUID") for one in _regions(dataset)}
    grid = _ContourGrid(path, image)
    read, open_ones = [], Counter[str]()
    contours = items(dataset, "ROIContourSequence")
    for index, item in enumerate(contours):
        progress.step(index, len(contours))
        number = _number(item, "ReferencedROINumber")
        if number is None or (space in spaces.values() and spaces.get(number, space) not in ("", space)):
            continue
        segment = segments.setdefault(number, Segment(number, f"region {number}"))
        closed = list(_closed(path, item, segment.name, open_ones))
        block, left_out = grid.filled(closed, segment.name)
        read.append(SegmentVoxels(segment, block, left_out))
    empty = set(segments) - {one.segment.number for one in read}
    read += [SegmentVoxels(segments[number], joined([])) for number in empty]
    notes = grid.notes()
    if open_ones:
        parts = (f"{count} of {name!r}" for name, count in open_ones.items())
        notes["open contours"] = f"points and open contours enclose nothing and were left out: {', '.join(parts)}"
    return ReadSegments(sorted(read, key=lambda one: one.segment.number), notes)


class _ContourGrid:
    """Contours in the grid of an image."""

    def __init__(self, path: Path, image: Image) -> None:
        self._path, self._shape = path, three_axes(image.shape)
        self._to_voxels = np.linalg.inv(image.affine)
        self._between = self._beyond = self._copies = 0

    def filled(self, contours: list[Corners], name: str) -> tuple[Block, int]:
        """The voxels within the contours of one region, and how many contours lie beyond the image's slices."""
        slices: dict[tuple[int, int], dict[bytes, Corners]] = defaultdict(dict)
        beyond = 0
        for corners in contours:
            voxels = corners * _LPS_TO_RAS @ self._to_voxels[:3, :3].T + self._to_voxels[:3, 3]
            axis, at = self._slice(voxels, name)
            if not 0 <= at < self._shape[axis]:
                beyond += 1
                continue
            same = slices[axis, at]
            inside = np.delete(voxels, axis, axis=1)
            key = np.rint(inside * 100).tobytes()
            self._copies += key in same
            same[key] = inside
        self._beyond += beyond
        blocks = [self._block(axis, at, list(found.values())) for (axis, at), found in slices.items()]
        return joined(blocks), beyond

    def notes(self) -> dict[str, str]:
        """What was unusual about them."""
        notes = {}
        if self._between:
            notes["between slices"] = f"{self._between} contours lie between slices and were put on the nearest one"
        if self._beyond:
            notes["beyond"] = f"{self._beyond} contours lie beyond the slices of the image and were left out"
        if self._copies:
            notes["copies"] = f"{self._copies} contours are there twice and count once"
        return notes

    def _slice(self, voxels: Corners, name: str) -> tuple[int, int]:
        """The axis across the slice of a contour, and the slice's index along it."""
        spread = np.ptp(voxels, axis=0)
        flat = [axis for axis in (2, 0, 1) if spread[axis] < _FLAT]
        if not flat:
            raise ImageError(
                self._path, f"has contours of {name!r} that lie in no slice of the image, but across its slices"
            )
        middle = float(np.mean(voxels[:, flat[0]]))
        self._between += abs(middle - round(middle)) > _BETWEEN
        return flat[0], round(middle)

    def _block(self, axis: int, at: int, contours: list[Corners]) -> Block:
        """The filled contours of one slice."""
        first, second = (other for other in range(3) if other != axis)
        corners = np.concatenate(contours)
        lower = np.clip(np.floor(corners.min(axis=0)), 0, [self._shape[first], self._shape[second]]).astype(int)
        upper = np.clip(np.ceil(corners.max(axis=0)) + 1, lower, [self._shape[first], self._shape[second]]).astype(int)
        mask = filled([one - lower for one in contours], (int(upper[0] - lower[0]), int(upper[1] - lower[1])))
        place = [0, 0, 0]
        place[axis], place[first], place[second] = at, int(lower[0]), int(lower[1])
        return cropped(Block((place[0], place[1], place[2]), np.expand_dims(mask, axis)), self._shape)[0]


def _closed(path: Path, item: Any, name: str, open_ones: Counter[str]) -> Iterator[Corners]:
    """The corners of the closed contours of a region, LPS mm."""
    for contour in items(item, "ContourSequence"):
        kind = text(contour, "ContourGeometricType").upper()
        numbers = _floats(path, contour, name)
        if kind not in _CLOSED or len(numbers) < 3:
            open_ones[name] += 1
            continue
        yield numbers


def _floats(path: Path, contour: Any, name: str) -> Corners:
    # The library makes an object of each number, and there are millions: the text of the file is read as it is.
    raw = getattr(contour.get_item("ContourData"), "value", None)
    numbers: list[Any] = raw.strip(b"\0 ").split(b"\\") if isinstance(raw, bytes) else contour.get("ContourData") or []
    try:
        found = np.array(numbers if numbers != [b""] else []).astype(float)
    except (TypeError, ValueError) as error:
        raise ImageError(path, f"is damaged: a contour of {name!r} has positions that are no numbers") from error
    if len(found) % 3 or not np.isfinite(found).all():
        raise ImageError(path, f"is damaged: a contour of {name!r} has {len(found)} numbers, which are no positions")
    return found.reshape(-1, 3)


def _regions(dataset: Any) -> list[Any]:
    return items(dataset, "StructureSetROISequence")


def _number(item: Any, name: str) -> int | None:
    try:
        return int(item.get(name))
    except (TypeError, ValueError):
        return None
