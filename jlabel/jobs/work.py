"""The work of a job as a file: a pickled callable, written and read by one and the same user.

A pickle runs code when it is loaded. The file is made with mode 0600, and it is loaded only where the user who runs the
job owns it and nobody else may write to it; a kernel never loads one, whoever wrote it.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jlabel.errors import JobError
from jlabel.jobs.folder import JobFolder

Work = Callable[[Any], dict[str, Any] | None]
"""Called with the job's :class:`jlabel.jobs.JobRun`; returns what the job found, as JSON values."""


def write_work(file: Path, work: Work) -> None:
    """Pickle the work, with classes that were defined in a notebook cell by their code.

    Raises:
        JobError: Something in it cannot be pickled, or the file cannot be written.
    """
    import cloudpickle

    try:
        content = cloudpickle.dumps(work)
    except Exception as error:  # pickling calls code of every class in it
        raise JobError(f"this work cannot be handed to another process: {type(error).__name__}: {error}") from error
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def read_work(file: Path) -> Work:
    """The work, loaded.

    Raises:
        JobError: It is not this user's own, or others may write to it.
    """
    check_own(file)
    import cloudpickle

    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as opened:
        _check(os.fstat(descriptor), file)
        work: Work = cloudpickle.load(opened)
    return work


def extend_module_paths(folder: JobFolder) -> None:
    """Let this process find modules that lie beside the notebook as the kernel found them."""
    known = {str(Path(path).resolve()) for path in sys.path}
    sys.path.extend(path for path in folder.read_request().paths if path not in known)


def check_own(file: Path) -> None:
    """Refuse a file of work that someone else has, or may have, written.

    Raises:
        JobError: It is gone, not this user's own, or others may write to it.
    """
    try:
        found = file.lstat()
    except OSError as error:
        raise JobError(f"{file}: the job's work is gone: {error.strerror}") from error
    _check(found, file)


def _check(found: os.stat_result, file: Path) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise JobError(f"{file}: this is not a file of work")
    if found.st_uid != os.getuid():
        raise JobError(f"{file}: another user made this job, and only its own user may run it, since it is code")
    if found.st_mode & 0o022:
        raise JobError(f"{file}: others may write to this file, so it is not run, since it is code; chmod 600 it")
