"""The DICOM objects of a studies folder that hold labels, and the series that its images are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, select

from jlabel.datastores.folder_contents import NO_IMAGE, FolderContents
from jlabel.datastores.tables import PRESENT, FolderRow, ImageRow
from jlabel.imaging.formats.dicom_groups import Group, main_group, parse_series_path, series_path
from jlabel.imaging.formats.dicom_objects import LABEL_MAP_SEGMENTATION, SEGMENTATION, STRUCTURE_SET, no_image

#: The reasons for which objects that hold labels are left out of the images.
LABEL_OBJECTS = {f"{NO_IMAGE}: {no_image(uid)}" for uid in (SEGMENTATION, LABEL_MAP_SEGMENTATION, STRUCTURE_SET)}


@dataclass(frozen=True)
class DicomContents:
    """What DICOM files of a datastore say beside their pixels.

    Attributes:
        labels: The files that hold a segmentation (SEG) or contours (RTSTRUCT), in the order of their paths.
        series: Image ids to the SeriesInstanceUID of their files; images of other formats are not listed.
    """

    labels: tuple[Path, ...] = ()
    series: Mapping[str, str] = field(default_factory=dict)


def dicom_contents(connection: Connection, top: Path) -> DicomContents:
    """As the folders were when they were listed last.

    Args:
        connection: The catalogue.
        top: The folder of the images.
    """
    kept = select(FolderRow.path, FolderRow.contents).where(FolderRow.area == "images", FolderRow.contents.is_not(None))
    folders = {path: FolderContents.load(text) for path, text in connection.execute(kept.order_by(FolderRow.path))}
    labels = tuple(
        top / folder / name
        for folder, contents in folders.items()
        for name, seen in sorted(contents.files.items())
        if seen.why in LABEL_OBJECTS
    )
    images = select(ImageRow.path, ImageRow.id).where(ImageRow.state == PRESENT).order_by(ImageRow.id)
    ids = {path: image_id for path, image_id in connection.execute(images)}  # noqa: C416 - a row is not typed as a pair
    uids = {uid for contents in folders.values() for uid in contents.series()}
    series = {}
    for path, image_id in ids.items():
        named = parse_series_path(Path(path))
        if named is not None and named.key in uids:
            series[image_id] = named.key
    for folder, contents in folders.items():
        series.update((ids[path], uid) for path, uid in _paths(folder, contents.groups()) if path in ids)
    return DicomContents(labels, dict(sorted(series.items())))


def _paths(folder: str, groups: list[Group]) -> Iterator[tuple[str, str]]:
    """The paths under which the images of a folder may be listed, and their SeriesInstanceUID."""
    main = main_group(groups)
    for group in groups:
        if group is main:
            yield folder or ".", group.header.series
        yield series_path(folder, group), group.header.series
        if len(group.files) == 1:
            yield f"{folder}/{group.files[0]}".lstrip("/"), group.header.series
