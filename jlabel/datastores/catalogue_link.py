"""What a studies folder remembers of its catalogue, where that is not the file in ``.jlabel``."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from jlabel.errors import DatastoreError
from jlabel.files.atomic import atomic_write
from jlabel.files.json_values import parse_json
from jlabel.files.plain_files import read_plain

#: The file of a catalogue that is in the folder.
CATALOGUE = "catalogue.sqlite"
#: In the place of an address: a file that the folder does not name, since a text in a file is no path.
ANOTHER_FILE = "another file"

_LINK = "catalogue.json"
_MOST_BYTES = 4096
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class CatalogueLink:
    """What a folder remembers of its catalogue.

    Attributes:
        id: The id that the catalogue has, too.
        place: Where it is, without a password; empty for the file in the folder.
    """

    id: str
    place: str = ""


def read_link(own: Path) -> CatalogueLink | None:
    """What the folder remembers; None where it has its catalogue in it and knows of no other.

    Args:
        own: The folder ``.jlabel``.

    Raises:
        DatastoreError: The file cannot be understood.
    """
    file = own / _LINK
    try:
        kept = parse_json(read_plain(file, _MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DatastoreError(f"{file}: it says where the catalogue is, and cannot be read: {error}") from error
    found = [str(kept.get(key)) for key in ("id", "catalogue")] if isinstance(kept, dict) else [""]
    if not _ID.fullmatch(found[0]):
        raise DatastoreError(f"{file}: it says where the catalogue is, and was changed by another program")
    return CatalogueLink(found[0], found[1])


def write_link(own: Path, link: CatalogueLink) -> None:
    """Have the folder remember it; all or nothing."""
    content = json.dumps({"id": link.id, "catalogue": link.place}).encode()
    atomic_write(own / _LINK, lambda out: out.write(content))


def new_id() -> str:
    """An id that no other folder has."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Whether :func:`new_id` may have given it."""
    return _ID.fullmatch(text) is not None


def remembers_another(own: Path) -> bool:
    """Whether the catalogue of a folder is elsewhere, as far as the folder says."""
    with contextlib.suppress(DatastoreError):
        link = read_link(own)
        return link is not None and bool(link.place)
    return True
