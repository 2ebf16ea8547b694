"""What a person should know about the files of a studies folder: what was left out and why, and its layout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, func, select

from jlabel.datastores.dicom_contents import LABEL_OBJECTS
from jlabel.datastores.folder_contents import (
    ANNOTATIONS,
    BAD_DIRECTORY,
    BUNDLE,
    DAMAGED,
    LOOSE,
    MASKS,
    NO_ID,
    NO_IMAGE,
    NO_SUCH_IMAGE,
    TWIN,
    UNSUPPORTED,
    LeftOut,
)
from jlabel.datastores.folders import known_folders, left_out
from jlabel.datastores.media import NOT_THERE
from jlabel.datastores.split_series import APART, SPLIT
from jlabel.datastores.tables import ImageRow
from jlabel.datastores.version_notes import read_notes
from jlabel.imaging.file_names import VIDEO_EXTENSIONS
from jlabel.imaging.formats.reading import SUPPORTED
from jlabel.imaging.mask_names import images_of, may_hold_labels

_SHOWN = 8
_REASONS = (UNSUPPORTED, NO_IMAGE, DAMAGED, NO_ID, TWIN)
#: Under which key of a version's info it stands where it was imported from.
IMPORTED_KEY = "imported"


def folder_notes(connection: Connection, unusable: Sequence[str]) -> dict[str, str]:
    """The notes by topic, empty texts left out.

    Args:
        connection: The catalogue.
        unusable: Folders that could not be listed this time.
    """
    images, labels = left_out(connection, "images"), left_out(connection, "labels")
    for folder in unusable:
        images.setdefault(NO_ID, LeftOut()).add(folder)
    notes = {
        "left out": _left_out(images),
        "media": _media(images),
        "series": _series(images),
        "bundles": _bundles(images),
        "labels left out": _labels_left_out(labels),
        "to import": _to_import(connection, images),
    }
    return {topic: text for topic, text in notes.items() if text}


def _left_out(found: dict[str, LeftOut]) -> str:
    reasons = {reason: _of_reason(found, reason) for reason in _REASONS}
    total = sum(one.count for of_reason in reasons.values() for one in of_reason.values())
    if not total:
        return ""
    parts = [_counts(reason, of_reason) for reason, of_reason in reasons.items() if of_reason]
    files = f"{total} file{'s were' if total > 1 else ' was'} left out"
    supported = f"{_of_videos(found)}. Supported are {SUPPORTED}" if UNSUPPORTED in found else ""
    labels = ". manager.dicom_labels() lists those that are labels" if not LABEL_OBJECTS.isdisjoint(found) else ""
    return f"{files}: {'; '.join(parts)}{labels}{supported}"


def _of_videos(found: Mapping[str, LeftOut]) -> str:
    names = found[UNSUPPORTED].names
    is_any = any(name.lower().endswith(VIDEO_EXTENSIONS) for name in names)
    return ". manager.add_video() makes images of a video's frames" if is_any else ""


def _of_reason(found: Mapping[str, LeftOut], reason: str) -> dict[str, LeftOut]:
    """What was passed over for a reason, by what is said beside it; "" where nothing is."""
    start = f"{reason}: "
    alone = {"": found[reason]} if reason in found else {}
    return alone | {why.removeprefix(start): one for why, one in found.items() if why.startswith(start)}


def _counts(reason: str, of_reason: Mapping[str, LeftOut]) -> str:
    kinds = sorted(kind for kind in of_reason if kind)
    kind = f" ({', '.join(kinds)})" if kinds else ""
    count = sum(one.count for one in of_reason.values())
    return f"{count} {reason}{kind}: {_some(count, [name for one in of_reason.values() for name in one.names])}"


def _media(found: Mapping[str, LeftOut]) -> str:
    """What is wrong with the directories of media."""
    gone, parts = found.get(NOT_THERE), []
    if gone is not None:
        files = f"{gone.count} file{'s' if gone.count > 1 else ''}"
        parts.append(
            f"{files} {NOT_THERE}: {_some(gone.count, gone.names)}. Images may lack slices: copy the medium again"
        )
    bad = _of_reason(found, BAD_DIRECTORY)
    if bad:
        parts.append(f"{_counts(BAD_DIRECTORY, bad)}. Images were found by their bytes")
    return "; ".join(parts)


def _series(found: Mapping[str, LeftOut]) -> str:
    """Which images are parts of one series, and why they are not one image."""
    parts = [
        f"{SPLIT} that are an image each, since {why}: {_some(one.count, one.names)}"
        for why, one in sorted(_of_reason(found, SPLIT).items())
    ]
    apart = found.get(APART)
    if apart is not None:
        parts.append(f"{APART}, so that each file is an image of its own: {_some(apart.count, apart.names)}")
    return "; ".join(parts)


def _bundles(found: Mapping[str, LeftOut]) -> str:
    """Which folders are models and not studies."""
    one = found.get(BUNDLE)
    if one is None:
        return ""
    what = f"{one.count} MONAI bundles lie" if one.count > 1 else "a MONAI bundle lies"
    return (
        f"{what} with the images: {_some(one.count, one.names)}. None is used before its folder is named, bundles=[...]"
    )


def _labels_left_out(found: dict[str, LeftOut]) -> str:
    parts = [
        f"{found[why].count} {why}: {_some(found[why].count, found[why].names)}"
        for why in (NO_SUCH_IMAGE, LOOSE)
        if why in found
    ]
    offer = ". manager.import_plan() says which of them can be imported" if LOOSE in found else ""
    return f"label files that were not taken in: {'; '.join(parts)}{offer}" if parts else ""


def _to_import(connection: Connection, found: Mapping[str, LeftOut]) -> str:
    """Which files are labels and no images, in which usual layout, and how they become labels of the images."""
    masks, annotations = found.get(MASKS), found.get(ANNOTATIONS)
    parts = _layouts(connection)
    if masks is not None:
        parts.append(f"{_files(masks.count, 'mask')} not listed as images: {_some(masks.count, masks.names)}")
    if annotations is not None:
        shown = _some(annotations.count, annotations.names)
        parts.append(f"{_files(annotations.count, 'file')} annotations by their names: {shown}")
    total = sum(one.count for one in (masks, annotations) if one is not None)
    if not total:
        return ""
    imported = len({note.image_id for note in read_notes(connection, IMPORTED_KEY)})
    if masks is not None and imported >= masks.count:
        return f"{'; '.join(parts)}. Labels of {imported} images were imported"
    return f"{'; '.join(parts)}. manager.import_labels() makes labels of them, manager.import_plan() says before which"


def _layouts(connection: Connection) -> list[str]:
    """Which folders of labels lie beside their images, and what layout that is."""
    folders = set(known_folders(connection, "images"))
    found = []
    for labels in sorted(folders):
        parent, _, name = labels.rpartition("/")
        images = images_of(name, _siblings(parent, folders)) if may_hold_labels(name) else None
        if images is not None:
            first = f"{parent}/{images}" if parent else images
            found.append(f"{first} and {labels} are {_kind(connection, first, name)}")
    return found


def _siblings(parent: str, folders: Iterable[str]) -> list[str]:
    prefix = f"{parent}/" if parent else ""
    return sorted(one.removeprefix(prefix) for one in folders if one.rpartition("/")[0] == parent and one)


def _kind(connection: Connection, images: str, labels: str) -> str:
    if not labels.lower().endswith(("tr", "ts")):
        return "images with their labels beside them"
    channel = select(func.count()).where(ImageRow.folder == images, ImageRow.id.like("%~_0000", escape="~"))
    if connection.scalar(channel):
        return "the layout of nnU-Net (one file for each channel: _0000, _0001, …)"
    return "the layout of the Medical Segmentation Decathlon"


def _files(count: int, what: str) -> str:
    return f"{count} {what}s are" if count > 1 else f"1 {what} is"


def _some(count: int, names: Sequence[str]) -> str:
    shown = list(names)[:_SHOWN]
    return ", ".join(shown) + (", …" if count > len(shown) else "")
