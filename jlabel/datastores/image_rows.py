"""Images in the catalogue: new ones get their ids, gone ones are marked missing, returned ones are there again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from jlabel.datastores.database.statements import is_spelling_of, new_keys
from jlabel.datastores.folders import remember_folders
from jlabel.datastores.image_queue import chunks, place_all
from jlabel.datastores.listing import Listing, Scan, Series
from jlabel.datastores.media import names_of, series_names
from jlabel.datastores.spelling import canonical, folded, spellings
from jlabel.datastores.tables import MISSING, PRESENT, REMOVED, ImageRow, LabelRow
from jlabel.imaging.file_names import DICOM_EXTENSIONS, is_image_name, split_image_name
from jlabel.imaging.formats.dicom_directory import SeriesNames
from jlabel.imaging.formats.dicom_groups import parse_series_path, series_mark, series_name

# From so many changed folders on, reading all rows at once is faster than asking for each folder.
_MANY = 50


@dataclass(frozen=True)
class _Found:
    """An image on disk: its path, the folder in which it was found, and the series that it is, if it is DICOM."""

    path: str
    folder: str
    series: Series | None = None


class ImageKey(NamedTuple):
    """What identifies an image in the catalogue."""

    pk: int
    id: str
    path: str
    folder: str
    state: int


_KEY = (ImageRow.pk, ImageRow.id, ImageRow.path, ImageRow.folder, ImageRow.state)
_BY_ID = select(*_KEY).where(ImageRow.id == bindparam("image_id"), ImageRow.state != REMOVED)


#: Under which key of an image's info the names stand that the directory of a medium gives.
NAMES_KEY = "dicom"


def record_scan(
    connection: Connection, scan: Scan, top_name: str, newest: int, drafted: Callable[[], Collection[str]] = tuple
) -> bool:
    """Bring the images' rows up to date with a scan.

    An image keeps its id when its file gets another spelling, and a series when others come into its folder or go. What
    had become an image of its own and is part of another one now leaves the list, but for one that has a label or a
    draft.

    Args:
        connection: A writing transaction.
        scan: What was found.
        top_name: The id of the top folder, should it itself be one DICOM series.
        newest: What :func:`newest_image` was before the scan: an image that another process has added since is not
            lost.
        drafted: Gives the ids of images that have a draft.

    Returns:
        Whether there are images that the catalogue did not know.
    """
    gone_folders = remember_folders(connection, "images", scan)
    before = _rows_of(connection, [listing.folder for listing in scan.listings] + sorted(gone_folders))
    found = {one.path: one for listing in scan.listings for one in _found_in(listing, before)}
    before = _moved(connection, scan, before, found)
    known = {row.path: row for row in before}
    lost = [row.pk for row in before if row.state == PRESENT and row.path not in found and row.pk <= newest]
    back = [row.pk for row in before if row.state == MISSING and row.path in found]
    new = sorted(path for path in found if path not in known)
    gone = {*lost}
    lost = sorted(gone - _parts_with_work(connection, scan, [row for row in before if row.pk in gone], drafted))
    _set_state(connection, lost, MISSING)
    _set_state(connection, back, PRESENT)
    names = series_names(scan.listings)
    added = _insert(connection, [found[path] for path in new], top_name, names) if new else range(0)
    place_all(connection, [*lost, *back, *added])
    return bool(new)


def newest_image(connection: Connection) -> int:
    """The key of the image that came last; 0 where there is none."""
    return connection.scalar(select(func.max(ImageRow.pk))) or 0


def free_id(path: str, taken: set[str], *, series: bool = False) -> str:
    """The id of a new image: its path without extension, or, where that is taken, with it (and a number at last).

    Args:
        path: Relative to the top of the images.
        taken: The ids that there are, as :func:`jlabel.datastores.spelling.folded` gives them: labels of two images are
            never one file, on no file system.
        series: Whether it is a folder, or an id already: then there is no extension.
    """
    path = canonical(path)
    plain = path if series else path[: len(path) - len(_extension(path))]
    numbered = (f"{path}~{number}" for number in count(2))
    return next(candidate for candidate in chain((plain, path), numbered) if folded(candidate) not in taken)


def find_image(connection: Connection, image_id: str) -> ImageKey | None:
    """The image's key, id, path, folder and state; None where it is unknown or was removed.

    The id may be in another unicode form, and in other letters' case where only one image is meant.
    """
    for spelling in spellings(image_id):
        row = connection.execute(_BY_ID, {"image_id": spelling}).one_or_none()
        if row is not None:
            return ImageKey(*row)
    alike = is_spelling_of(connection, ImageRow.id, image_id)
    rows = connection.execute(select(*_KEY).where(ImageRow.state != REMOVED, alike).limit(2)).all()
    return ImageKey(*rows[0]) if len(rows) == 1 else None


def insert_image(
    connection: Connection, image_id: str, path: str, *, state: int = PRESENT, series: bool = False
) -> int:
    """Add one row and return its key; the caller puts it in its queue."""
    folder = path if series else path.rpartition("/")[0]
    row = insert(ImageRow).values(id=image_id, path=path, folder=folder, state=state, info={})
    return int(connection.execute(row.returning(ImageRow.pk)).scalar_one())


def _found_in(listing: Listing, before: list[ImageKey]) -> list[_Found]:
    prefix = f"{listing.folder}/" if listing.folder else ""
    paths = {row.path for row in before}
    found = [_Found(prefix + name, listing.folder) for name in listing.files]
    for series in listing.series:
        path, own = series.path, prefix + series.group.files[0]
        # A catalogue of before may know a single slice by its file or by its folder.
        if series.group.stack and len(series.group.files) == 1 and path not in paths:
            path = next((other for other in (own, listing.folder or ".") if other in paths), path)
        found.append(_Found(path, listing.folder, series))
    return found


def _moved(connection: Connection, scan: Scan, before: list[ImageKey], found: dict[str, _Found]) -> list[ImageKey]:
    """Give rows the paths that their images have now, and return the rows as they are then."""
    known = {row.path: row for row in before}
    moves: dict[int, str] = {}
    for listing in scan.listings:
        was = [one for one in listing.before or () if one.path in known and one.path not in found]
        for series in listing.series:
            same = [one for one in was if {*one.group.files} & {*series.group.files}]
            if same and series.path in found and series.path not in known:
                old = max(same, key=lambda one: len({*one.group.files} & {*series.group.files}))
                moves[known[old.path].pk] = series.path
                was.remove(old)
    joined = {row.pk: row.path for row in before if row.path not in found and row.pk not in moves}
    for path, image in found.items():
        if image.series is not None and image.series.folders and path not in known:
            old_row = next((pk for pk, former in joined.items() if _is_former(former, image.series)), None)
            if old_row is not None:
                moves[old_row] = path
                del joined[old_row]
    spelled = {folded(row.path): row for row in before if row.path not in found and row.pk not in moves}
    for path in found:
        row = spelled.pop(folded(path), None) if path not in known and path not in moves.values() else None
        if row is not None and row.state != REMOVED:
            moves[row.pk] = path
    for pk, path in moves.items():
        folder = found[path].folder
        connection.execute(update(ImageRow).where(ImageRow.pk == pk).values(path=path, folder=folder))
    return [
        row._replace(path=moves[row.pk], folder=found[moves[row.pk]].folder) if row.pk in moves else row
        for row in before
    ]


def _is_former(path: str, series: Series) -> bool:
    """Whether a path is that of the same series when its files lay in other folders, some of which are the same."""
    former = parse_series_path(Path(path))
    if former is None or former.key != series.group.key:
        return False
    return not {(former.folder / part).as_posix() for part in former.parts}.isdisjoint(series.folders)


def _parts_with_work(
    connection: Connection, scan: Scan, lost: list[ImageKey], drafted: Callable[[], Collection[str]]
) -> set[int]:
    """Those of the lost ones that have a label or a draft and lie there all the same, as a part of an image now."""
    there = {listing.folder: listing for listing in scan.listings}

    def lies_there(row: ImageKey) -> bool:
        listing = there.get(row.folder)
        if listing is None:
            return False
        if row.path in (row.folder, "."):
            return any(series.group.stack for series in listing.own)
        return row.path.rpartition("/")[2] in listing.names or any(row.path == one.path for one in listing.own)

    parts = [row for row in lost if lies_there(row)]
    with_draft = set(drafted()) if parts else set()
    kept = {row.pk for row in parts if row.id in with_draft}
    for chunk in chunks(row.pk for row in parts):
        query = select(LabelRow.image_pk).where(LabelRow.image_pk.in_(chunk), LabelRow.number.is_not(None))
        kept.update(connection.scalars(query))
    return kept


def _rows_of(connection: Connection, folders: list[str]) -> list[ImageKey]:
    query = select(*_KEY)
    if len(folders) > _MANY:
        wanted = set(folders)
        rows = (ImageKey(*row) for row in connection.execute(query))
        return [row for row in rows if row.folder in wanted]
    return [ImageKey(*row) for row in connection.execute(query.where(ImageRow.folder.in_(folders)))]


def _insert(
    connection: Connection, images: list[_Found], top_name: str, called: Mapping[str, Mapping[str, SeriesNames]]
) -> range:
    taken = {folded(image_id) for image_id in connection.scalars(select(ImageRow.id))}
    pks = new_keys(connection, ImageRow, len(images))
    names = _series_ids(images)
    rows = []
    for pk, image in zip(pks, images, strict=True):
        name = top_name if image.path == "." else names.get(image.path, image.path)
        image_id = free_id(name, taken, series=image.path in names or image.path in (".", image.folder))
        taken.add(folded(image_id))
        # The folder is the listed one, also for a series, which is its own: so it is found again with its listing.
        info = _info(image, called)
        rows.append(
            {"pk": pk, "id": image_id, "path": image.path, "folder": image.folder, "state": PRESENT, "info": info}
        )
    connection.execute(insert(ImageRow), rows)
    return pks


def _info(image: _Found, called: Mapping[str, Mapping[str, SeriesNames]]) -> dict[str, Any]:
    if image.series is None or not called:
        return {}
    names = names_of(image.series.group.header.series, image.folder, called)
    return {} if names is None else {NAMES_KEY: {key: text for key, text in names._asdict().items() if text}}


def _series_ids(images: list[_Found]) -> dict[str, str]:
    """The wanted ids of those that are one of several series in a folder: number and description tell them apart, or a
    mark where they are the same."""
    ids: dict[str, str] = {}
    for image in images:
        if image.series is not None and len(image.series.group.files) > 1 and not image.series.whole:
            name = series_name(image.series.group)
            ids[image.path] = f"{image.series.home}/{name}" if image.series.home else name
    often = Counter(folded(name) for name in ids.values())
    marks = {image.path: series_mark(image.series.group) for image in images if image.series is not None}
    return {path: name if often[folded(name)] == 1 else f"{name}_{marks[path]}" for path, name in ids.items()}


def _extension(path: str) -> str:
    """The extension that an id leaves out: that of an image format, and no number of a DICOM file's name."""
    ending = split_image_name(path)[1]
    return ending if is_image_name(f"a{ending}") or ending.lower() in DICOM_EXTENSIONS else ""


def _set_state(connection: Connection, pks: Iterable[int], state: int) -> None:
    for chunk in chunks(pks):
        connection.execute(update(ImageRow).where(ImageRow.pk.in_(chunk)).values(state=state))
