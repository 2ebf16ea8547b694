"""Objects with functional groups of which each is one moment: Siemens writes a file for each time point from XA on.

What decides: files of one series, kind of object and size make one 4D image where PlanePositionSequence,
PlaneOrientationSequence and PixelMeasuresSequence put the frames of all in the same places. Their order is that of
InstanceNumber.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from jlabel.imaging.formats.dicom_deflated import check_deflated
from jlabel.imaging.formats.dicom_header import DicomHeader
from jlabel.imaging.formats.dicom_places import enhanced_parts

_STORAGE = "1.2.840.10008.5.1.4.1.1."
_VOLUMES = {f"{_STORAGE}{one}" for one in ("2.1", "2.2", "4.1", "4.3", "4.4", "128.1", "130")}
#: The geometry of an object that does not say, or not in a way that is understood, where its frames lie.
UNKNOWN = "unknown"
_TAGS = ("NumberOfFrames", "SamplesPerPixel", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")


def candidates(headers: Mapping[str, DicomHeader]) -> list[list[str]]:
    """The files of a folder that may be moments of one image, by their headers alone: each list has several."""
    alike: dict[tuple[object, ...], list[str]] = {}
    for name, header in sorted(headers.items()):
        if header.frames > 1 and header.series and header.sop_class in _VOLUMES and not header.concatenation:
            kind = (header.series, header.sop_class, header.rows, header.columns, header.frames)
            alike.setdefault(kind, []).append(name)
    return [names for names in alike.values() if len(names) > 1]


def frame_geometry(path: Path) -> str:
    """A digest of where the frames of an object lie, the same for the same places; ``UNKNOWN`` where it does not say
    so, or cannot be read."""
    import pydicom

    try:
        check_deflated(path)
        dataset = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS))
        parts = enhanced_parts(path, dataset, int(dataset.get("NumberOfFrames") or 0))
    except Exception:  # noqa: BLE001 - what is wrong with it is said when it is opened
        return UNKNOWN
    if not parts:
        return UNKNOWN
    places = sorted(
        (*_rounded(one.position, 2), *_rounded([*one.along_columns, *one.along_rows], 3), *_rounded(one.spacing, 3))
        for one in (part.place for part in parts)
    )
    return hashlib.sha256(repr((dataset.get("SamplesPerPixel"), places)).encode()).hexdigest()[:16]


def with_geometry(headers: Mapping[str, DicomHeader], geometry: Callable[[str], str]) -> dict[str, DicomHeader]:
    """The headers, with the geometry of those that may be moments of one image.

    Args:
        headers: By the names of the files.
        geometry: Gives :func:`frame_geometry` of a file; called where the header has none yet.
    """
    several = [name for names in candidates(headers) for name in names]
    found = {name: headers[name].geometry or geometry(name) for name in several}
    return {
        name: header if header.geometry == found.get(name, "") else header._replace(geometry=found.get(name, ""))
        for name, header in headers.items()
    }


def _rounded(values: object, digits: int) -> list[float]:
    return [float(one) + 0.0 for one in np.round(np.asarray(values, float), digits)]
