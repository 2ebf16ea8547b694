"""Labels for other programs: written in their layouts and formats."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jlabel.datastores import FINAL
from jlabel.display.progress_bar import shown_progress
from jlabel.errors import DatastoreError
from jlabel.exchange.export import ExportReport, export_labels
from jlabel.manager.manager_base import ManagerBase
from jlabel.progress import Progress

_LABELLED = "labelled"


class ExportingLabels(ManagerBase):
    """Labels for other programs; see :class:`jlabel.AppManager`."""

    def export(
        self,
        format: str,
        to: Path | str,
        images: str | Iterable[str] = _LABELLED,
        tag: str = FINAL,
        *,
        progress: Progress | None = None,
    ) -> ExportReport:
        """Write the labels, and with most formats the images, in the layout or format of other programs.

        Exporting again to the same folder writes only what has changed since, and takes away what is gone.
        ``jlabel-export.json`` in the folder says who made which version of which label. A label that cannot be exported
        is named in the report with the reason, and the others are written.

        Args:
            format: ``"nnunet"``, ``"msd"`` (Medical Segmentation Decathlon), ``"pairs"`` (``images`` and ``labels``),
                ``"datalist"`` (``datalist.json`` for MONAI), ``"coco"`` (outlines) and ``"coco-rle"`` (run lengths) of
                pictures, ``"slicer"`` (``.seg.nrrd``), ``"dicom-seg"`` (DICOM SEG, of DICOM images), ``"ctbl"`` and
                ``"itksnap"`` (names and colours), ``"stl"`` and ``"obj"`` (meshes in mm), ``"table"`` (``labels.csv``
                with volumes, surfaces and intensities).
            to: The folder (``~`` is the home folder): a new or empty one, or that of an earlier export of the format.
            images: ``"labelled"`` for all that have such a label, or the ids of images.
            tag: ``"final"`` for labels that people made, ``"original"`` for those of models.
            progress: Told how far it is, and can cancel it; the next export goes on then. A bar if not given.

        Returns:
            What was written, what was unchanged, and what was refused and why.

        Raises:
            DatastoreError: No such format; the folder holds something else, lies in the studies, or cannot be written.
            Cancelled: ``progress`` cancelled it; what was written stays.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.save_label("case_1", manager.image("case_1").array > 70)
            'case_1'
            >>> report = manager.export("nnunet", studies.parent / "Dataset001_Liver")
            >>> sorted(path.name for path in report.folder.iterdir())
            ['dataset.json', 'imagesTr', 'jlabel-export.json', 'labelsTr']
            >>> manager.export("nnunet", report.folder).unchanged
            1
            >>> manager.close()
        """
        self.label_names.refresh()
        with shown_progress("Exporting labels", progress) as told:
            folder = Path(to).expanduser().absolute()
            return export_labels(
                self.datastore, self.label_names.current.named, format, folder, self._exported(images, tag), tag, told
            )

    def _exported(self, images: str | Iterable[str], tag: str) -> list[str]:
        if isinstance(images, str):
            if images != _LABELLED:
                raise DatastoreError(f"images is {_LABELLED!r} or a list of ids, not {images!r}")
            return self.datastore.get_labeled_images(tag)
        return [self.datastore.canonical_id(image_id) for image_id in images]
