"""Images and masks of the same names: in folders beside each other, or with a suffix in one folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from jlabel.errors import DatastoreError
from jlabel.exchange.found import Findings, FoundLabel, Layout
from jlabel.exchange.label_tables import table_beside, tables_by_image
from jlabel.exchange.layouts.files import by_stem, entries, image_files
from jlabel.exchange.layouts.slicer import is_segmentation, slicer_label
from jlabel.imaging.file_names import split_image_name
from jlabel.imaging.mask_names import masked_name

PAIRS, BESIDE, PATTERN = "images and labels of the same names", "masks beside their images", "by a pattern"
_PLACE = "{name}"


def read_pairs(folder: Path, images: str, labels: str) -> Layout:
    """The labels of a folder with ``images`` and ``labels``, whose files have the same names.

    Args:
        folder: The folder.
        images: The name of the folder of images in it.
        labels: That of the labels.
    """
    found = Findings()
    files = image_files(folder / images)
    names, by_image = table_beside(folder, folder / labels), tables_by_image(folder)
    for stem, path in image_files(folder / labels).items():
        image = by_stem(files, stem) or by_stem(files, _without_suffix(path, stem))
        if image is None:
            found.refuse(path, f"there is no image of that name in {folder / images}")
            continue
        own = split_image_name(image.relative_to(folder / images).as_posix())[0]
        _add(found, FoundLabel(own, path, (image,), by_image.get(own, names)))
    return found.layout(PAIRS, folder)


def read_beside(folder: Path) -> Layout | None:
    """The files that are masks by their names, ``x_seg.nii.gz`` and segmentations of 3D Slicer; None without one.

    Their images may lie beside them or elsewhere.
    """
    _, names = entries(folder)
    masks = {name: image for name in names if (image := masked_name(name)) is not None}
    if not masks:
        return None
    images = {split_image_name(name)[0].lower(): folder / name for name in names if name not in masks}
    found, table = Findings(), table_beside(folder)
    for name, stem in masks.items():
        beside = images.get(stem.lower())
        own = stem if beside is None else split_image_name(beside.name)[0]
        _add(found, FoundLabel(own, folder / name, () if beside is None else (beside,), table))
    return found.layout(BESIDE, folder)


def read_pattern(folder: Path, pattern: str) -> Layout:
    """The label files whose paths in the folder follow a pattern such as ``"masks/{name}_mask.nii.gz"``.

    Raises:
        DatastoreError: The pattern does not say where the image's name is.
    """
    if pattern.count(_PLACE) != 1:
        raise DatastoreError(f"the pattern {pattern!r} has {_PLACE} once, where the name of the image is")
    wanted = _as_expression(pattern)
    found, table = Findings(), table_beside(folder)
    for path in image_files(folder).values():
        match = wanted.fullmatch(path.relative_to(folder).as_posix())
        if match is not None:
            _add(found, FoundLabel(match["name"], path, (), table))
    return found.layout(PATTERN, folder)


def _as_expression(pattern: str) -> re.Pattern[str]:
    """``*`` stands for anything within a name, ``{name}`` for the name of the image, with folders."""
    parts: Sequence[str] = re.split(r"(\{name\}|\*)", pattern)
    meant = {_PLACE: "(?P<name>.+)", "*": "[^/]*"}
    return re.compile("".join(meant.get(part, re.escape(part)) for part in parts))


def _without_suffix(path: Path, stem: str) -> str:
    masked = masked_name(path.name)
    return stem if masked is None else stem[: len(stem) - len(split_image_name(path.name)[0]) + len(masked)]


def _add(found: Findings, label: FoundLabel) -> None:
    if not is_segmentation(label.source):
        found.labels.append(label)
        return
    try:
        found.labels.append(slicer_label(label))
    except ValueError as error:
        found.refuse(label.source, str(error))
