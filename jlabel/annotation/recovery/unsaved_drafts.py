"""Drafts of an image that were never saved: the one to go on with, and those that other people are working on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from jlabel.annotation.recovery.file_lock import Owner
from jlabel.annotation.recovery.journal import Journal
from jlabel.annotation.recovery.journal_reading import RecoveredDraft, read_journal, read_owner
from jlabel.display.html import time_text
from jlabel.progress import NO_PROGRESS, Progress


@dataclass
class UnsavedDrafts:
    """What there is besides the saved label.

    Attributes:
        file: The file of the draft to go on with, None where there is none.
        claimed: That file, opened and locked.
        found: What it holds.
        older: When the others that were left behind were last changed; they stay where they are.
        others: Whose the drafts are that somebody works on now, None where a file does not say so.
        unusable: Files that hold no draft of this image: damaged, or of an image of another size. They stay, too.
    """

    file: Path | None = None
    claimed: BinaryIO | None = None
    found: RecoveredDraft | None = None
    older: list[RecoveredDraft] = field(default_factory=list)
    others: list[Owner | None] = field(default_factory=list)
    unusable: list[Path] = field(default_factory=list)

    def notice(self) -> str | None:
        """What the person should know of the draft that is shown."""
        if self.found is None:
            return None
        more = f"; an older one of {time_text(self.older[0].time)} is kept" if self.older else ""
        return f"Restored the unsaved draft of {time_text(self.found.time)}{more}"

    def problem(self) -> str | None:
        """What the person should know of the drafts that are not shown."""
        if not self.others:
            return self._unusable()
        owner = self.others[0]
        who = owner.who if owner is not None and owner.who else "Somebody"
        since = f" since {time_text(owner.since)}" if owner is not None else ""
        return (
            f"{who} has this image open with unsaved changes{since}. They are not in this draft; "
            "whoever saves second is told, and both versions are kept."
        )

    def _unusable(self) -> str | None:
        if not self.unusable:
            return None
        others = f" (and {len(self.unusable) - 1} more)" if len(self.unusable) > 1 else ""
        return (
            f"{self.unusable[0]}{others} holds no draft for this image: it is damaged, or of another image. "
            "It is left where it is; delete it if nobody needs it"
        )


def find_unsaved_drafts(
    files: Iterable[Path], shape: tuple[int, ...], progress: Progress = NO_PROGRESS, stamp: str = ""
) -> UnsavedDrafts:
    """Claim the newest draft of an image that nobody works on.

    Args:
        files: All files with a draft of the image.
        shape: The image's shape; a draft of another one is passed by.
        progress: Asked between records whether to go on. Where it is given up, every draft stays as it was left.
        stamp: What tells the image from every other one; a draft of another one is passed by.
    """
    drafts = UnsavedDrafts()
    try:
        _look_at_each(files, partial(read_journal, shape=shape, progress=progress, stamp=stamp), drafts)
    except BaseException:
        if drafts.claimed is not None:
            drafts.claimed.close()
        raise
    return drafts


def _look_at_each(files: Iterable[Path], read: Callable[[Path], RecoveredDraft | None], drafts: UnsavedDrafts) -> None:
    for file in sorted(files, key=_changed, reverse=True):
        with contextlib.suppress(FileNotFoundError), contextlib.ExitStack() as held:
            try:
                claimed = Journal.open_locked(file)
            except FileNotFoundError:
                raise
            except OSError:
                drafts.unusable.append(file)
                continue
            if claimed is None:
                drafts.others.append(read_owner(file))
                continue
            held.enter_context(claimed)
            found = read(file)
            if found is None:
                drafts.unusable.append(file)
            elif drafts.found is None:
                held.pop_all()
                drafts.file, drafts.claimed, drafts.found = file, claimed, found
            else:
                drafts.older.append(found)


def _changed(file: Path) -> int:
    try:
        return file.lstat().st_mtime_ns
    except OSError:
        return 0
