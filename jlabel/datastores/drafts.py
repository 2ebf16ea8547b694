"""Where drafts that are not saved are kept: a file for each image and each labeling session."""

from __future__ import annotations

import os
import re
from pathlib import Path

_ENDING = ".draft"
# The name starts with a dot, which no part of an image id does: so no image's draft can have another's name.
_OF_SESSION = re.compile(r"^\.(?P<name>.+)\.(?P<session>[0-9a-f]{8,32})\.draft$")


def draft_path(folder: Path, image_id: str, session: str) -> Path:
    """The file for the drafts of one session.

    Args:
        folder: Where the drafts of a datastore are.
        image_id: The image; checked.
        session: 8 to 32 digits in hex, the session's own.
    """
    parent, _, name = image_id.rpartition("/")
    return folder / parent / f".{name}.{session}{_ENDING}"


def draft_paths(folder: Path, image_id: str) -> list[Path]:
    """The files with a draft of an image, whoever made it; in no order."""
    parent, _, name = image_id.rpartition("/")
    try:
        with os.scandir(folder / parent) as entries:
            names = [entry.name for entry in entries if _name_of(entry.name) == name]
    except OSError:
        return []
    return [folder / parent / found for found in names]


def drafted_ids(folder: Path) -> set[str]:
    """The images that have a draft, from one walk through the folder."""
    ids = set()
    for where, _, files in os.walk(folder):
        inside = Path(where).relative_to(folder).as_posix()
        for file in files:
            name = _name_of(file)
            if name is not None:
                ids.add(name if inside == "." else f"{inside}/{name}")
    return ids


def _name_of(file: str) -> str | None:
    """The last part of the image id that a file belongs to; None for a file that is no draft."""
    match = _OF_SESSION.match(file)
    if match is not None:
        return match["name"]
    # One for all sessions, as it was before each had its own.
    return file.removesuffix(_ENDING) if file.endswith(_ENDING) and not file.startswith(".") else None
