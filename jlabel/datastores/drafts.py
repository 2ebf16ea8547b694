"""Where drafts that are not saved are kept: a file for each image and each labeling session.

Only regular files are drafts, in folders that are none of them links: what else is there is passed by.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from jlabel.files.folder_handle import FolderHandle

_ENDING = ".draft"
# The name starts with a dot, which no part of an image id does: so no image's draft can have another's name.
_OF_SESSION = re.compile(r"\.(?P<name>.+)\.(?P<session>[0-9a-f]{8,32})\.draft", re.DOTALL)
_IN_OWN_FOLDER = re.compile(r"\.[0-9a-f]{8,32}\.draft")
# File systems take 255 bytes; two dots, the session and the ending come round the name.
_MOST_BYTES = 200


def draft_path(folder: Path, image_id: str, session: str) -> Path:
    """The file for the drafts of one session; for a name that leaves no room, in a folder of that name.

    Args:
        folder: Where the drafts of a datastore are.
        image_id: The image; checked.
        session: 8 to 32 digits in hex, the session's own.
    """
    parent, _, name = image_id.rpartition("/")
    if len(name.encode()) > _MOST_BYTES:
        return folder / image_id / f".{session}{_ENDING}"
    return folder / parent / f".{name}.{session}{_ENDING}"


def draft_paths(folder: Path, image_id: str) -> list[Path]:
    """The files with a draft of an image, whoever made it; in no order."""
    parent = image_id.rpartition("/")[0]
    found = []
    for inside in (parent, image_id):
        place = folder / inside
        found += [place / file for file in _files(place) if _image_of(inside, file) == image_id]
    return found


def drafted_ids(folder: Path) -> set[str]:
    """The images that have a draft, from one walk through the folder."""
    ids = set()
    with contextlib.suppress(OSError), FolderHandle.reach(folder) as opened:
        for parts, inner, _, files in opened.walk():
            for file in files:
                image_id = _image_of("/".join(parts), file)
                if image_id is not None and inner.is_plain(file):
                    ids.add(image_id)
    return ids


def _files(folder: Path) -> list[str]:
    with contextlib.suppress(OSError), FolderHandle.reach(folder) as opened:
        return [name for name in opened.entries()[1] if opened.is_plain(name)]
    return []


def _image_of(inside: str, file: str) -> str | None:
    """The image that a file belongs to; None for a file that is no draft.

    Args:
        inside: The folder that it lies in, below that of all drafts; "" for that itself.
        file: Its name.
    """
    if _IN_OWN_FOLDER.fullmatch(file):
        return inside or None
    match = _OF_SESSION.fullmatch(file)
    # One for all sessions, as it was before each had its own.
    former = file.removesuffix(_ENDING) if file.endswith(_ENDING) and not file.startswith(".") else None
    name = match["name"] if match is not None else former
    return None if name is None else f"{inside}/{name}" if inside else name
