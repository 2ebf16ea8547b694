"""The images that a person was working on last: to go on there after a restart."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from jlabel.annotation.recovery.file_lock import Owner, open_locked
from jlabel.annotation.recovery.journal_reading import read_owner


def last_drafts(files: Iterable[tuple[str, Path]], me: str | None = None) -> Iterator[str]:
    """The images with a draft that was left behind unsaved, the one that was changed last first.

    Args:
        files: Images and a file with a draft of each; an image may come several times.
        me: Whose drafts count, a login name; the present user's if not given. A draft that names nobody counts too.
    """
    who = Owner.here().who if me is None else me
    told: set[str] = set()
    for _, image_id, file in sorted(((_changed(file), image_id, file) for image_id, file in files), reverse=True):
        if image_id not in told and _is_left_behind(file, who):
            told.add(image_id)
            yield image_id


def _is_left_behind(file: Path, who: str) -> bool:
    with contextlib.suppress(OSError):
        handle = open_locked(file)
        if handle is None:
            return False
        handle.close()
        owner = read_owner(file)
        return owner is None or owner.who in ("", who)
    return False


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
