"""The folders in the catalogue: their times, what a scan found in their files, and what it passed over."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from jlabel.datastores.database.statements import first_line
from jlabel.datastores.folder_contents import BUNDLE, FolderContents, LeftOut, kept_in_short
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.listing import Kept, Listing, Scan
from jlabel.datastores.split_series import APART, SPLIT
from jlabel.datastores.tables import FolderRow


def known_folders(connection: Connection, area: str) -> dict[str, int | None]:
    """The folders of an area and the times at which they were listed."""
    rows = connection.execute(select(FolderRow.path, FolderRow.mtime_ns).where(FolderRow.area == area))
    return {path: mtime_ns for path, mtime_ns in rows}  # noqa: C416 - a row is not typed as a pair


def known_contents(connection: Connection, area: str, folder: str) -> FolderContents | None:
    """What was found in the files of a folder; None where it was not looked into."""
    query = select(FolderRow.contents).where(FolderRow.area == area, FolderRow.path == folder)
    text = connection.scalar(query)
    return None if text is None else FolderContents.load(text)


def kept_folders(connection: Connection) -> dict[str, Kept]:
    """Of the folders of images what a scan asks of all of them, whether they have changed or not."""
    rows = connection.execute(select(FolderRow.path, first_line(FolderRow.contents)).where(FolderRow.area == "images"))
    return {path: Kept(*kept_in_short(text)) for path, text in rows}


def remember_folders(connection: Connection, area: str, scan: Scan) -> set[str]:
    """Keep what a scan found and return the folders that are gone."""
    known = known_folders(connection, area)
    gone = set(known) - scan.folders
    listed = {listing.folder: listing for listing in scan.listings}
    for chunk in chunks([*gone, *(folder for folder in listed if folder in known)]):
        connection.execute(delete(FolderRow).where(FolderRow.area == area, FolderRow.path.in_(chunk)))
    rows = [_row(area, listing) for listing in listed.values()]
    if rows:
        connection.execute(insert(FolderRow), rows)
    return gone


def left_out(connection: Connection, area: str) -> dict[str, LeftOut]:
    """What was passed over in an area, by the reason, with the paths of some."""
    found: dict[str, LeftOut] = {}
    query = select(FolderRow.path, FolderRow.left_out).where(FolderRow.area == area, FolderRow.left_out.is_not(None))
    for folder, text in connection.execute(query.order_by(FolderRow.path)):
        for why, count, names in _reasons(text):
            of_reason = found.setdefault(why, LeftOut())
            of_reason.count += count
            whole = not folder or why.startswith((SPLIT, APART, BUNDLE))  # those name folders themselves
            of_reason.names += names if whole else [f"{folder}/{name}" for name in names]
    return found


def _reasons(text: str | None) -> list[tuple[str, int, list[str]]]:
    """What is kept of a folder; nothing where that cannot be understood."""
    try:
        kept = json.loads(text or "[]")
        return [(str(why), int(count), [str(name) for name in names]) for why, count, names in kept]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return []


def _row(area: str, listing: Listing) -> dict[str, Any]:
    reasons = [[why, one.count, one.names] for why, one in listing.left_out.items()]
    return {
        "area": area,
        "path": listing.folder,
        "mtime_ns": listing.mtime_ns,
        "contents": listing.contents.dump() if area == "images" else None,
        "left_out": json.dumps(reasons) if reasons else None,
    }
