"""What tells slices in one place from each other: time, echo, diffusion, phase of the heart, kind of value.

The tags of a classic object, and the functional groups of an enhanced one, in the order in which they are tried.
Private ones of Siemens (0019,100C and 0019,100E) and GE (0043,1039) stand for diffusion where the standard's are not
there.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

_CLASSIC = {
    "TemporalPositionIdentifier": ("TemporalPositionIdentifier",),
    "EchoNumbers": ("EchoNumbers",),
    "EchoTime": ("EchoTime",),
    "diffusion": ("DiffusionBValue", "DiffusionGradientOrientation"),
    "TriggerTime": ("TriggerTime", "NominalCardiacTriggerDelayTime", "NominalPercentageOfCardiacPhase"),
    "FrameReferenceTime": ("FrameReferenceTime",),
    "AcquisitionNumber": ("AcquisitionNumber",),
    "AcquisitionTime": ("AcquisitionDate", "AcquisitionDateTime", "AcquisitionTime"),
    "ImageType": ("ImageType",),
}
_PRIVATE_DIFFUSION = ((0x0019, 0x100C), (0x0019, 0x100E), (0x0043, 0x1039))
# Functional group, tag inside of it.
_ENHANCED = {
    "TemporalPositionIndex": ("FrameContentSequence", "TemporalPositionIndex"),
    "EffectiveEchoTime": ("MREchoSequence", "EffectiveEchoTime"),
    "NominalCardiacTriggerDelayTime": ("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"),
    "ComplexImageComponent": ("MRImageFrameTypeSequence", "ComplexImageComponent"),
    "FrameType": ("MRImageFrameTypeSequence", "FrameType"),
    "FrameAcquisitionNumber": ("FrameContentSequence", "FrameAcquisitionNumber"),
    "FrameAcquisitionDateTime": ("FrameContentSequence", "FrameAcquisitionDateTime"),
    "StackID": ("FrameContentSequence", "StackID"),
}


def classic_marks(dataset: Any) -> dict[str, Hashable]:
    """The marks of an object that has one moment."""
    marks: dict[str, Hashable] = {name: _values(dataset, tags) for name, tags in _CLASSIC.items()}
    if marks["diffusion"] == (None, None):
        marks["diffusion"] = tuple(_plain(getattr(dataset.get(tag), "value", None)) for tag in _PRIVATE_DIFFUSION)
    return marks


def enhanced_marks(group: Any) -> dict[str, Hashable]:
    """The marks of one frame, from its functional groups."""
    marks: dict[str, Hashable] = {}
    for name, (sequence, tag) in _ENHANCED.items():
        inner = group.get(sequence)
        marks[name] = _plain(inner[0].get(tag)) if inner else None
    marks["diffusion"] = _diffusion(group)
    return marks


def _diffusion(group: Any) -> Hashable:
    inner = group.get("MRDiffusionSequence")
    if not inner:
        return None
    directions = inner[0].get("DiffusionGradientDirectionSequence")
    direction = directions[0].get("DiffusionGradientOrientation") if directions else None
    kind = inner[0].get("DiffusionDirectionality")
    return _plain(inner[0].get("DiffusionBValue")), _plain(direction), _plain(kind)


def _values(dataset: Any, tags: Iterable[str]) -> Hashable:
    return tuple(_plain(dataset.get(tag)) for tag in tags)


def _plain(value: Any) -> Hashable:
    if value is None or value == "":
        return None
    if isinstance(value, bytes | str | int | float):
        return value if isinstance(value, bytes) else str(value)
    try:
        return tuple(str(one) for one in value)
    except TypeError:
        return str(value)
