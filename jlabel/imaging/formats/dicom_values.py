"""From stored values to those of the modality: rescaling, modality tables, and which values are padding.

What decides (PS3.3 C.11.1, C.7.6.16.2.9, C.8.8.3): ModalityLUTSequence (0028,3000), else RescaleSlope and
RescaleIntercept of the object, or of the frame in PixelValueTransformationSequence; DoseGridScaling (3004,000E) of a
radiotherapy dose. Windows, presentation tables and real world value mappings are for display or for other units: they
change nothing. PixelPaddingValue (0028,0120) and PixelPaddingRangeLimit (0028,0121) are in stored values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_objects import DOSE
from jlabel.imaging.formats.dicom_tables import Table, modality_table
from jlabel.imaging.formats.voxel_types import scaled

Factors = tuple[float, float]


def transformation(dataset: Any, group: Any, shared: Any) -> Any:
    """The part of an object that rescales a frame: its functional groups, or the object itself."""
    for place in (group, shared):
        inner = place.get("PixelValueTransformationSequence") if place is not None else None
        if inner:
            return inner[0]
    return dataset


def rescale(path: Path, dataset: Any, place: Any = None) -> Factors:
    """Slope and intercept; (1, 0) where there is none, or where a table takes their place.

    Args:
        path: The image, named in errors.
        dataset: The object.
        place: What :func:`transformation` gives, if not the object.
    """
    if modality_lookup(path, dataset) is not None:
        return 1.0, 0.0
    place = dataset if place is None else place
    slope, intercept = place.get("RescaleSlope", 1), place.get("RescaleIntercept", 0)
    if str(dataset.get("SOPClassUID", "")) == DOSE:
        slope, intercept = dataset.get("DoseGridScaling", 1), 0
    try:
        found = float(1 if slope in (None, "") else slope), float(0 if intercept in (None, "") else intercept)
    except (TypeError, ValueError) as error:
        raise ImageError(path, f"is damaged: its rescaling is {slope!r}, {intercept!r}") from error
    if not np.isfinite(found).all() or found[0] == 0:
        raise ImageError(path, f"is damaged: its rescaling is {slope!r}, {intercept!r}")
    return found


def modality_lookup(path: Path, dataset: Any) -> Table | None:
    """The table that takes the place of a rescaling; None where there is none.

    Raises:
        ImageError: It is damaged.
    """
    sequence = dataset.get("ModalityLUTSequence")
    if not sequence:
        return None
    try:
        return modality_table(dataset, sequence[0])
    except (TypeError, ValueError) as error:
        raise ImageError(path, f"is damaged: {error}") from error


def looked_up(volume: NDArray[Any], tables: Sequence[Table | None]) -> NDArray[Any]:
    """A volume with each slice (last axis) taken through its own modality table, where it has one."""
    every = all(table is not None for table in tables)
    out = np.empty(volume.shape, dtype=np.uint16 if every else np.int64, order="F")
    for index, table in enumerate(tables):
        out[..., index] = volume[..., index] if table is None else table.of(volume[..., index])
    return out


def rescaled(volume: NDArray[Any], factors: Sequence[Factors]) -> NDArray[Any]:
    """A volume with each slice (last axis) scaled by its own slope and intercept."""
    if len(set(factors)) == 1:
        return scaled(volume, *factors[0])
    out = np.empty(volume.shape, dtype=np.float32, order="F")
    for index, (slope, intercept) in enumerate(factors):
        out[..., index] = volume[..., index].astype(np.float64) * slope + intercept
    return out


def padding_tags(datasets: Iterable[Any]) -> tuple[Any, Any]:
    """PixelPaddingValue and PixelPaddingRangeLimit, on which all objects agree that say something of it."""
    said = {(dataset.get("PixelPaddingValue"), dataset.get("PixelPaddingRangeLimit")) for dataset in datasets}
    stated = [pair for pair in said if pair[0] not in (None, "")]
    return stated[0] if len(stated) == 1 else (None, None)


def padding_range(tags: tuple[Any, Any], stored: np.dtype[Any]) -> tuple[int, int] | None:
    """The stored values that are padding, the lowest and the highest; None where none are.

    Args:
        tags: What :func:`padding_tags` gives.
        stored: The type of the stored values.
    """
    value, limit = tags
    try:
        ends = [_as_stored(int(number), stored) for number in (value, limit) if number not in (None, "")]
    except (TypeError, ValueError):
        return None
    if value in (None, "") or stored.kind not in "iu":
        return None
    return min(ends), max(ends)


def note_padding(volume: NDArray[Any], padding: tuple[int, int], notes: dict[str, str]) -> bool:
    """Say how many stored values are padding; whether any is."""
    low, high = padding
    count = sum(int(np.count_nonzero((slab >= low) & (slab <= high))) for slab in np.moveaxis(volume, -1, 0))
    if count:
        values = f"the value {low}" if low == high else f"a value from {low} to {high}"
        notes["padding"] = (
            f"{count} of {volume.size} voxels are padding (stored as {values}); they are kept as they are"
        )
    return count > 0


def scaled_padding(padding: tuple[int, int], factors: Sequence[Factors]) -> tuple[float, float] | None:
    """The values of padding once a volume is rescaled; None where its slices are rescaled each in its own way."""
    if len(set(factors)) != 1:
        return None
    slope, intercept = factors[0]
    ends = [end * slope + intercept for end in padding]
    return min(ends), max(ends)


def _as_stored(number: int, stored: np.dtype[Any]) -> int:
    # A value for signed pixels that was written as an unsigned one, or the other way round.
    if stored.kind not in "iu":
        return number
    info, span = np.iinfo(stored), 1 << (stored.itemsize * 8)
    return number - span if number > info.max else number + span if number < info.min else number
