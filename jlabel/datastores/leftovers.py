"""What killed processes left in ``.jlabel``: removed by whoever is alone there, and nothing that is still wanted."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, select

from jlabel.datastores import disk
from jlabel.datastores.label_places import kept_versions
from jlabel.datastores.tables import ImageRow, LabelRow, VersionRow
from jlabel.datastores.versioned_labels import LabelFiles
from jlabel.files.file_operations import remove_file
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.presence import is_locked
from jlabel.files.temporary import is_temporary, remove_leftovers

#: Seconds after which a file that is written is left over, where nobody knows whether somebody is at it.
OLD = 3600.0

# Folders of models and jobs that are not whole yet, and what 0.1.0 wrote drafts to.
_NEW_MODEL = re.compile(r"\.new-[0-9a-f]{16}")
_NEW_JOB = re.compile(r"\.new-[0-9]{8}-[0-9]{6}-[0-9]{6}-[0-9a-f]{4}")
_FORMER_DRAFT = re.compile(r"\..+\.draft\.[0-9a-f]{8}", re.DOTALL)
_MOMENT = 60.0


def sweep(own: Path, connection: Connection | None, files: LabelFiles) -> None:
    """Remove all that was being written when its writers were killed.

    Args:
        own: The folder ``.jlabel``, in which nobody else is.
        connection: To the catalogue, where it knows all versions of labels; None where it does not yet.
        files: The labels.
    """
    if connection is not None:
        _drop_undecided(connection, files)
    remove_leftovers(own / "tmp", former=True)
    with FolderHandle.reach(own) as top:
        for parts, folder, folders, names in top.walk():
            if len(parts) > 1 and parts[0] == "jobs":
                # Whoever works on a job need not have the studies open: what is left in its folder goes with the job.
                folders.clear()
                continue
            for name in (*folders, *names):
                if is_temporary(name) or (parts[:1] == ("drafts",) and _FORMER_DRAFT.fullmatch(name)):
                    _remove(folder, name)
                elif (parts[:1] == ("models",) and _NEW_MODEL.fullmatch(name)) or (
                    parts == ("jobs",) and _NEW_JOB.fullmatch(name) and _is_left(folder, name)
                ):
                    _remove(folder, name, whole=True)


def _drop_undecided(connection: Connection, files: LabelFiles) -> None:
    """Remove versions that no row speaks of, where their bytes are those of a save that was killed, or kept elsewhere.

    Others stay: a catalogue that was put back may be older than they are.
    """
    begun = _begun(files.work)
    known = _known(connection)
    for tag, kept, file in kept_versions(files.kept):
        if (tag, kept.image_id, kept.number) in known:
            continue
        with contextlib.suppress(OSError):
            state = file.lstat()
            if (
                (state.st_dev, state.st_ino) in begun.inodes
                or _is_twin(file, state, tag, kept.image_id, kept.ext, files)
                or (state.st_nlink == 1 and any(_same_bytes(file, other) for other in begun.of_size(state.st_size)))
            ):
                remove_file(file)


class _Begun:
    """The files of saves that were killed."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.inodes: set[tuple[int, int]] = set()
        self._sizes: dict[int, list[Path]] = {}
        for file in files:
            with contextlib.suppress(OSError):
                state = file.lstat()
                self.inodes.add((state.st_dev, state.st_ino))
                self._sizes.setdefault(state.st_size, []).append(file)

    def of_size(self, size: int) -> list[Path]:
        return self._sizes.get(size, [])


def _begun(work: Path) -> _Begun:
    with contextlib.suppress(OSError), FolderHandle.reach(work) as folder:
        return _Begun([work / name for name in folder.names() if folder.is_plain(name)])
    return _Begun([])


def _known(connection: Connection) -> set[tuple[str, str, int]]:
    query = (
        select(LabelRow.tag, ImageRow.id, VersionRow.number)
        .join(LabelRow, VersionRow.label_pk == LabelRow.pk)
        .join(ImageRow, ImageRow.pk == LabelRow.image_pk)
    )
    return {(tag, image_id, number) for tag, image_id, number in connection.execute(query)}


def _is_twin(file: Path, state: os.stat_result, tag: str, image_id: str, ext: str, files: LabelFiles) -> bool:
    """Whether it is a second name of the present label."""
    try:
        return state.st_nlink > 1 and files.file(tag, image_id, ext).samefile(file)
    except OSError:
        return False


def _same_bytes(one: Path, other: Path) -> bool:
    try:
        return disk.fingerprint(one)[1] == disk.fingerprint(other)[1]
    except OSError:
        return False


def _is_left(jobs: FolderHandle, name: str) -> bool:
    """Whether nobody makes the folder of that job any more; whoever does locks it in its first moment."""
    locked = is_locked(jobs.path / name / "worker.lock")
    if locked is not None:
        return not locked
    with contextlib.suppress(OSError):
        return time.time() - jobs.lstat(name).st_mtime > _MOMENT
    return False


def _remove(folder: FolderHandle, name: str, whole: bool = False) -> None:
    """Remove a file or folder; where ``whole``, a folder alone."""
    with contextlib.suppress(OSError):
        mode = folder.lstat(name).st_mode
        if stat.S_ISREG(mode) and not whole:
            folder.unlink(name)
        elif stat.S_ISDIR(mode):
            folder.remove_tree(name, ignore_errors=True)
