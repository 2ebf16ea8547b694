"""Outlines of what a 2D mask has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from monai.config import KeysCollection
from monai.transforms import MapTransform
from monai.utils import convert_to_numpy
from numpy.typing import NDArray

_TOLERANCE = 0.5  # pixels


class FindContoursd(MapTransform):  # type: ignore[misc]
    """Tells the outlines of the structures in a 2D mask, as polygons of ``[x, y]`` in pixels of the picture.

    The first axis of a mask is x, the second y, as everywhere in MONAI. Outlines are those of marching squares
    (Lorensen and Cline 1987), simplified to half a pixel (Douglas and Peucker 1973).

    Args:
        keys: The masks, of class indices: shape ``(i, j)``, or with one channel before.
        min_positive: Masks with fewer foreground pixels are passed by.
        min_poly_area: Polygons of a smaller area in pixels are left out.
        max_poly_area: Polygons of a larger area are left out; 0 for any area.
        result: The key of the JSON values.
        result_output_key: The name of the outlines in them.
        key_label_colors: Under which key ``data`` may have the colours of the structures by name.
        key_foreground_points: Under which key ``data`` may have points; polygons without one of them are left out then.
        labels: The structures: a name, names in the order of classes from 1 on, or name to class.
        colormap: The colours by name, instead.

    Examples:
        >>> import numpy as np
        >>> from jlabel.transforms import FindContoursd
        >>> mask = np.zeros((40, 40)); mask[10:30, 5:25] = 1
        >>> found = FindContoursd("pred", labels=["polyp"])({"pred": mask})["result"]["annotation"]
        >>> [(one["label"], len(one["contours"])) for one in found["elements"]]
        [('polyp', 1)]
    """

    def __init__(
        self,
        keys: KeysCollection,
        min_positive: int = 10,
        min_poly_area: float = 80,
        max_poly_area: float = 0,
        result: str = "result",
        result_output_key: str = "annotation",
        key_label_colors: str = "label_colors",
        key_foreground_points: str | None = None,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        colormap: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(keys)
        self.min_positive = min_positive
        self.min_poly_area = min_poly_area
        self.max_poly_area = max_poly_area
        self.result = result
        self.result_output_key = result_output_key
        self.key_label_colors = key_label_colors
        self.key_foreground_points = key_foreground_points
        self.colormap = colormap
        names = [labels] if isinstance(labels, str) else labels or ()
        known = names if isinstance(names, Mapping) else {name: index for index, name in enumerate(names, start=1)}
        self.labels = {int(index): name for name, index in known.items()}

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the outlines."""
        found = dict(data)
        elements = [element for key in self.key_iterator(found) for element in self._elements(found, found[key])]
        if not elements:
            return found
        colors = self.colormap if self.colormap is not None else found.get(self.key_label_colors) or {}
        names = dict.fromkeys(element["label"] for element in elements)
        told = {
            "location": list(found.get("location", (0, 0))),
            "size": list(found.get("size", (0, 0))),
            "elements": elements,
            "labels": {name: _color(colors.get(name)) for name in names},
        }
        found[self.result] = {**(found.get(self.result) or {}), self.result_output_key: told}
        return found

    def _elements(self, data: Mapping[str, Any], given: Any) -> list[dict[str, Any]]:
        mask = np.squeeze(np.asarray(convert_to_numpy(given)))
        if mask.ndim != 2 or np.count_nonzero(mask) < self.min_positive:
            return []
        least = float(data.get("min_poly_area", self.min_poly_area))
        most = float(data.get("max_poly_area", self.max_poly_area))
        points = np.asarray(data.get(self.key_foreground_points or "", ()), dtype=float).reshape(-1, 2)
        location = np.asarray(data.get("location", (0, 0)), dtype=int)
        elements = []
        for index in np.unique(mask[mask > 0]).astype(int).tolist():
            polygons = [
                polygon.tolist()
                for polygon in _polygons(mask == index, location)
                if least <= _area(polygon) and (most <= 0 or _area(polygon) <= most) and _has_any(polygon, points)
            ]
            if polygons:
                elements.append({"label": self.labels.get(index, str(index)), "contours": polygons})
        return elements


def _polygons(inside: NDArray[np.bool_], location: NDArray[np.int_]) -> list[NDArray[np.int_]]:
    from skimage.measure import approximate_polygon, find_contours

    # A border of background, so that what touches the picture's edge has a closed outline.
    # They go through the centres of the outermost pixels inside.
    outlines = find_contours(np.pad(inside, 1).astype(np.float32), 0.99)
    rounded = [np.round(approximate_polygon(outline, _TOLERANCE) - 1).astype(int) for outline in outlines]
    limits = np.asarray(inside.shape) - 1
    return [np.clip(polygon, 0, limits) + location for polygon in rounded if len(polygon) >= 4]


def _area(polygon: NDArray[np.int_]) -> float:
    x, y = polygon[:, 0].astype(float), polygon[:, 1].astype(float)
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _has_any(polygon: NDArray[np.int_], points: NDArray[np.float64]) -> bool:
    if not len(points):
        return True
    from skimage.measure import points_in_poly

    return bool(points_in_poly(points, polygon).any())


def _color(color: Any) -> list[int]:
    return [255, 0, 0] if color is None else [int(part) for part in color]
