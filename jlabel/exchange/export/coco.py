"""Labels of pictures in the format of COCO: outlines, and run lengths where a structure has holes."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import LabelError
from jlabel.exchange.export.format import NamedStructures
from jlabel.exchange.export.item import ExportItem, Written
from jlabel.exchange.export.volume_files import check_named, extension
from jlabel.exchange.export.whole_files import copy_file, write_text
from jlabel.exchange.outlines import outlines_of_mask, run_lengths
from jlabel.types import LabelMap


class Coco(NamedStructures):
    """``images`` and ``annotations.json``: for each structure in each picture an annotation, and for each object of it
    where a label tells them apart.

    Args:
        given: What is exported.
        folder: Where to.
    """

    name: ClassVar[str] = "coco"
    only_runs: ClassVar[bool] = False

    def write(self, item: ExportItem) -> Written:
        """Write a picture, and find the outlines of its structures.

        Raises:
            LabelError: It is no picture.
        """
        image = item.image
        if image.ndim != 2 or image.oriented:
            raise LabelError(f"{item.image_id!r} is no plain picture, and COCO is for pictures; export it as 'nnunet'")
        label = item.label()
        check_named(item, item.structures(), self.given.values)
        name = f"images/{item.case}{extension(item.image_file)}"
        copy_file(item.image_file, self.folder / name)
        found = []
        for value, box in enumerate(ndimage.find_objects(label.astype(np.int32, copy=False)), 1):
            if box is not None:
                category = item.objects.first if item.objects is not None and value in item.objects else value
                found.append(self._annotation(label, value, box, category))
        rows, columns = label.shape
        return Written(
            (name,), {"picture": {"file_name": name, "height": rows, "width": columns}, "annotations": found}
        )

    def finish(self, written: dict[str, Written]) -> None:
        """Write ``annotations.json``."""
        pictures: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for number, image_id in enumerate(sorted(written), 1):
            one = written[image_id].data
            pictures.append({"id": number, **one["picture"]})
            for found in one["annotations"]:
                annotations.append({"id": len(annotations) + 1, "image_id": number, **found})
        content = {
            "info": {"description": self.given.description or self.given.name},
            "images": pictures,
            "annotations": annotations,
            "categories": [{"id": one.value, "name": one.name, "supercategory": ""} for one in self.given.labels],
        }
        write_text(self.folder / "annotations.json", json.dumps(content, ensure_ascii=False))

    def _annotation(self, label: LabelMap, value: int, where: tuple[slice, slice], category: int) -> dict[str, Any]:
        mask: NDArray[np.bool_] = label == value
        rows, columns = where
        box = [columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start]
        outlines = None if self.only_runs else outlines_of_mask(mask)
        if outlines is None:
            shape: Any = {"size": [int(n) for n in mask.shape], "counts": run_lengths(mask)}
        else:
            shape = [[round(float(number), 2) for number in one.ravel()] for one in outlines]
        return {"category_id": category, "segmentation": shape, "area": int(mask.sum()), "bbox": box, "iscrowd": 0}


class CocoRuns(Coco):
    """The same with run lengths for all structures, which tell a mask pixel for pixel."""

    name: ClassVar[str] = "coco-rle"
    only_runs: ClassVar[bool] = True
