"""The pixel size of a TIFF that states one: by ImageJ's description, OME-XML or LSM.

What decides: ImageJ's ``unit`` and ``spacing`` with XResolution and YResolution (pixels in a unit), OME's
``PhysicalSizeX``, ``Y`` and ``Z`` with their units, LSM's ``VoxelSizeX``, ``Y`` and ``Z`` (metres). A resolution
without any of these is for printers, and says nothing. Millimetres and larger units are converted to mm; numbers in
smaller ones are kept (an image of cells is shown as if its micrometres were mm, in its own proportions).
"""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

_MM = {"mm": 1.0, "millimeter": 1.0, "cm": 10.0, "centimeter": 10.0, "m": 1000.0, "inch": 25.4, "in": 25.4, '"': 25.4}
_MICRO = {"µm": 1.0, "μm": 1.0, "um": 1.0, "\\u00b5m": 1.0, "micron": 1.0, "microns": 1.0, "micrometer": 1.0}
_TO_MICRO = _MICRO | {"nm": 1e-3, "pm": 1e-6, "å": 1e-4} | {unit: 1000 * mm for unit, mm in _MM.items()}
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_NO_PIXELS = ("", "pixel", "pixels")

Sizes = tuple[float, float, float]


def voxel_sizes(tiff: Any, kind: str, notes: dict[str, str]) -> Sizes | None:
    """The distance of rows, of columns and of slices, None where the file states none of use.

    Args:
        tiff: The open file.
        kind: What named its axes, such as ``"imagej"``.
        notes: Gets a note about units that are no mm, and about a slice distance that is missing.
    """
    read = {"imagej": _imagej, "ome": _ome, "lsm": _lsm}.get(kind)
    found = read(tiff) if read is not None else None
    if found is None:
        return None
    (rows, columns, slices), unit = found
    if not all(math.isfinite(size) and 1e-9 < size < 1e9 for size in (rows, columns)):
        return None
    if slices is None or not math.isfinite(slices) or not 1e-9 < slices < 1e9:
        notes["voxel size"] = "the file does not state the distance of its slices; that of its rows is taken"
        slices = rows
    factor = _MM.get(unit.lower(), 1.0)
    if unit.lower() not in _MM:
        named = unit if unit.lower() not in _NO_PIXELS else "a unit that it does not name"
        notes["units"] = f"the file gives sizes in {named}; they are kept as they are and shown as if they were mm"
    return rows * factor, columns * factor, slices * factor


_Stated = tuple[tuple[float, float, float | None], str]


def _imagej(tiff: Any) -> _Stated | None:
    stated = tiff.imagej_metadata or {}
    tags = tiff.pages.first.tags
    columns, rows = (_distance(tags, code) for code in (_X_RESOLUTION, _Y_RESOLUTION))
    unit = str(stated.get("unit", ""))
    if columns is None or rows is None:
        # Without a resolution a pixel is the unit.
        columns = rows = 1.0
    slices = abs(float(stated.get("spacing", 1.0) or 1.0))
    if unit.lower() in _NO_PIXELS and (tags.get(_RESOLUTION_UNIT) is None or int(tags[_RESOLUTION_UNIT].value) != 1):
        columns = rows = 1.0  # dots an inch for a printer
    if (rows, columns, slices) == (1.0, 1.0, 1.0) and unit.lower() in _NO_PIXELS:
        return None
    return (rows, columns, slices), unit


def _distance(tags: Any, code: int) -> float | None:
    tag = tags.get(code)
    if tag is None:
        return None
    pixels, units = (int(part) for part in tag.value)
    return units / pixels if pixels > 0 and units > 0 else None


def _ome(tiff: Any) -> _Stated | None:
    root = ElementTree.fromstring(tiff.ome_metadata)
    pixels = next((element for element in root.iter() if element.tag.rpartition("}")[2] == "Pixels"), None)
    if pixels is None or "PhysicalSizeX" not in pixels.attrib or "PhysicalSizeY" not in pixels.attrib:
        return None
    unit = pixels.attrib.get("PhysicalSizeXUnit", "µm")
    sizes = [_in_unit(pixels.attrib, axis, unit) for axis in "YXZ"]
    if sizes[0] is None or sizes[1] is None:
        return None
    return (sizes[0], sizes[1], sizes[2]), unit


def _in_unit(attributes: dict[str, str], axis: str, unit: str) -> float | None:
    """The size along one axis, in the unit of the columns."""
    stated = attributes.get(f"PhysicalSize{axis}")
    own = attributes.get(f"PhysicalSize{axis}Unit", "µm")
    if stated is None:
        return None
    if own == unit:
        return float(stated)
    own_micro, micro = _TO_MICRO.get(own.lower()), _TO_MICRO.get(unit.lower())
    return None if own_micro is None or micro is None else float(stated) * own_micro / micro


def _lsm(tiff: Any) -> _Stated | None:
    stated = tiff.lsm_metadata or {}
    sizes = [float(stated.get(f"VoxelSize{axis}", 0)) * 1e6 for axis in "YXZ"]
    return ((sizes[0], sizes[1], sizes[2] or None), "µm") if sizes[0] > 0 and sizes[1] > 0 else None
