"""What was drawn in CVAT as label values of pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.cvat.frame_tags import TagClass
from jlabel.cvat.shapes import AREA_TYPES, Shape, painted_values
from jlabel.cvat.tracks import shapes_of_track
from jlabel.errors import CvatError
from jlabel.labels.object_values import ObjectValues

# What makes a shape look as it does; all else may change without a change of the label.
_SEEN = ("type", "points", "label_id", "rotation", "z_order", "group", "outside")


@dataclass(frozen=True)
class LabelValues:
    """What the labels of a CVAT task are here.

    Attributes:
        values: The value of each label, by its number in CVAT.
        names: What each label is called, by its number in CVAT.
        objects: The values of objects, where those of a label are told apart.
        classes: What frames that are tagged with it have, by the label's number in CVAT.
    """

    values: Mapping[int, int]
    names: Mapping[int, str] = field(default_factory=dict)
    objects: ObjectValues | None = None
    classes: Mapping[int, TagClass] = field(default_factory=dict)


def frame_shapes(
    drawn: Mapping[str, Any], frames: Sequence[int], deleted: Collection[int] = ()
) -> dict[int, list[Shape]]:
    """The shapes of each frame, those of tracks among them.

    Args:
        drawn: What was drawn in a job or a task, as CVAT has it.
        frames: Which frames, in their order.
        deleted: Frames that were taken out.

    Returns:
        Shapes by frames; a frame without shapes has an empty list.

    Raises:
        CvatError: A shape without an area is among them, or one makes no sense; it is named.
    """
    found: dict[int, list[Shape]] = {frame: [] for frame in frames if frame not in deleted}
    for shape in drawn.get("shapes") or ():
        if shape.get("frame") in found:
            if shape.get("type") not in AREA_TYPES:
                raise CvatError(
                    f"frame {shape['frame']} has a {shape.get('type')}, which has no area; jlabel takes "
                    f"{', '.join(AREA_TYPES)}"
                )
            found[shape["frame"]].append(shape)
    for track in drawn.get("tracks") or ():
        for frame, shape in shapes_of_track(track, [*found], deleted).items():
            found[frame].append(shape)
    return found


def picture_values(shapes: Sequence[Shape], known: LabelValues, height: int, width: int) -> NDArray[np.uint16]:
    """The label values of a picture.

    Args:
        shapes: All that is drawn on it.
        known: What the labels are here.
        height: Its rows.
        width: Its columns.

    Returns:
        Rows and columns.

    Raises:
        CvatError: A shape cannot be painted, or has a label that there is none of here.
    """
    return painted_values(shapes, list(_values(shapes, known)), height, width)


def check_labels(shapes: Iterable[Shape], known: LabelValues) -> None:
    """Refuse a shape with a label that there is none of here.

    Raises:
        CvatError: It names it.
    """
    for shape in shapes:
        _value(shape, known)


def stamp_of(shapes: Iterable[Shape]) -> str:
    """What tells a picture's shapes from others: the same shapes have the same."""
    seen = [[shape.get(key) for key in _SEEN] for shape in shapes]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()[:32]


def _values(shapes: Sequence[Shape], known: LabelValues) -> Iterable[int]:
    taken: set[int] = set()
    objects: dict[int, int] = {}
    for shape in shapes:
        value = _value(shape, known)
        if known.objects is None or value != known.objects.first:
            yield value
            continue
        # The parts of one object are a group in CVAT.
        group = shape.get("group") or 0
        if not group or group not in objects:
            value = known.objects.next_free(max(taken, default=0), taken)
            taken.add(value)
            objects[group] = value
        yield objects[group]


def _value(shape: Shape, known: LabelValues) -> int:
    label = shape.get("label_id")
    if isinstance(label, int) and label in known.values:
        return known.values[label]
    name = known.names.get(label, f"number {label}") if isinstance(label, int) else f"{label!r}"
    raise CvatError(f"a {shape.get('type')} has the label {name}, and there is none of that name here")
