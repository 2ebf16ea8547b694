"""A folder that is there whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from jlabel.errors import DatastoreError
from jlabel.files.temporary import remove_leftovers, temporary_name

_DAY = 24 * 3600.0


@contextlib.contextmanager
def new_folder(place: Path, may_replace: Callable[[Path], bool] | None = None) -> Iterator[Path]:
    """A hidden folder to fill, beside a place where it is renamed to once it is full.

    Args:
        place: Where the folder comes to be; what is above it is made.
        may_replace: Whether a folder that is there, and not empty, may be replaced; none may if not given.

    Raises:
        DatastoreError: There is something in the place already, or the operating system refuses (disk full, no
            permission). What was there is unchanged then, and nothing is left beside it.
    """
    place = place.expanduser().resolve()
    _check_free(place, may_replace)
    made = _make_parents(place)
    beside = place.parent / temporary_name()
    try:
        remove_leftovers(place.parent, _DAY)
        beside.mkdir()
        yield beside
        _put(beside, place, may_replace)
    except BaseException as error:
        shutil.rmtree(beside, ignore_errors=True)
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        system = error if isinstance(error, OSError) else error.__cause__
        if isinstance(system, OSError) and isinstance(error, OSError | DatastoreError):
            raise _refused(place, system) from system
        raise


def is_empty(place: Path) -> bool:
    """Whether nothing is there, or an empty folder."""
    return not place.exists() or (place.is_dir() and next(place.iterdir(), None) is None)


def _check_free(place: Path, may_replace: Callable[[Path], bool] | None) -> None:
    try:
        if is_empty(place):
            return
        if not place.is_dir():
            raise DatastoreError(f"{place} is a file, and no folder: choose another place")
        if may_replace is None:
            raise DatastoreError(
                f"{place} is not empty: choose another folder, or replace what is there: overwrite=True"
            )
        if not may_replace(place):
            raise DatastoreError(
                f"{place} holds something else than a bundle, so it is not replaced: choose another folder"
            )
    except OSError as error:
        raise _refused(place, error) from error


def _make_parents(place: Path) -> list[Path]:
    """Make the folders above a place; returns those that were not there, the innermost first."""
    missing = []
    for folder in place.parents:
        if folder.exists():
            break
        missing.append(folder)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refused(place, error) from error
    return missing


def _put(beside: Path, place: Path, may_replace: Callable[[Path], bool] | None) -> None:
    _check_free(place, may_replace)  # somebody may have come first
    if is_empty(place):
        with contextlib.suppress(FileNotFoundError):
            place.rmdir()
        beside.rename(place)
        return
    former = place.parent / temporary_name()
    place.rename(former)
    try:
        beside.rename(place)
    except OSError:
        former.rename(place)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _refused(place: Path, error: OSError) -> DatastoreError:
    reason = error.strerror or str(error)
    return DatastoreError(f"{place} could not be written: {reason}. What was there before is unchanged.")
