"""The operations by name, with parameters as a person or a page gives them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jlabel.editing.edit import Edit, Labels
from jlabel.editing.extent import EVERYWHERE, Extent
from jlabel.editing.flood import fill_alike, fill_label
from jlabel.editing.holes import fill_holes
from jlabel.editing.interpolation import interpolate
from jlabel.editing.islands import keep_largest, remove_islands
from jlabel.editing.margins import grow, shrink
from jlabel.editing.slices import copy_slice, erase
from jlabel.editing.smoothing import smooth
from jlabel.editing.thresholds import threshold
from jlabel.errors import EditError
from jlabel.imaging import Image
from jlabel.progress import NO_PROGRESS, Progress

ExtentName = Literal["volume", "slice", "slices"]
Values = Mapping[str, Any]

# A fill by intensity that reaches this far has run out of its structure.
_MOST_ALIKE = 30_000_000


@dataclass(frozen=True)
class Target:
    """What an operation works on.

    Attributes:
        mask: Label values, in the image's grid.
        image: The image.
        value: The label.
        axis: The array axis across the plane that the person works in; None where it does not matter.
        slice: The slice along that axis.
    """

    mask: Labels
    image: Image
    value: int
    axis: int | None = None
    slice: int | None = None

    @property
    def spacing(self) -> tuple[float, ...]:
        """Distance of neighbouring voxels in mm, 1 along an axis for which the file says none."""
        return tuple(step if step > 0 else 1.0 for step in self.image.spacing)

    def extent(self, name: ExtentName) -> Extent:
        """The extent of that name; a 2D image has one.

        Raises:
            EditError: It is in a slice, and which one is not said.
        """
        if name == "volume" or self.mask.ndim == 2:
            return EVERYWHERE
        return Extent(self.need_axis(), None if name == "slices" else self.need_slice())

    def need_axis(self) -> int:
        """The axis across the plane.

        Raises:
            EditError: It is not said.
        """
        if self.axis is None or self.mask.ndim == 2:
            raise EditError("this needs a plane of a volume: give axis=0, 1 or 2, the array axis across it")
        return self.axis

    def need_slice(self) -> int:
        """The slice along the axis.

        Raises:
            EditError: It is not said.
        """
        if self.slice is None:
            raise EditError("this needs a slice: give slice=, its index along the axis")
        return self.slice


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a number")
    return float(value)


def _step(value: Any) -> int:
    if isinstance(value, bool) or value not in (-1, 1):
        raise ValueError("1 or -1")
    return int(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _extent(value: Any) -> str:
    if value not in ("volume", "slice", "slices"):
        raise ValueError("'volume', 'slice' or 'slices'")
    return str(value)


def _voxel(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(at, int) for at in value):
        raise ValueError("a voxel index")
    return tuple(value)


_REQUIRED = object()


@dataclass(frozen=True)
class _Parameter:
    check: Callable[[Any], Any]
    default: Any = _REQUIRED


@dataclass(frozen=True)
class Operation:
    """An operation that a person can choose.

    Attributes:
        doing: What is shown while it works, before the label's name.
        done: What was done to the label.
        work: The operation.
        parameters: Its parameters, beside the target.
    """

    doing: str
    done: str
    work: Callable[[Target, Values, Progress], Edit]
    parameters: Mapping[str, _Parameter] = field(default_factory=dict)

    def checked(self, name: str, given: Values) -> dict[str, Any]:
        """The parameters with what was not given.

        Raises:
            EditError: One is missing, unknown or of the wrong kind.
        """
        unknown = [key for key in given if key not in self.parameters]
        if unknown:
            takes = ", ".join(self.parameters) or "no parameters"
            raise EditError(f"{name} does not take {', '.join(map(repr, unknown))}; it takes {takes}")
        values: dict[str, Any] = {}
        for key, parameter in self.parameters.items():
            value = given.get(key, parameter.default)
            if value is _REQUIRED:
                raise EditError(f"{name} needs {key}")
            try:
                values[key] = None if value is None and parameter.default is None else parameter.check(value)
            except ValueError as error:
                raise EditError(f"{key} of {name} is {error}, not {value!r}") from None
        return values


def operate(name: str, target: Target, parameters: Values, progress: Progress = NO_PROGRESS) -> Edit:
    """Carry an operation out.

    Raises:
        EditError: There is none of that name, a parameter makes no sense, or it cannot be done.
        Cancelled: Nobody waits any more.
    """
    operation = operation_named(name)
    return operation.work(target, operation.checked(name, parameters), progress)


def operation_named(name: str) -> Operation:
    """The operation of that name.

    Raises:
        EditError: There is none.
    """
    if name not in OPERATIONS:
        raise EditError(f"there is no operation {name!r}; there are {', '.join(OPERATIONS)}")
    return OPERATIONS[name]


def _fill(target: Target, values: Values, progress: Progress) -> Edit:
    seed, extent = values["seed"][: target.mask.ndim], target.extent(values["extent"])
    if values["tolerance"] is None:
        return fill_label(target.mask, seed, target.value, extent.axis, progress)
    return fill_alike(
        target.mask,
        target.image.array,
        seed,
        target.value,
        target.spacing,
        values["tolerance"],
        values["radius"],
        _MOST_ALIKE,
        extent.axis,
        progress,
    )


def _copy(target: Target, values: Values, progress: Progress) -> Edit:
    axis, into = target.need_axis(), target.need_slice()
    return copy_slice(target.mask, axis, into + values["step"], into, None if values["all"] else target.value)


def _threshold(target: Target, values: Values, progress: Progress) -> Edit:
    region = target.extent(values["extent"]).region(target.mask.shape)
    return threshold(target.mask, target.image.array, target.value, values["low"], values["high"], region, progress)


_WHERE = {"extent": _Parameter(_extent, "volume")}
_HOW_FAR = {"radius": _Parameter(_number), **_WHERE}

OPERATIONS: Mapping[str, Operation] = {
    "grow": Operation(
        "Growing",
        "grown",
        lambda on, v, progress: grow(on.mask, on.value, on.spacing, v["radius"], on.extent(v["extent"]), progress),
        _HOW_FAR,
    ),
    "shrink": Operation(
        "Shrinking",
        "shrunk",
        lambda on, v, progress: shrink(on.mask, on.value, on.spacing, v["radius"], on.extent(v["extent"]), progress),
        _HOW_FAR,
    ),
    "smooth": Operation(
        "Smoothing",
        "smoothed",
        lambda on, v, progress: smooth(on.mask, on.value, on.spacing, v["radius"], on.extent(v["extent"]), progress),
        _HOW_FAR,
    ),
    "fill_holes": Operation(
        "Filling holes of",
        "holes filled",
        lambda on, v, progress: fill_holes(on.mask, on.value, on.extent(v["extent"]), progress),
        _WHERE,
    ),
    "keep_largest": Operation(
        "Looking for the largest part of",
        "largest part kept",
        lambda on, v, progress: keep_largest(on.mask, on.value, on.extent(v["extent"]), progress),
        _WHERE,
    ),
    "remove_islands": Operation(
        "Removing islands of",
        "islands removed",
        lambda on, v, progress: remove_islands(
            on.mask, on.value, on.spacing, v["smallest"], on.extent(v["extent"]), progress
        ),
        {"smallest": _Parameter(_number), **_WHERE},
    ),
    "interpolate": Operation(
        "Interpolating",
        "gaps filled",
        lambda on, v, progress: interpolate(on.mask, on.value, on.spacing, on.need_axis(), progress),
    ),
    "copy_slice": Operation(
        "Copying",
        "slice copied",
        _copy,
        {"step": _Parameter(_step), "all": _Parameter(_flag, False)},
    ),
    "threshold": Operation(
        "Thresholding",
        "painted by intensity",
        _threshold,
        {"low": _Parameter(_number), "high": _Parameter(_number), **_WHERE},
    ),
    "fill": Operation(
        "Filling",
        "filled",
        _fill,
        {
            "seed": _Parameter(_voxel),
            "tolerance": _Parameter(_number, None),
            "radius": _Parameter(_number, None),
            **_WHERE,
        },
    ),
    "erase": Operation(
        "Erasing",
        "erased",
        lambda on, v, progress: erase(on.mask, on.value, on.extent(v["extent"]), progress),
        _WHERE,
    ),
}
