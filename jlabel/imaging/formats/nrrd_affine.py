"""Where an NRRD's grid lies: by its space directions, or by spacings and the ends of its axes.

What decides, by Teem's definition of the format: ``space``, ``space directions`` and ``space origin`` the position. A
space that is not one of RAS, LAS and LPS says nothing about left and right, and is read as LPS. Without directions,
``spacings``, or ``axis mins`` and ``axis maxs`` (with ``centers``: of the outer voxels' faces, or of their centres
where an axis is ``node``), give sizes and a place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.nifti_affine import Affine, is_usable

_SPACES = {
    "right-anterior-superior": (1, 1, 1),
    "ras": (1, 1, 1),
    "left-anterior-superior": (-1, 1, 1),
    "las": (-1, 1, 1),
    "left-posterior-superior": (-1, -1, 1),
    "lps": (-1, -1, 1),
}


def axis_steps(path: Path, header: dict[str, Any], sizes: list[int], notes: dict[str, str]) -> NDArray[np.float64]:
    """One row of three for each axis: the step in the file's space; NaN for an axis that is not in space.

    Raises:
        ImageError: A direction has too many numbers, or one that is none.
    """
    rows = np.full((len(sizes), 3), np.nan)
    given = header.get("space directions")
    if given is not None:
        for axis, row in enumerate(given):
            if row is None or np.isnan(np.asarray(row, dtype=float)).all():
                continue
            if len(row) > 3:
                raise ImageError(path, f"has a space of {len(row)} dimensions; 2 and 3 are supported")
            if not np.isfinite(np.asarray(row, dtype=float)).all():
                raise ImageError(path, f"has a damaged header: the direction of its axis {axis} is {_listed(row)}")
            rows[axis] = [*row, 0.0, 0.0][:3]
        return rows
    if any(_is_unknown(header, axis) for axis in _axes_in_space(header, len(sizes))):
        notes["voxel size"] = "the spacing of an axis is not known; it is taken to be 1 mm"
    for place, axis in enumerate(_axes_in_space(header, len(sizes))):
        rows[axis] = np.eye(3)[place] * _spacing(header, axis, sizes[axis])
    return rows


def _axes_in_space(header: dict[str, Any], axes: int) -> list[int]:
    """The axes that lie in space where there are no directions: by their kinds, and the first three of four."""
    kinds = [str(kind).lower() for kind in header.get("kinds", ["domain"] * axes)]
    spatial = [axis for axis in range(axes) if kinds[axis] in ("domain", "space", "???", "none", "")]
    return spatial[:3]


def _per_axis(header: dict[str, Any], field: str, axis: int) -> float | None:
    values = header.get(field, header.get(field.replace(" ", "")))
    value = float(values[axis]) if values is not None and axis < len(values) else np.nan
    return value if np.isfinite(value) else None


def _is_unknown(header: dict[str, Any], axis: int) -> bool:
    """Whether a spacing is given that is no length, and nothing else says how large a voxel is."""
    values = header.get("spacings")
    if values is None or _per_axis(header, "spacings", axis):
        return False
    return None in (_per_axis(header, "axis mins", axis), _per_axis(header, "axis maxs", axis))


def _listed(numbers: Any) -> str:
    return "(" + ", ".join(f"{float(one):g}" for one in numbers) + ")"


def _spacing(header: dict[str, Any], axis: int, size: int) -> float:
    spacing = _per_axis(header, "spacings", axis)
    low, high = _per_axis(header, "axis mins", axis), _per_axis(header, "axis maxs", axis)
    if not spacing and low is not None and high is not None:
        spacing = (high - low) / max(size - _is_node(header, axis), 1)
    return spacing or 1.0


def _is_node(header: dict[str, Any], axis: int) -> bool:
    centers = header.get("centers", header.get("centerings", []))
    centers = centers.split() if isinstance(centers, str) else centers
    return axis < len(centers) and str(centers[axis]).lower() == "node"


def _origin(header: dict[str, Any], sizes: list[int]) -> NDArray[np.float64]:
    """Where the first voxel's centre lies in the file's space."""
    given = header.get("space origin")
    if given is not None:
        return np.asarray(given, dtype=float)
    origin = np.zeros(3)
    if header.get("space directions") is None:
        for place, axis in enumerate(_axes_in_space(header, len(sizes))):
            low = _per_axis(header, "axis mins", axis)
            half = 0.0 if _is_node(header, axis) else _spacing(header, axis, sizes[axis]) / 2
            origin[place] = 0.0 if low is None else low + half
    return origin


def grid_affine(
    path: Path, header: dict[str, Any], directions: NDArray[np.float64], notes: dict[str, str]
) -> tuple[Affine, bool]:
    """The voxel-to-RAS affine of axes with those steps, and whether the file says where left and right are.

    Raises:
        ImageError: The space has a time in it, or the steps make no grid.
    """
    space = str(header.get("space", "")).lower()
    if space.endswith(("-time", "t")) and space not in _SPACES:
        raise ImageError(path, f"lies in the space {space!r}; a space without time is supported")
    oriented = space in _SPACES and header.get("space directions") is not None
    if not oriented:
        notes["position"] = (
            f"the file names the space {space}, but no directions in it; the axes are taken to follow it"
            if space in _SPACES
            else "the file does not say where left and right are; left-posterior-superior is assumed"
        )
    affine = np.eye(4)
    affine[:3, : len(directions)] = directions.T
    if len(directions) == 2:
        affine[:3, 2] = _third(directions)
    origin = _origin(header, [int(n) for n in header["sizes"]])
    if not np.isfinite(origin).all():
        notes["origin"] = f"the space origin {_listed(origin)} is no place; 0 is taken for what is no number in it"
    affine[: len(origin), 3] = np.where(np.isfinite(origin), origin, 0)
    affine[:3] *= np.array(_SPACES.get(space, _SPACES["lps"]), dtype=float)[:, None]
    if not is_usable(affine):
        raise ImageError(path, "has space directions that cannot be used (an axis without length, or two the same)")
    return affine, oriented


def _third(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    across = np.cross(directions[0], directions[1])
    length = float(np.linalg.norm(across))
    return across / length if length else np.array([0.0, 0.0, 1.0])
