"""Labels as DICOM segmentations (SEG) that refer to the instances of their series."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from jlabel.exchange.dicom_seg.seg_writing import highdicom, how_made, make_seg, written_segments
from jlabel.exchange.export.format import NamedStructures
from jlabel.exchange.export.item import ExportItem, ExportSet, Written
from jlabel.exchange.export.volume_files import check_named
from jlabel.exchange.export.whole_files import write_file
from jlabel.imaging.label_values import present_values

_ENDING = "_seg.dcm"


class DicomSegmentations(NamedStructures):
    """A file ``case_seg.dcm`` for each image that is of DICOM files, with a segment for each structure that occurs.

    Args:
        given: What is exported.
        folder: Where to.

    Raises:
        JlabelError: highdicom is not installed.
    """

    name: ClassVar[str] = "dicom-seg"

    def __init__(self, given: ExportSet, folder: Path) -> None:
        highdicom()
        super().__init__(given, folder)

    def settings(self) -> dict[str, Any]:
        """What decides what is written: names, values, colours and codes."""
        return {
            "labels": [[one.name, one.value, one.color] for one in self.given.labels],
            "codes": {
                one.name: self.given.codes[one.name] for one in self.given.labels if one.name in self.given.codes
            },
        }

    def _names(self) -> set[str]:
        return {one.name for one in self.given.labels}

    def write(self, item: ExportItem) -> Written:
        """Write the segmentation of an image.

        Raises:
            LabelError: The image has no DICOM files, or the label has no voxel or values that nobody has named.
        """
        label = item.label()
        check_named(item, item.structures(), self.given.values)
        segments = written_segments(self.given.labels, present_values(label) - {0}, self.given.codes, item.objects)
        models = item.version.info.get("models")
        making = how_made(self.given.tag, [str(one) for one in models] if isinstance(models, list) else [])
        made = make_seg(item.image, item.image_id, label, segments, making)
        name = f"{item.case}{_ENDING}"
        write_file(self.folder / name, made.save_as)
        return Written((name,))
