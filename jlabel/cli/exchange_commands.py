"""``jlabel import`` and ``jlabel export``: labels of and for data sets and other programs, with their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jlabel.cli.dicom_import import found_labels, import_dicom, names_in
from jlabel.cli.opened_manager import opened_manager
from jlabel.cli.options import App, Conf, Json, Labels, Studies, chosen_images, named_labels
from jlabel.cli.tables import plain, print_json
from jlabel.errors import DatastoreError

if TYPE_CHECKING:
    from jlabel.datastores import LocalDatastore
    from jlabel.exchange import ImportPlan, ImportReport
    from jlabel.exchange.export import ExportReport


def import_labels(
    studies: Studies,
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="Where the labels are; the studies if not given.")
    ] = None,
    pattern: Annotated[
        str | None,
        typer.Option("--pattern", metavar="PATTERN", help="Where the label files are, such as masks/{name}_mask.png."),
    ] = None,
    tag: Annotated[
        str, typer.Option("--tag", metavar="TAG", help="'final' for labels of people, 'original' for those of models.")
    ] = "final",
    images: Annotated[
        bool, typer.Option("--images", help="Copy images that the studies do not have into them, too.")
    ] = False,
    names: Annotated[
        str | None,
        typer.Option(
            "--names", metavar="NAMES", help="What the values mean: liver=1,spleen=3, or the file of a table of labels."
        ),
    ] = None,
    dicom: Annotated[
        bool,
        typer.Option(
            "--dicom",
            help="Import DICOM segmentations and contours (SEG, RTSTRUCT): FOLDER is one, or a folder of them; those "
            "that lie with the images if not given.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would be imported; nothing is written.")
    ] = False,
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    as_json: Json = False,
) -> None:
    """Import labels that lie in the layout of a data set, or that another program made.

    The names and colours of the labels come along. An image that has a label gets a new version of it. It exits with 1
    where a label was refused.
    """
    typed = named_labels(labels)
    if dicom and (pattern or images or names):
        raise typer.BadParameter("--dicom goes without --pattern, --images and --names: DICOM says what belongs where")
    means = _names(names)
    where = None if folder is None else folder.expanduser().absolute()
    if typed is None and not app:

        def others(datastore: LocalDatastore) -> dict[str, int] | Path:
            if dicom:
                return names_in(found_labels(datastore, where))
            return _named_in(datastore, where, pattern) if means is None else means

        typed = _known_labels(studies, others)
    asked: dict[str, Any] = {"images": images, "names": means}
    done: ImportPlan | ImportReport
    with opened_manager(studies, app, typed, conf) as manager:
        if dicom:
            done = import_dicom(manager, found_labels(manager.datastore, where), tag, dry_run=dry_run)
        else:
            done = (manager.import_plan if dry_run else manager.import_labels)(where, pattern, tag, **asked)
    raise typer.Exit(_told(done, as_json))


def export_labels(
    studies: Studies,
    format: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="nnunet, msd, pairs, datalist, coco, coco-rle, slicer, dicom-seg, ctbl, itksnap, stl, obj or table.",
        ),
    ],
    to: Annotated[
        Path, typer.Argument(metavar="TO", help="A new or empty folder, or that of an earlier export of the format.")
    ],
    images: Annotated[
        str, typer.Option("--images", metavar="WHICH", help="'labelled', or ids with commas between them.")
    ] = "labelled",
    tag: Annotated[
        str, typer.Option("--tag", metavar="TAG", help="'final' for labels of people, 'original' for those of models.")
    ] = "final",
    labels: Labels = None,
    app: App = "",
    conf: Conf = None,
    as_json: Json = False,
) -> None:
    """Write the labels in the layout or format of another program.

    Exporting again to the same folder writes only what has changed. It exits with 1 where a label was refused.
    """
    with opened_manager(studies, app, named_labels(labels), conf) as manager:
        done = manager.export(format, to.expanduser(), chosen_images(images, "labelled"), tag)
    raise typer.Exit(_told(done, as_json))


def _told(done: ImportPlan | ImportReport | ExportReport, as_json: bool) -> int:
    """Say what was done; 1 where something was refused."""
    if as_json:
        print_json({**done.facts, "refused": [{"file": one.what, "why": one.why} for one in done.refused]})
    else:
        for line in str(done).splitlines():
            typer.echo(plain(line))
    return 1 if done.refused else 0


def _names(given: str | None) -> dict[str, int] | Path | None:
    """Names with their values, or the file that has them."""
    if given is None:
        return None
    file = Path(given).expanduser()
    if file.is_file():
        return file
    found = named_labels([given])
    if not isinstance(found, dict):
        raise typer.BadParameter(f"--names: {given!r} is no file, and no names with values as in liver=1,spleen=3")
    return found


def _known_labels(studies: Path, others: Callable[[LocalDatastore], dict[str, int] | Path]) -> dict[str, int]:
    """The labels of the studies; where they have none yet, the others, or those of a table of labels."""
    from jlabel.cli.studies_app import labels_of_studies
    from jlabel.cli.studies_folder import studies_folder
    from jlabel.errors import LabelError
    from jlabel.exchange import read_label_table
    from jlabel.opening import open_studies

    datastore = open_studies(studies_folder(studies))
    try:
        return labels_of_studies(datastore)
    except LabelError:
        found = others(datastore)
        values = {one.name: one.value for one in read_label_table(found)} if isinstance(found, Path) else found
        if not values:
            raise
        return values


def _named_in(datastore: LocalDatastore, where: Path | None, pattern: str | None) -> dict[str, int]:
    """The labels that a data set names."""
    from jlabel.exchange import detect

    root = datastore.folder
    if where is None and hasattr(datastore, "url"):
        raise DatastoreError(f"{datastore!r} has no folder here: name the FOLDER of the labels")
    layouts = detect(where or root, pattern, leave_out=[root / "labels" / tag for tag in ("final", "original")])
    return {one.name: one.value for layout in layouts for label in layout.labels for one in label.names}
