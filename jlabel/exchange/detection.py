"""Finding labels in a folder by the layouts that data sets have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from jlabel.errors import DatastoreError
from jlabel.exchange.found import Layout, Refused
from jlabel.exchange.layouts.coco import is_coco, read_coco
from jlabel.exchange.layouts.cvat import MASKS, read_cvat
from jlabel.exchange.layouts.decathlon import read_decathlon
from jlabel.exchange.layouts.files import entries, has_image_files
from jlabel.exchange.layouts.labelme import is_labelme, read_labelme
from jlabel.exchange.layouts.pairs import read_beside, read_pairs, read_pattern
from jlabel.exchange.layouts.yolo import read_yolo
from jlabel.files.json_values import parse_json
from jlabel.imaging.mask_names import images_of
from jlabel.progress import NO_PROGRESS, Progress

_DEEPEST = 4
_MOST_BYTES = 1 << 30
_SENSELESS = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)


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
    ``_mask``, with ``-`` or ``.``) and segmentations of 3D Slicer (``x.seg.nrrd``); and, of pictures, annotations of
    COCO, outlines of YOLO (``data.yaml``), shapes of LabelMe, and segmentation masks of CVAT. Names of labels come from
    them, from ``dataset.json``, label descriptions of ITK-SNAP (``.txt``), colour tables of 3D Slicer (``.ctbl``) and
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
            layout = _understood(read, here)
            if layout is not None and (layout.labels or layout.refused):
                found.append(layout)
    return found


def _understood(read: Callable[[], Layout | None], here: Path) -> Layout | None:
    """What a reader finds; a file that makes no sense is refused, and the other layouts are found all the same."""
    try:
        return read()
    except _SENSELESS as error:
        what = Refused(str(here), f"holds what looks like a layout, and cannot be understood: {error}")
        return Layout("not understood", here, (), (what,))


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
    yolo = read_yolo(here, files)
    if yolo is not None:
        folders.clear()
        return [lambda: yolo]
    readers: list[Callable[[], Layout | None]] = []
    if MASKS in folders:
        given = list(folders)
        readers.append(lambda: read_cvat(here, given, files))
        folders.clear()
    for labels in list(folders):
        images = images_of(labels, folders)
        if images is None or not has_image_files(here / labels):
            continue
        read = read_decathlon if labels.lower().endswith(("tr", "ts")) else read_pairs
        readers.append(partial(read, here, images, labels))
        folders.remove(labels)
    if any(name.lower().endswith(".json") for name in files):
        readers += _in_json(here, files)
    if files:
        readers.append(partial(read_beside, here))
    return readers


def _in_json(here: Path, files: list[str]) -> Iterator[Callable[[], Layout]]:
    """Annotations of COCO, and the shapes of LabelMe."""
    shapes: list[tuple[Path, dict[str, Any]]] = []
    for name in files:
        content = _annotations(here / name) if name.lower().endswith(".json") else None
        if is_coco(content):
            yield partial(read_coco, here / name, content)
        elif is_labelme(content):
            shapes.append((here / name, content))
    if shapes:
        yield partial(read_labelme, here, shapes)


def _annotations(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
        marks = (b'"annotations"', b'"shapes"')
        return parse_json(data) if any(mark in data for mark in marks) else None
    except (OSError, ValueError):
        return None
