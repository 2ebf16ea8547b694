"""The folders' times in the catalogue: what a scan found last time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select

from jlabel.datastores.models import FolderRow
from jlabel.datastores.queue import chunks
from jlabel.datastores.scan import Scan


def known_folders(connection: Connection, area: str) -> dict[str, int | None]:
    """The folders of an area and the times at which they were listed."""
    rows = connection.execute(select(FolderRow.path, FolderRow.mtime_ns).where(FolderRow.area == area))
    return {path: mtime_ns for path, mtime_ns in rows}  # noqa: C416 - a row is not typed as a pair


def remember_folders(connection: Connection, area: str, scan: Scan) -> set[str]:
    """Keep what a scan found and return the folders that are gone."""
    known = known_folders(connection, area)
    gone = set(known) - scan.folders
    changed = {
        listing.folder: listing.mtime_ns
        for listing in scan.listings
        if listing.folder not in known or known[listing.folder] != listing.mtime_ns
    }
    for chunk in chunks([*gone, *(folder for folder in changed if folder in known)]):
        connection.execute(delete(FolderRow).where(FolderRow.area == area, FolderRow.path.in_(chunk)))
    rows: list[dict[str, Any]] = [
        {"area": area, "path": folder, "mtime_ns": mtime_ns} for folder, mtime_ns in changed.items()
    ]
    if rows:
        connection.execute(insert(FolderRow), rows)
    return gone
