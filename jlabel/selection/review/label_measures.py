"""What is measured of a finished label, so that labels can be compared without reading them again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jlabel.files.json_values import finite

_FORMAT = 1
#: Measures that a label may lack: of a structure without a border inside the image, of an image of one intensity.
_NONE = math.nan
_Point = tuple[float, ...]


@dataclass(frozen=True)
class Gap:
    """Slices that look forgotten: empty or much smaller between two filled ones that are alike.

    Attributes:
        figure: 0 to 1: how alike the slices around are, less how alike they are to what lies between.
        axis: Counted along this axis of the array.
        first: The first of the slices, counted from 0.
        last: The last of them.
        empty: Whether they hold nothing of the structure.
    """

    figure: float = 0.0
    axis: int = 0
    first: int = 0
    last: int = 0
    empty: bool = False


@dataclass(frozen=True)
class StructureMeasures:
    """One structure of a label.

    Attributes:
        voxels: Its voxels.
        size: Its volume in ml; its share of the image's pixels where these have no size.
        parts: Its connected parts; voxels that share a corner are connected.
        apart: Which share of its voxels lies outside of the largest part.
        holes: How many holes of background it encloses.
        hollow: The voxels in these holes, over its own.
        place: The middle of its bounding box, from the middle of the image: see :attr:`LabelMeasures.extent`.
        shape: Its centre of mass, from the middle of its bounding box, over the sides of the box.
        contact: Which share of its surface it shares with other labels.
        roughness: Its surface over what a cube of the same volume has.
        intensity: Its mean intensity, see :attr:`contrast`.
        contrast: How the intensity changes outwards on each side, over the range of the intensities around the label:
            to the left and right, posterior and anterior, inferior and superior (along the axes of the array, lower and
            upper, where the image is in no patient), each two voxels inside of the border, at it, and two outside. NaN
            where there is no such border.
        gap: Slices that look forgotten.
    """

    voxels: int
    size: float
    parts: int
    apart: float
    holes: int
    hollow: float
    place: _Point
    shape: _Point
    contact: float
    roughness: float
    intensity: float
    contrast: _Point
    gap: Gap = field(default_factory=Gap)


@dataclass(frozen=True)
class LabelMeasures:
    """A label.

    Attributes:
        structures: By label value.
        sized: Whether voxels have a size: then sizes are in ml and places in mm, else both are shares of the image.
        oriented: Whether sides are those of a patient.
        extent: The diagonal of the image, in the unit of places.
        place: The middle of the bounding box of all that is labelled, from the middle of the image; empty for an empty
            label.
        gap: Slices that look forgotten in all structures together.
        others: Values in the label that were not asked for, and not measured.
    """

    structures: Mapping[int, StructureMeasures]
    sized: bool
    oriented: bool
    extent: float
    place: _Point = ()
    gap: Gap = field(default_factory=Gap)
    others: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The measures as JSON values."""
        structures = {str(value): _plain(asdict(one)) for value, one in self.structures.items()}
        return {**_plain(asdict(self)), "structures": structures, "format": _FORMAT}

    @staticmethod
    def from_json(row: Any) -> LabelMeasures | None:
        """The measures that :meth:`to_json` wrote; None where they are damaged, or of another version of jlabel."""
        try:
            if row["format"] != _FORMAT:
                return None
            structures = {int(value): _structure(one) for value, one in row["structures"].items()}
            return LabelMeasures(
                structures=structures,
                sized=row["sized"] is True,
                oriented=row["oriented"] is True,
                extent=_number(row["extent"]),
                place=_point(row["place"]),
                gap=_gap(row),
                others=tuple(int(value) for value in row["others"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


def _structure(row: Mapping[str, Any]) -> StructureMeasures:
    return StructureMeasures(
        voxels=int(row["voxels"]),
        size=_number(row["size"]),
        parts=int(row["parts"]),
        apart=_number(row["apart"]),
        holes=int(row["holes"]),
        hollow=_number(row["hollow"]),
        place=_point(row["place"]),
        shape=_point(row["shape"]),
        contact=_number(row["contact"]),
        roughness=_number(row["roughness"]),
        intensity=_number(row["intensity"]),
        contrast=_point(row["contrast"]),
        gap=_gap(row),
    )


def _gap(row: Mapping[str, Any]) -> Gap:
    kept = row["gap"]
    axis, first, last = (int(kept[name]) for name in ("axis", "first", "last"))
    return Gap(_number(kept["figure"]), axis, first, last, kept["empty"] is True)


def _point(values: Any) -> _Point:
    return tuple(_number(value) for value in values)


def _number(value: Any) -> float:
    found = finite(value)
    return _NONE if found is None else found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
