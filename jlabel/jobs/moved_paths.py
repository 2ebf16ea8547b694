"""Folders that another machine has elsewhere: ``/home/me/scans`` here may be ``/mnt/scans`` there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

MovedPaths = tuple[tuple[str, str], ...]
"""Pairs of a folder here and the same folder there."""


def moved_path(path: str, paths: Iterable[tuple[str, str]]) -> str:
    """The path as the other machine has it: by the deepest folder that it lies in, else unchanged.

    Args:
        path: A path here.
        paths: See :data:`MovedPaths`.

    Example:
        >>> moved_path("/home/me/scans/a.nii.gz", [("/home/me/scans", "/mnt/scans")])
        '/mnt/scans/a.nii.gz'
        >>> moved_path("/home/me/scans-old", [("/home/me/scans", "/mnt/scans")])
        '/home/me/scans-old'
    """
    given = PurePath(path)
    for here, there in sorted(paths, key=lambda pair: -len(PurePath(pair[0]).parts)):
        if given.is_relative_to(here):
            return str(PurePath(there) / given.relative_to(here))
    return path
