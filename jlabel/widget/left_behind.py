"""Drafts of an image that were never saved: the one to go on with, and those that other people are working on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from jlabel.imaging.watch import UNWATCHED, Watch
from jlabel.widget.claim import Owner
from jlabel.widget.journal import Found, Journal, read_journal, read_owner


@dataclass
class LeftBehind:
    """What there is besides the saved label.

    Attributes:
        file: The file of the draft to go on with, None where there is none.
        claimed: That file, opened and locked.
        found: What it holds.
        older: When the others that were left behind were last changed; they stay where they are.
        others: Whose the drafts are that somebody works on now, None where a file does not say so.
    """

    file: Path | None = None
    claimed: BinaryIO | None = None
    found: Found | None = None
    older: list[Found] = field(default_factory=list)
    others: list[Owner | None] = field(default_factory=list)

    def notice(self) -> str | None:
        """What the person should know of the draft that is shown."""
        if self.found is None:
            return None
        more = f"; an older one of {self.older[0].time:%Y-%m-%d %H:%M} UTC is kept" if self.older else ""
        return f"Restored the unsaved draft of {self.found.time:%Y-%m-%d %H:%M} UTC{more}"

    def problem(self) -> str | None:
        """What the person should know of the drafts that are not shown."""
        if not self.others:
            return None
        owner = self.others[0]
        who = owner.who if owner is not None and owner.who else "Somebody"
        since = f" since {owner.since:%Y-%m-%d %H:%M} UTC" if owner is not None else ""
        return (
            f"{who} has this image open with unsaved changes{since}. They are not in this draft; "
            "whoever saves second is told, and both versions are kept."
        )


def left_behind(files: Iterable[Path], shape: tuple[int, ...], watch: Watch = UNWATCHED) -> LeftBehind:
    """Claim the newest draft of an image that nobody works on.

    Args:
        files: All files with a draft of the image.
        shape: The image's shape; a draft of another one is passed by.
        watch: Asked between records whether to go on. Where it is given up, every draft stays as it was left.
    """
    drafts = LeftBehind()
    try:
        _look_at_each(files, shape, watch, drafts)
    except BaseException:
        if drafts.claimed is not None:
            drafts.claimed.close()
        raise
    return drafts


def _look_at_each(files: Iterable[Path], shape: tuple[int, ...], watch: Watch, drafts: LeftBehind) -> None:
    for file in sorted(files, key=_changed, reverse=True):
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            claimed = Journal.claim(file)
            if claimed is None:
                drafts.others.append(read_owner(file))
                continue
            held.enter_context(claimed)
            found = read_journal(file, shape, watch)
            if found is not None and drafts.found is None:
                held.pop_all()
                drafts.file, drafts.claimed, drafts.found = file, claimed, found
            elif found is not None:
                drafts.older.append(found)


def _changed(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
