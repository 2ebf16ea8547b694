"""The work of a job as a file: a pickled callable, written and read by one and the same user.

A pickle runs code when it is loaded. So it is sealed with the user's own key, for the one folder that it lies in
(:mod:`jlabel.files.sealing`), and loaded only where the seal is right, whoever owns the file and whatever its mode:
there are file systems that know neither. A kernel never loads one, whoever wrote it.
"""

from __future__ import annotations

import io
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jlabel.errors import JobError
from jlabel.files.plain_files import open_plain, read_plain, write_all
from jlabel.files.sealing import sealed, unsealed
from jlabel.jobs.folder import JobFolder
from jlabel.jobs.moved_paths import MovedPaths, moved_path

Work = Callable[[Any], dict[str, Any] | None]
"""Called with the job's :class:`jlabel.jobs.JobRun`; returns what the job found, as JSON values."""

FOREIGN = (
    "this job cannot be resumed: it was not begun here by you with this version of jlabel, and its work is code that "
    "would run. Begin a new job"
)

_MOST_BYTES = 16 * 1024**3


def write_work(file: Path, work: Callable[..., Any], place: str) -> None:
    """Pickle the work, with classes that were defined in a notebook cell by their code.

    Args:
        file: A new file.
        work: The work.
        place: What it belongs to, such as :attr:`JobFolder.place`: it is loaded for that alone.

    Raises:
        JobError: Something in it cannot be pickled, or there is no key to seal it with.
        OSError: The file cannot be written.
    """
    import cloudpickle

    try:
        content = cloudpickle.dumps(work)
    except Exception as error:  # pickling calls code of every class in it
        raise JobError(f"this work cannot be handed to another process: {type(error).__name__}: {error}") from error
    content = sealed(content, _about(place))
    descriptor = open_plain(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_work(file: Path, place: str, paths: MovedPaths = ()) -> Callable[..., Any]:
    """The work, loaded.

    Args:
        file: The file.
        place: As for :func:`write_work`.
        paths: Folders that this machine has elsewhere: each path in the work that lies in one is changed.

    Raises:
        JobError: It is gone, or this user did not write it for that place; nothing of it is loaded then.
    """
    content = _content(file, place)
    if paths:
        work: Callable[..., Any] = _Moving(content, paths).load()
    else:
        work = pickle.loads(content)  # noqa: S301 - its seal was checked
    return work


class _Moving(pickle.Unpickler):
    """Loads what another machine pickled, with its paths as they are here."""

    def __init__(self, content: bytes, paths: MovedPaths) -> None:
        super().__init__(io.BytesIO(content))
        self._paths = paths

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == "pathlib" and name in ("Path", "PosixPath"):
            return lambda *parts: Path(moved_path(str(Path(*parts)), self._paths))
        return super().find_class(module, name)


def check_own(folder: JobFolder) -> None:
    """Refuse a job whose request or work somebody else has, or may have, written. Nothing is loaded.

    Raises:
        JobError: This user did not sign it for this folder, or a file is gone.
    """
    folder.check_place()
    if not folder.is_own:
        raise JobError(f"{folder.path}: {FOREIGN}")
    _content(folder.work, folder.place)


def extend_module_paths(folder: JobFolder, paths: MovedPaths = ()) -> None:
    """Let this process find modules that lie beside the notebook as the kernel found them.

    Args:
        folder: The job's.
        paths: Folders that this machine has elsewhere.

    Raises:
        JobError: The request is not this user's own: its paths would lead to code.
    """
    request = folder.read_request()
    if not folder.is_own:
        raise JobError(f"{folder.path}: {FOREIGN}")
    known = {str(Path(path).resolve()) for path in sys.path}
    wanted = dict.fromkeys(moved_path(path, paths) for path in request.paths)
    sys.path.extend(path for path in wanted if path not in known)


def _content(file: Path, place: str) -> bytes:
    try:
        data = read_plain(file, _MOST_BYTES)
    except OSError as error:
        raise JobError(f"{file}: the job's work cannot be read: {error.strerror}") from error
    content = unsealed(data, _about(place))
    if content is None:
        raise JobError(f"{file}: {FOREIGN}")
    return content


def _about(place: str) -> str:
    return f"work of job {place}"
