"""What a label holds: whole numbers from 0 on, from whatever array or file they come."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError

_UNSIGNED = tuple(np.dtype(kind) for kind in ("uint8", "uint16", "uint32"))
# float32 and the scaling of integer files leave less than this of a whole number; a resampled or soft mask, more.
_ROUNDING = 1e-3
_FEW = 1 << 16


def label_array(mask: Any, subject: str, shape: tuple[int, ...]) -> NDArray[np.unsignedinteger[Any]]:
    """A label as a caller gives it, as an array of its image's shape.

    Args:
        mask: A NumPy array, a tensor (MONAI's MetaTensor too) or nested lists, of bool or whole numbers; a leading axis
            of one channel is left out.
        subject: What is saved, for the errors, such as ``"the label of 'case_1'"``.
        shape: That of the image.

    Raises:
        LabelError: It is something else, has another shape, or holds what no label holds.
    """
    array = _as_array(mask, subject)
    if array.ndim == len(shape) + 1 and array.shape[0] == 1:
        array = array[0]
    if array.shape != shape:
        raise LabelError(f"{subject} has shape {array.shape}, and its image {shape}")
    return label_values(array, subject)


def label_values(
    values: NDArray[Any], subject: Path | str, notes: dict[str, str] | None = None
) -> NDArray[np.unsignedinteger[Any]]:
    """Whole numbers in the smallest of uint8, uint16 and uint32 that holds them (no copy where they already are).

    What differs from whole numbers by no more than float32 rounds, 0.001, is rounded, and that is said.

    Args:
        values: Label values of any shape.
        subject: Where they come from, for errors and notes.
        notes: Gets a note where values were rounded; it is a warning where there is none.

    Raises:
        LabelError: A value is negative, fractional, not finite or larger than 2^32 - 1.
    """
    if values.dtype.kind == "b":
        return values.astype(np.uint8)
    if values.dtype.kind not in "iuf":
        raise LabelError(f"{subject}: a label holds whole numbers, not {values.dtype}")
    if values.dtype.kind == "f":
        values = _rounded(values, subject, notes)
    if values.dtype.kind != "u" and values.size and values.min() < 0:
        raise LabelError(f"{subject}: holds negative values ({_some(values[values < 0])}); a label's values start at 0")
    top = int(values.max()) if values.size else 0
    fits = next((kind for kind in _UNSIGNED if top <= np.iinfo(kind).max), None)
    if fits is None:
        raise LabelError(f"{subject}: holds the value {top}; a label's values end at {np.iinfo(np.uint32).max}")
    return values.astype(fits, copy=False)


def present_values(values: NDArray[np.unsignedinteger[Any]]) -> set[int]:
    """The values that come in a label of any shape, counted a slab at a time."""
    found: set[int] = set()
    slabs = np.moveaxis(values, -1, 0) if values.flags.f_contiguous else values
    for slab in slabs:
        flat = slab.ravel(order="K")
        few = flat.size and int(flat.max()) < _FEW
        found.update((np.flatnonzero(np.bincount(flat)) if few else np.unique(flat)).tolist())
    return found


def _rounded(values: NDArray[Any], subject: Path | str, notes: dict[str, str] | None) -> NDArray[Any]:
    whole = np.rint(values)
    with np.errstate(invalid="ignore"):
        near = np.abs(values - whole) <= _ROUNDING
    if not near.all():
        raise LabelError(
            f"{subject}: {np.count_nonzero(~near)} voxels hold no whole number ({_some(values[~near])}); a label needs "
            "whole numbers. A mask of probabilities becomes one at a threshold, such as mask > 0.5"
        )
    off = values != whole
    if off.any():
        text = f"{np.count_nonzero(off)} values that are nearly whole numbers ({_some(values[off])}) were rounded"
        if notes is None:
            warnings.warn(f"{subject}: {text}", stacklevel=3)
        else:
            notes["values"] = text
    return np.asarray(whole)


def _as_array(mask: Any, subject: str) -> NDArray[Any]:
    if np.ma.is_masked(mask):
        raise LabelError(f"{subject}: an array with masked values has none there; give them one: mask.filled(0)")
    if isinstance(mask, np.ndarray):
        return np.asarray(mask)
    if hasattr(mask, "detach") and hasattr(mask, "cpu"):
        try:
            return np.asarray(mask.detach().cpu().numpy())
        except (TypeError, RuntimeError) as error:
            dtype = getattr(mask, "dtype", "this type")
            raise LabelError(
                f"{subject}: a tensor of {dtype} cannot be saved; convert it: mask.to(torch.uint8)"
            ) from error
    if isinstance(mask, list | tuple | np.generic):
        try:
            array = np.asarray(mask)
        except ValueError as error:
            raise LabelError(f"{subject}: the nested lists are of different lengths; they make no array") from error
        if array.dtype.kind in "biuf":
            return array
        raise LabelError(f"{subject}: a label holds whole numbers, not {array.dtype}")
    raise LabelError(
        f"{subject}: an array of label values is needed, not {_described(mask)}; that of a file is "
        "jlabel.read_label(path, image)"
    )


def _described(thing: object) -> str:
    return f"the path {str(thing)!r}" if isinstance(thing, str | Path) else f"a {type(thing).__name__}"


def _some(values: NDArray[Any]) -> str:
    unique = np.unique(values)
    texts = [np.format_float_positional(v, trim="-") if unique.dtype.kind == "f" else str(v) for v in unique[:5]]
    return ", ".join(texts) + (", …" if unique.size > 5 else "")
