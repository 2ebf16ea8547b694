"""What can be wrong with a catalogue's database."""

from __future__ import annotations

from jlabel.errors import DatastoreError, UnreachableError


class DamagedError(DatastoreError):
    """A database is damaged, or holds what jlabel does not make.

    Attributes:
        found: What is wrong with it.
    """

    def __init__(self, found: str, place: str = "the catalogue") -> None:
        self.found = found
        super().__init__(f"{place} is damaged ({found}): open the datastore again to have it rebuilt from the folder")


class Unwritable(DatastoreError):
    """Nothing can be written: there is no room, no permission, or the file system is only read."""


class Unavailable(UnreachableError):
    """The server of the database cannot be reached or used at the moment, or does not let this person in."""


class MovedError(DatastoreError):
    """The catalogue is somewhere else since it was opened.

    Attributes:
        to: Where it is, as the folder of its studies is to remember it; empty for the file in the folder.
    """

    def __init__(self, place: str, to: str) -> None:
        self.to = to
        super().__init__(f"{place}: the catalogue of these studies was moved meanwhile; open the studies again")
