"""Images in the catalogue: new ones get their ids, gone ones are marked missing, returned ones are there again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, count
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from jlabel.datastores.folders import remember_folders
from jlabel.datastores.models import MISSING, PRESENT, REMOVED, ImageRow
from jlabel.datastores.queue import chunks, place_all
from jlabel.datastores.scan import Listing, Scan
from jlabel.imaging.names import split_image_name

# From so many changed folders on, reading all rows at once is faster than asking for each folder.
_MANY = 50


class ImageKey(NamedTuple):
    """What identifies an image in the catalogue."""

    pk: int
    id: str
    path: str
    folder: str
    state: int


_KEY = (ImageRow.pk, ImageRow.id, ImageRow.path, ImageRow.folder, ImageRow.state)
_BY_ID = select(*_KEY).where(ImageRow.id == bindparam("image_id"), ImageRow.state != REMOVED)


def record_scan(connection: Connection, scan: Scan, top_name: str) -> bool:
    """Bring the images' rows up to date with a scan.

    Args:
        connection: A writing transaction.
        scan: What was found.
        top_name: The id of the top folder, should it itself be one DICOM series.

    Returns:
        Whether there are images that the catalogue did not know.
    """
    gone_folders = remember_folders(connection, "images", scan)
    before = _rows_of(connection, [listing.folder for listing in scan.listings] + sorted(gone_folders))
    found = {path: listing.folder for listing in scan.listings for path in _paths(listing)}
    known = {row.path: row for row in before}
    lost = [row.pk for row in before if row.state == PRESENT and row.path not in found]
    back = [row.pk for row in before if row.state == MISSING and row.path in found]
    new = sorted(path for path in found if path not in known)
    _set_state(connection, lost, MISSING)
    _set_state(connection, back, PRESENT)
    added = _insert(connection, new, found, top_name) if new else range(0)
    place_all(connection, [*lost, *back, *added])
    return bool(new)


def free_id(path: str, taken: set[str], *, series: bool = False) -> str:
    """The id of a new image: its path without extension, or, where that is taken, with it (and a number at last)."""
    plain = path if series else path[: len(path) - len(split_image_name(path)[1])]
    numbered = (f"{path}~{number}" for number in count(2))
    return next(candidate for candidate in chain((plain, path), numbered) if candidate not in taken)


def find_image(connection: Connection, image_id: str) -> ImageKey | None:
    """The image's key, id, path, folder and state; None where it is unknown or was removed."""
    row = connection.execute(_BY_ID, {"image_id": image_id}).one_or_none()
    return None if row is None else ImageKey(*row)


def insert_image(
    connection: Connection, image_id: str, path: str, *, state: int = PRESENT, series: bool = False
) -> int:
    """Add one row and return its key; the caller puts it in its queue."""
    folder = path if series else path.rpartition("/")[0]
    row = insert(ImageRow).values(id=image_id, path=path, folder=folder, state=state, info={})
    return int(connection.execute(row.returning(ImageRow.pk)).scalar_one())


def _paths(listing: Listing) -> list[str]:
    if listing.series:
        return [listing.folder or "."]
    prefix = f"{listing.folder}/" if listing.folder else ""
    return [prefix + name for name in listing.files]


def _rows_of(connection: Connection, folders: list[str]) -> list[ImageKey]:
    query = select(*_KEY)
    if len(folders) > _MANY:
        wanted = set(folders)
        rows = (ImageKey(*row) for row in connection.execute(query))
        return [row for row in rows if row.folder in wanted]
    return [ImageKey(*row) for row in connection.execute(query.where(ImageRow.folder.in_(folders)))]


def _insert(connection: Connection, paths: list[str], folder_of: dict[str, str], top_name: str) -> range:
    taken = set(connection.scalars(select(ImageRow.id)))
    first = (connection.scalar(select(func.max(ImageRow.pk))) or 0) + 1
    rows = []
    for pk, path in enumerate(paths, first):
        series = folder_of[path] == path or path == "."
        image_id = free_id(top_name if path == "." else path, taken, series=series)
        taken.add(image_id)
        # The folder is the listed one, also for a series, which is its own: so it is found again with its listing.
        rows.append({"pk": pk, "id": image_id, "path": path, "folder": folder_of[path], "state": PRESENT, "info": {}})
    connection.execute(insert(ImageRow), rows)
    return range(first, first + len(rows))


def _set_state(connection: Connection, pks: Iterable[int], state: int) -> None:
    for chunk in chunks(pks):
        connection.execute(update(ImageRow).where(ImageRow.pk.in_(chunk)).values(state=state))
