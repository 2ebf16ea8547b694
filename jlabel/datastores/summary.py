"""How far the images of a studies folder are labelled, as its catalogue says, without looking through the folder.

What opens a datastore takes a second to import, which a person who only asks how things stand should not wait for: this
reads the catalogue with Python's own SQLite.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jlabel.datastores.catalogue_link import CATALOGUE, remembers_another
from jlabel.datastores.drafts import drafted_ids
from jlabel.datastores.safe_names import problem_with_id
from jlabel.files.links import OWN_FOLDER, is_link

# Numbers of the catalogue's tables (tables.py, image_queue.py), which would import SQLAlchemy.
_VERSION = "4"
_PRESENT, _MISSING = 0, 1
_WAITING, _SKIPPED, _UNREADABLE, _UNSHOWN = range(4)


@dataclass(frozen=True)
class StudiesSummary:
    """What is known of a studies folder.

    Attributes:
        name: The name of the studies.
        folder: The folder, absolute.
        total: How many images there are.
        labelled: Those with a final label.
        unlabelled: Those without one, whether they wait, were skipped, or are unreadable or unshown.
        skipped: Of the unlabelled ones those that were put last.
        unreadable: Of the unlabelled ones those whose file cannot be read.
        unshown: Of the unlabelled ones those whose final label cannot be shown.
        missing: Images whose files are gone.
        drafts: Images with a draft that is not saved.
        label_tags: How many labels there are of each tag.
        changed: Folders in which files have come or gone since they were looked through; "" is the studies folder.
    """

    name: str
    folder: Path
    total: int
    labelled: int
    unlabelled: int
    skipped: int
    unreadable: int
    unshown: int
    missing: int
    drafts: int
    label_tags: dict[str, int]
    changed: tuple[str, ...]


def studies_summary(folder: Path) -> StudiesSummary | None:
    """What the catalogue of a studies folder says.

    Args:
        folder: The folder.

    Returns:
        None where there is no catalogue that this can read: one that another version of jlabel wrote, a damaged one, or
        a folder that no datastore has opened yet.
    """
    root = Path(os.path.abspath(folder.expanduser()))  # noqa: PTH100 - links in the path are kept
    file = root / OWN_FOLDER / CATALOGUE
    if is_link(root / OWN_FOLDER) or is_link(file) or not file.is_file() or remembers_another(root / OWN_FOLDER):
        return None
    try:
        with _opened(file) as connection:
            return _summary(connection, root)
    except sqlite3.Error:
        return None


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("BEGIN")  # one state, whoever writes meanwhile
        yield connection
    finally:
        connection.close()


def _summary(connection: sqlite3.Connection, root: Path) -> StudiesSummary | None:
    settings = dict(connection.execute("SELECT key, value FROM setting WHERE key != 'notes'"))
    if settings.get("schema_version") != _VERSION or "scanned" not in settings:
        return None
    states = dict(connection.execute("SELECT state, count(*) FROM image GROUP BY state"))
    queues = dict(connection.execute("SELECT queue, count(*) FROM image WHERE queue IS NOT NULL GROUP BY queue"))
    tags = dict(connection.execute("SELECT tag, count(*) FROM label WHERE number IS NOT NULL GROUP BY tag"))
    total, unlabelled = states.get(_PRESENT, 0), sum(queues.values())
    return StudiesSummary(
        name=settings.get("name") or root.name,
        folder=root,
        total=total,
        labelled=total - unlabelled,
        unlabelled=unlabelled,
        skipped=queues.get(_SKIPPED, 0),
        unreadable=queues.get(_UNREADABLE, 0),
        unshown=queues.get(_UNSHOWN, 0),
        missing=states.get(_MISSING, 0),
        drafts=len(drafted_ids(root / OWN_FOLDER / "drafts")),
        label_tags=tags,
        changed=tuple(_changed(connection, root, settings)),
    )


def _changed(connection: sqlite3.Connection, root: Path, settings: dict[str, str]) -> Iterator[str]:
    """Folders whose time is another than when they were listed."""
    tops = {"images": settings.get("images_dir") or "", "labels": settings.get("labels_dir") or "labels"}
    for area, path, mtime_ns in connection.execute("SELECT area, path, mtime_ns FROM folder ORDER BY area, path"):
        place = "/".join(part for part in (tops.get(area, ""), path) if part)
        if place and problem_with_id(place) is not None:
            continue
        try:
            now = (root / place).stat().st_mtime_ns
        except OSError:
            now = None
        if now is None or now != mtime_ns:
            yield place
