"""Labels from elsewhere: found in the layouts of data sets, and saved with the studies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jlabel.datastores import FINAL
from jlabel.display.progress_bar import shown_progress
from jlabel.errors import DatastoreError
from jlabel.exchange import ImportPlan, ImportReport, detect, read_label_table
from jlabel.exchange.found import FoundName
from jlabel.exchange.import_plan import plan_import
from jlabel.exchange.importing import Import
from jlabel.exchange.label_tables import names_of_values
from jlabel.manager.manager_base import ManagerBase
from jlabel.progress import NO_PROGRESS, Progress

Names = Mapping[int, str] | Mapping[str, int] | Path | str


class ImportingLabels(ManagerBase):
    """Labels from elsewhere; see :class:`jlabel.AppManager`."""

    def import_plan(
        self,
        folder: Path | str | None = None,
        pattern: str | None = None,
        tag: str = FINAL,
        *,
        images: bool = False,
        names: Names | None = None,
        progress: Progress = NO_PROGRESS,
    ) -> ImportPlan:
        """What :meth:`import_labels` with the same arguments would do: counts, names, what is refused and why.

        Nothing is written. A notebook shows the plan; ``print`` does too.

        Raises:
            DatastoreError: The folder is not there, or there are no labels in it in a layout that is known.
            LabelError: The names cannot be understood.
        """
        where = self._import_folder(folder)
        layouts = detect(where, pattern, leave_out=self._own_folders(), progress=progress)
        if not layouts:
            dicom = any(where in file.parents for file in self.datastore.dicom_contents().labels)
            raise DatastoreError(
                f"{where}: no labels in a layout that is known were found there; say where they are, such as "
                "pattern='masks/{name}.nii.gz'"
                f"{'. DICOM segmentations lie there: manager.dicom_labels() lists them' if dicom else ''}"
            )
        labels = self.label_names.current
        return plan_import(self.datastore, layouts, labels, tag, images=images, names=_names(names), progress=progress)

    def import_labels(
        self,
        folder: Path | str | None = None,
        pattern: str | None = None,
        tag: str = FINAL,
        *,
        images: bool = False,
        names: Names | None = None,
        progress: Progress | None = None,
    ) -> ImportReport:
        """Save labels that lie in a folder in one of the usual layouts as labels of the images here.

        :func:`jlabel.exchange.detect` says which layouts there are. A label belongs to the image that it is named
        after. The names and colours of labels come along: where the studies have a label of that name, values are
        changed to its own. Only what is new or has changed since it was imported last is imported; an image that has a
        label gets a new version, and the one before stays in its history.

        Args:
            folder: The folder (``~`` is the home folder); that of the studies if not given.
            pattern: Where the label files are, instead of a layout, such as ``"masks/{name}_mask.png"``.
            tag: ``"final"`` for labels that people made, ``"original"`` for those of models.
            images: Whether images that the studies do not have are copied into them. Channels that are files of their
                own (nnU-Net) become the frames of one file.
            names: What the values mean, instead of what the data set says: ``{1: "liver"}``, or the path of a table
                of labels (ITK-SNAP, 3D Slicer, JSON).
            progress: Told how far it is, and can cancel it; the next import goes on then. A bar if not given.

        Returns:
            What was imported, and what was refused and why.

        Raises:
            DatastoreError: The folder is not there, has no labels in a layout that is known, or the labels cannot be
                written.
            LabelError: The names cannot be understood.
            Cancelled: ``progress`` cancelled it; what was imported stays.

        Examples:
            >>> image = jlabel.read_image(studies / "case_0.nii.gz")
            >>> jlabel.write_label(studies / "case_0_seg.nii.gz", image.array > 70, image)
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.import_plan().facts["labels to import"]
            1
            >>> report = manager.import_labels()
            >>> report.imported, report.refused
            (['case_0'], [])
            >>> manager.import_labels().facts
            {'imported': 0, 'as': 'final', 'unchanged': 1, 'refused': 0}
            >>> manager.close()
        """
        with shown_progress("Importing labels", progress) as told:
            plan = self.import_plan(folder, pattern, tag, images=images, names=names, progress=told.part(0, 0.05))
            work = Import(self.datastore, plan, self.label_names.change, _names(names))
            return work.run(told.part(0.05, 1))

    def _import_folder(self, folder: Path | str | None) -> Path:
        found = self._studies_folder() if folder is None else Path(folder).expanduser()
        if found is None:
            raise DatastoreError(
                f"{type(self.datastore).__name__} has no folder: import_labels('folder of the labels')"
            )
        return found.absolute()

    def _studies_folder(self) -> Path | None:
        folder = getattr(self.datastore, "folder", None)
        # Of studies that lie elsewhere the folder here has no files but those that were fetched.
        is_here = isinstance(folder, Path) and not hasattr(self.datastore, "url")
        return folder if is_here else None

    def _own_folders(self) -> list[Path]:
        """Where the studies have their own labels, which are none to be imported."""
        studies = self._studies_folder()
        tags = {FINAL, "original", *self.datastore.status().get("label_tags", {})}
        return [] if studies is None else [studies / "labels" / tag for tag in sorted(tags)]


def _names(names: Names | None) -> tuple[FoundName, ...]:
    if names is None:
        return ()
    if isinstance(names, Path | str):
        return read_label_table(Path(names).expanduser())
    return names_of_values({str(key) if isinstance(key, int) else key: value for key, value in names.items()})
