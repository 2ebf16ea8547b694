"""Finding labels in a folder by the layouts that data sets have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from jlabel.errors import DatastoreError
from jlabel.exchange.found import Layout
from jlabel.exchange.layouts.decathlon import read_decathlon
from jlabel.exchange.layouts.files import entries
from jlabel.exchange.layouts.pairs import read_beside, read_pairs, read_pattern
from jlabel.imaging.mask_names import images_of
from jlabel.progress import NO_PROGRESS, Progress

_DEEPEST = 4


def detect(
    folder: Path | str,
    pattern: str | None = None,
    *,
    leave_out: Collection[Path] = (),
    progress: Progress = NO_PROGRESS,
) -> list[Layout]:
    """The labels that lie in a folder and below it, by layout. Nothing is written.

    Known are masks in ``labels/`` of the same names as in ``images/``; ``imagesTr/`` and ``labelsTr/`` with
    ``dataset.json`` (Medical Segmentation Decathlon, nnU-Net); ``x_seg.nii.gz`` beside ``x.nii.gz`` (also ``_label``,
    ``_mask``, with ``-`` or ``.``) and segmentations of 3D Slicer (``x.seg.nrrd``). Names of labels come from
    ``dataset.json``, label descriptions of ITK-SNAP (``.txt``), colour tables of 3D Slicer (``.ctbl``) and
    ``label_names.json``.

    Args:
        folder: The folder (``~`` is the home folder).
        pattern: Where the label files are, instead of a layout: a path in the folder with ``{name}`` in the place of
            the name of the image, such as ``"masks/{name}_mask.png"``; ``*`` is anything within a name.
        leave_out: Folders that are not looked into.
        progress: Asked between folders whether to go on.

    Returns:
        What was found, in the order of the folders; empty where there is nothing.

    Raises:
        DatastoreError: The folder is not there, or the pattern has no ``{name}``.

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> jlabel.write_label(studies / "case_0_seg.nii.gz", image.array > 70, image)
        >>> for layout in jlabel.exchange.detect(studies):
        ...     print(layout.kind, [label.image for label in layout.labels])
        masks beside their images ['case_0']
    """
    top = Path(folder).expanduser()
    if not top.is_dir():
        raise DatastoreError(f"{top}: there is no such folder to import labels from")
    if pattern is not None:
        return [read_pattern(top, pattern)]
    found = []
    for here, folders, files in _walk(top, set(leave_out), progress):
        for read in _readers(here, folders, files):
            layout = read()
            if layout is not None and (layout.labels or layout.refused):
                found.append(layout)
    return found


def _walk(top: Path, leave_out: set[Path], progress: Progress) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Every folder with the names in it; what a reader takes from the list of folders is not gone into."""
    waiting = [(top, 0)]
    while waiting:
        here, depth = waiting.pop()
        progress.check()
        folders, files = entries(here)
        folders = [name for name in folders if here / name not in leave_out]
        yield here, folders, files
        if depth < _DEEPEST:
            waiting += [(here / name, depth + 1) for name in reversed(folders)]


def _readers(here: Path, folders: list[str], files: list[str]) -> list[Callable[[], Layout | None]]:
    """What reads the labels of a folder, by what lies in it."""
    readers: list[Callable[[], Layout | None]] = []
    pairs = [(images, labels) for labels in folders if (images := images_of(labels, folders)) is not None]
    for images, labels in pairs:
        read = read_decathlon if labels.lower().endswith(("tr", "ts")) else read_pairs
        readers.append(lambda read=read, images=images, labels=labels: read(here, images, labels))  # type: ignore[misc]
        for name in (images, labels):
            if name in folders:
                folders.remove(name)
    if files:
        readers.append(lambda: read_beside(here))
    return readers
