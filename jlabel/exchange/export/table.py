"""A table of measures as CSV: volume, surface and intensities of each structure in each image."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.exchange.export.format import NamedStructures
from jlabel.exchange.export.item import ExportItem, Written
from jlabel.exchange.export.whole_files import write_text
from jlabel.imaging import Image
from jlabel.labels.label import Label

COLUMNS = (
    "image",
    "label",
    "value",
    "voxels",
    "volume_ml",
    "surface_mm2",
    "mean_intensity",
    "std_intensity",
    "min_intensity",
    "max_intensity",
    "tag",
    "version",
    "author",
    "time",
)
_FINEST = 512


class MeasureTable(NamedStructures):
    """``labels.csv`` with a row for each structure in each image, and for each object where a label tells them apart.

    The surface is that of the mesh that the labeler shows. Volume and surface are empty for pictures, and so are
    intensities for colours. Of an image with several frames, the first one counts.

    Args:
        given: What is exported.
        folder: Where to.
    """

    name: ClassVar[str] = "table"

    def write(self, item: ExportItem) -> Written:
        """Measure one image."""
        label, image = item.label(), item.image
        boxes = ndimage.find_objects(label.astype(np.int32, copy=False))
        names = {one.value: one for one in self.given.labels}
        rows = []
        for value, box in enumerate(boxes, 1):
            if box is not None:
                one = names.get(value, Label(f"value {value}", value, "#000000"))
                if item.objects is not None and value in item.objects:
                    one = replace(item.objects.label, value=value)
                rows.append(self._row(item, image, one, label[box] == value, box))
        return Written((), {"rows": rows})

    def finish(self, written: dict[str, Written]) -> None:
        """Write the table."""
        text = io.StringIO()
        table = csv.writer(text, lineterminator="\n")
        table.writerow(COLUMNS)
        for image_id in sorted(written):
            table.writerows(written[image_id].data["rows"])
        write_text(self.folder / "labels.csv", text.getvalue())

    def _row(
        self, item: ExportItem, image: Image, one: Label, inside: NDArray[np.bool_], box: tuple[slice, ...]
    ) -> list[Any]:
        from jlabel.imaging.rendering.surface import label_surface

        voxels, volume, surface = int(inside.sum()), None, None
        if image.ndim == 3:
            volume = voxels * abs(float(np.linalg.det(image.affine[:3, :3]))) / 1000
            found = label_surface(inside, image.affine, [int(part.start) for part in box], _FINEST)
            surface = None if found is None else found.area
        measures = [voxels, _rounded(volume), _rounded(surface), *_intensities(image, inside, box)]
        version = item.version
        kept = [self.given.tag, version.number, version.author or "", version.time.isoformat()]
        return [item.image_id, one.name, one.value, *measures, *kept]


def _intensities(image: Image, inside: NDArray[np.bool_], box: tuple[slice, ...]) -> list[float | None]:
    """Mean, standard deviation, smallest and largest; of finite voxels."""
    if image.channels == "rgb":
        return [None] * 4
    values = image.array[box][inside].astype(float)
    values = values[np.isfinite(values)]
    if not values.size:
        return [None] * 4
    return [_rounded(float(one)) for one in (values.mean(), values.std(), values.min(), values.max())]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.6g}")
