"""Links, and where none is followed: in jlabel's own folder, since it writes and deletes there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

OWN_FOLDER = ".jlabel"
"""The folder in a studies folder that jlabel keeps its own files in."""


def link_refusal(link: Path) -> str:
    """What is said of a link in jlabel's own folder."""
    return (
        f"{link} is a link, and jlabel follows none in its own folder, since it writes and deletes there: remove the "
        "link (what it leads to stays)"
    )


def split_own(path: Path) -> tuple[Path, tuple[str, ...]]:
    """Where a path comes to jlabel's own folder.

    Returns:
        The folder that the own one lies in, a path of the user's own, and the parts of the path from ``.jlabel`` on;
        the whole path and no parts where it has no such part.
    """
    if OWN_FOLDER not in path.parts:
        return path, ()
    place = path.parts.index(OWN_FOLDER)
    return Path(*path.parts[:place]), path.parts[place:]


def is_link(path: Path) -> bool:
    """Whether there is a symbolic link (or a junction of Windows), wherever it leads."""
    try:
        return path.is_symlink() or bool(getattr(os.path, "isjunction", lambda _: False)(path))
    except (OSError, ValueError):
        return False


def link_above(top: Path, path: Path) -> Path | None:
    """The first link on the way from a folder down to a path, the path itself included; None where there is none."""
    place = top
    for part in path.relative_to(top).parts:
        place = place / part
        if is_link(place):
            return place
    return None


def link_in_the_way(link: Path) -> OSError:
    """The error for a link in the place of a folder on the way to something."""
    return OSError(errno.ELOOP, link_refusal(link))


def refused(path: Path, why: str = "is a link, and jlabel follows none here", number: int = errno.EINVAL) -> OSError:
    """The error that says why a path is not opened."""
    return OSError(number, why, str(path))
