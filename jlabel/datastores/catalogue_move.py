"""Moving a catalogue to another database: copied and compared in one transaction, and then decided by one commit.

The former catalogue says in its last transaction where the new one is. Until that is committed it is the one, and from
then on the new one is, wherever a process is killed.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from sqlalchemy import Connection, inspect

from jlabel.datastores.catalogue import Catalogue, explained, open_database
from jlabel.datastores.catalogue_copy import copy_rows
from jlabel.datastores.catalogue_link import CATALOGUE, CatalogueLink, new_id, read_link, write_link
from jlabel.datastores.catalogue_place import STUDIES_ID, Address, StudiesId, kept_place, set_aside_moved
from jlabel.datastores.catalogue_schema import kept_version, make_tables, remove_tables
from jlabel.datastores.database.address import PostgresAddress, parse_address
from jlabel.datastores.database.sqlite import mark_moved as mark_file_moved
from jlabel.datastores.setting_rows import get_setting, set_setting
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import replace, sync_folder
from jlabel.files.temporary import temporary_name
from jlabel.progress import NO_PROGRESS, Progress

#: In the place of an address: the file in the studies folder.
IN_FOLDER = "sqlite"


def move_catalogue(
    catalogue: Catalogue,
    own: Path,
    to: str | Path,
    progress: Progress = NO_PROGRESS,
    studies_id: StudiesId = lambda: None,
) -> str:
    """Move a catalogue and go on with it where it is then.

    Args:
        catalogue: The catalogue, open.
        own: The folder ``.jlabel`` of its studies.
        to: ``postgresql://…``, the path of a file that is not there yet, or ``"sqlite"`` for the file in the folder.
        progress: Hears how far it is, and can cancel it.
        studies_id: Gives the id of studies that have one on every machine.

    Returns:
        Where it is now, without a password.

    Raises:
        DatastoreError: It cannot be moved there; says why, and nothing has changed.
        Cancelled: ``progress`` cancelled it; nothing has changed.
    """
    target = parse_address(to) if to != IN_FOLDER else own / CATALOGUE
    _check(catalogue, target, inside=target == own / CATALOGUE)
    kept = kept_place(target, own)
    link = _known(own, catalogue, studies_id)
    made = own / "tmp" / temporary_name(".sqlite") if isinstance(target, Path) else target
    try:
        with catalogue.write() as source:
            _fill(source, made, link.id, catalogue.timeout, progress)
            progress.check()
            if isinstance(made, Path) and isinstance(target, Path):
                _put(made, target)
            _mark(source, kept)
    finally:
        if isinstance(made, Path):
            for ending in ("", "-wal", "-shm"):
                Path(f"{made}{ending}").unlink(missing_ok=True)
    write_link(own, CatalogueLink(link.id, kept))
    catalogue.go_to(target)
    set_aside_moved(own)
    return catalogue.database.place


def _check(catalogue: Catalogue, target: Address, inside: bool) -> None:
    catalogue.check_writing()
    here = catalogue.address
    if here == target or (
        isinstance(here, PostgresAddress) and isinstance(target, PostgresAddress) and here.location == target.location
    ):
        raise DatastoreError(f"{target}: the catalogue is there already")
    if isinstance(target, Path) and not inside and target.exists():
        raise DatastoreError(f"{target}: there is a file of that name already, and it is not written over")


def _known(own: Path, catalogue: Catalogue, studies_id: StudiesId) -> CatalogueLink:
    """What the folder remembers, which has an id from now on."""
    link = read_link(own)
    if link is None:
        link = CatalogueLink(studies_id() or new_id(), kept_place(catalogue.address, own))
        write_link(own, link)
    return link


def _fill(source: Connection, made: Address, studies_id: str, timeout: float, progress: Progress) -> None:
    """Make a copy, which nobody works with yet."""
    database = open_database(made, timeout)
    database.follows_moves = False
    try:
        with explained(database):
            database.prepare()
            with database.write() as target:
                _clear(target, studies_id, database.place)
                make_tables(target)
                target.exec_driver_sql("DELETE FROM setting WHERE key = 'schema_version'")
                copy_rows(source, target, progress)
                set_setting(target, STUDIES_ID, studies_id)
    finally:
        database.close()


def _clear(target: Connection, studies_id: str, place: str) -> None:
    """Remove what an attempt left that was interrupted, or what the studies had there before.

    Raises:
        DatastoreError: Other studies have their catalogue there.
    """
    if kept_version(target) is None:
        strange = [name for name in inspect(target).get_table_names() if name in ("image", "label", "version")]
        if strange:
            raise DatastoreError(f"{place}: there are tables of another program ({', '.join(strange)}); name a schema")
        return
    owner = get_setting(target, STUDIES_ID)
    if owner != studies_id and (owner is not None or get_setting(target, "scanned") is not None):
        raise DatastoreError(
            f"{place} is the catalogue of other studies. Each studies folder has its own: name a schema for it, "
            "postgresql://…?schema=NAME"
        )
    remove_tables(target)


def _put(made: Path, target: Path) -> None:
    """Give a finished file its name; what was left there is set aside."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    if target.exists():
        replace(target, target.with_name(f"{target.name}.left-{time.time_ns()}"))
    try:
        replace(made, target)
    except OSError:
        # The file systems differ: nobody reads it there before the move is decided.
        target.write_bytes(made.read_bytes())
    sync_folder(target.parent)


def _mark(source: Connection, kept: str) -> None:
    """Have the former catalogue say where the new one is."""
    set_setting(source, "moved", kept)
    if source.dialect.name == "sqlite":
        mark_file_moved(source)
