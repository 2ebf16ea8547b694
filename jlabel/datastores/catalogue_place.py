"""Which catalogue a studies folder has: the file in ``.jlabel``, or one elsewhere that the folder remembers.

A catalogue that is elsewhere and its folder know each other by a random id, so that no folder works with the catalogue
of another one, and no folder has two.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from jlabel.datastores.catalogue_link import ANOTHER_FILE, CATALOGUE, CatalogueLink, new_id, read_link, write_link
from jlabel.datastores.database.address import PostgresAddress, can_be_kept, parse_address
from jlabel.datastores.database.sqlite import is_moved
from jlabel.datastores.setting_rows import get_setting, set_setting
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import replace

#: Names the catalogue in the environment, for folders that have none yet.
VARIABLE = "JLABEL_CATALOGUE"
#: The setting under which a catalogue that is elsewhere keeps the id of its folder.
STUDIES_ID = "studies_id"

Address = Path | PostgresAddress
StudiesId = Callable[[], str | None]
"""Gives the id of studies that have one on every machine; None where the folder and the catalogue agree on one."""


def kept_place(address: Address, own: Path) -> str:
    """What the folder remembers of an address."""
    if isinstance(address, PostgresAddress):
        if not can_be_kept(address):
            raise DatastoreError(
                f"{address}: with settings that name files it cannot be kept in the studies folder; give them in the "
                "environment (PGSSLROOTCERT and the like)"
            )
        return str(address)
    return "" if _same(address, own / CATALOGUE) else ANOTHER_FILE


class CataloguePlace:
    """Finds the catalogue of a folder, and sees to it that folder and catalogue belong together.

    Args:
        own: The folder ``.jlabel``.
        given: The address that a person gave; None where nobody did.
        studies_id: Gives the id of studies that have one on every machine.

    Attributes:
        address: Where the catalogue is.

    Raises:
        DatastoreError: The folder has another catalogue than the one that is given.
    """

    def __init__(
        self, own: Path, given: str | Path | PostgresAddress | None = None, studies_id: StudiesId = lambda: None
    ) -> None:
        self._own = own
        self._studies_id = studies_id
        self._file = own / CATALOGUE
        self._link = read_link(own)
        named = given if given is None or isinstance(given, PostgresAddress) else parse_address(given)
        self.address: Address = self._chosen(named)
        if not self.is_inside:
            set_aside_moved(own)

    @property
    def is_inside(self) -> bool:
        """Whether it is the file in the folder."""
        return isinstance(self.address, Path) and _same(self.address, self._file)

    def claim(self, connection: Connection) -> None:
        """See to it that catalogue and folder belong together, as a part of a writing transaction.

        Raises:
            DatastoreError: The catalogue is that of another folder.
        """
        if self.is_inside:
            return
        kept = get_setting(connection, STUDIES_ID)
        link = self._link
        if link is None:
            known = self._studies_id()
            fresh = get_setting(connection, "scanned") is None
            link = CatalogueLink(known or kept or new_id()) if fresh or (known is not None and kept == known) else None
        if link is None or (kept is not None and kept != link.id) or (kept is None and link.place):
            raise DatastoreError(
                f"{self.address} is not the catalogue of {self._own.parent}, but that of other studies. Each studies "
                "folder has its own: name a schema for it, postgresql://…?schema=NAME"
            )
        if not link.place:
            write_link(self._own, link)  # before the catalogue knows it, so that it is found again after a kill
            set_setting(connection, STUDIES_ID, link.id)
        self._link = link

    def remember(self) -> None:
        """Have the folder name its catalogue, once the catalogue knows the folder."""
        link = self._link
        if link is not None and not self.is_inside and not link.place:
            self._link = CatalogueLink(link.id, kept_place(self.address, self._own))
            write_link(self._own, self._link)

    def follow(self, to: str) -> None:
        """Have the folder remember where its catalogue was moved, which whoever moved it could not do any more."""
        if self._link is None:
            raise DatastoreError(
                f"{self._own.parent}: its catalogue was moved, and the folder does not remember its id"
            )
        self._link = CatalogueLink(self._link.id, to)
        write_link(self._own, self._link)
        set_aside_moved(self._own)
        self.address = self._chosen(None)

    def _chosen(self, named: Address | None) -> Address:
        link = self._link
        elsewhere = link is not None and bool(link.place)
        if named is None:
            named = self._of_environment()
        if named is None:
            return self._remembered(link) if link is not None and link.place else self._file
        if isinstance(named, Path) and _same(named, self._file):
            if link is not None and link.place:
                raise DatastoreError(
                    f"{self._own.parent}: its catalogue is {_said(link.place)} and no longer the file {self._file}"
                )
            return self._file
        if not elsewhere and self._file.exists():
            raise DatastoreError(
                f"{self._own.parent} has a catalogue, the file {self._file}, and a folder has only one. Move it there "
                f"with manager.migrate_catalogue(to=…) or 'jlabel migrate-catalogue {self._own.parent} ADDRESS'"
            )
        return named

    def _remembered(self, link: CatalogueLink) -> Address:
        address = _named(link)
        if address is None:
            raise DatastoreError(
                f"{self._own.parent}: its catalogue is {_said(link.place)}, which the folder does not name: give its "
                f"path, catalogue=…, or set {VARIABLE}"
            )
        return address

    def _of_environment(self) -> Address | None:
        """What the environment names, where it is for this folder: one that has no catalogue yet, or this one."""
        text = os.environ.get(VARIABLE)
        if not text:
            return None
        named = parse_address(text)
        if self._link is None or not self._link.place:
            return None if self._file.exists() else named
        address = _named(self._link)
        if isinstance(named, Path):
            return named if address is None else None
        return named if address is not None and address.location == named.location else None


def set_aside_moved(own: Path) -> None:
    """Give the file of a catalogue that was moved elsewhere another name, under which it is kept."""
    file = own / CATALOGUE
    if file.exists() and is_moved(file):
        aside = f"{CATALOGUE}.moved-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{time.time_ns() % 1_000_000}"
        for ending in ("", "-wal", "-shm"):
            if (own / f"{CATALOGUE}{ending}").exists():
                replace(own / f"{CATALOGUE}{ending}", own / f"{aside}{ending}")


def _said(place: str) -> str:
    return place if "://" in place else "in a file elsewhere"


def _same(one: Path, other: Path) -> bool:
    return os.path.abspath(one) == os.path.abspath(other)  # noqa: PTH100 - links in the path are kept


def _named(link: CatalogueLink) -> PostgresAddress | None:
    """The address that the folder names; None where it names none."""
    found = parse_address(link.place, from_folder=True) if "://" in link.place else None
    return found if isinstance(found, PostgresAddress) else None
