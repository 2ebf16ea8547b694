"""The files of a folder that layouts are made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jlabel.imaging.file_names import is_image_name, split_image_name


def image_files(folder: Path, *, below: bool = True) -> dict[str, Path]:
    """The image files of a folder by their paths in it without extension; hidden ones are left out.

    Args:
        folder: The folder.
        below: Whether those in folders below count too.
    """
    found: dict[str, Path] = {}
    for top, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith(".")) if below else []
        here = Path(top)
        inside = here.relative_to(folder).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        for name in sorted(names):
            if is_image_name(name):
                found.setdefault(prefix + split_image_name(name)[0], here / name)
    return found


def has_image_files(folder: Path) -> bool:
    """Whether an image file lies in a folder or below it; hidden ones do not count."""
    for _, folders, names in os.walk(folder, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if any(map(is_image_name, names)):
            return True
    return False


def entries(folder: Path) -> tuple[list[str], list[str]]:
    """The names of the folders and of the files in a folder, sorted, without hidden ones; none if it cannot be read."""
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if not entry.name.startswith("."):
                    (folders if entry.is_dir(follow_symlinks=False) else files).append(entry.name)
    except OSError:
        return [], []
    return sorted(folders), sorted(files)


def by_stem(files: Mapping[str, Path], stem: str) -> Path | None:
    """The file of that stem: by its path, else by its name where one file alone has it."""
    if stem in files:
        return files[stem]
    same = [path for key, path in files.items() if key.rpartition("/")[2] == stem]
    return same[0] if len(same) == 1 else None
