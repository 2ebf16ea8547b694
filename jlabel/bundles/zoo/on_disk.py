"""The bundles in a folder, told by their files alone: nothing of them is loaded or run."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.bundles.zoo.licence import licence_in_short

METADATA = Path("configs") / "metadata.json"
_MOST_BYTES = 4 << 20
_LICENCES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "docs/LICENSE")


@dataclass(frozen=True)
class BundleOnDisk:
    """A folder that is a bundle.

    Attributes:
        path: The folder.
        name: Of the folder.
        version: What its metadata say, ``""`` if nothing.
        task: What its metadata say it does, ``""`` if nothing.
        licence: In a few words, ``""`` if it has none.
        bytes: Of all its files.
        fault: Why its metadata cannot be read; ``""`` where they can.
    """

    path: Path
    name: str
    version: str
    task: str
    licence: str
    bytes: int
    fault: str = ""


def bundles_in(folder: Path) -> list[BundleOnDisk]:
    """The bundle that a folder is, or those that lie in it; by name.

    Args:
        folder: Any folder; one that is not there has none.
    """
    itself = read_bundle(folder)
    if itself is not None:
        return [itself]
    try:
        inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []
    return [bundle for path in inside if (bundle := read_bundle(path)) is not None]


def read_bundle(folder: Path) -> BundleOnDisk | None:
    """What a folder tells of itself, or None where it is no bundle."""
    try:
        if not (folder / METADATA).is_file():
            return None
    except (OSError, ValueError):
        return None
    fault, metadata = "", dict[str, Any]()
    try:
        metadata = _metadata(folder / METADATA)
    except (OSError, ValueError, RecursionError) as error:
        fault = f"{METADATA.as_posix()} cannot be read: {error}"
    version, task = (metadata.get(key) for key in ("version", "task"))
    return BundleOnDisk(
        folder,
        folder.resolve().name,
        version if isinstance(version, str) else "",
        task if isinstance(task, str) else "",
        _licence(folder),
        _bytes(folder),
        fault,
    )


def _metadata(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        content = opened.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ValueError(f"has more than {_MOST_BYTES:,} bytes")
    read = json.loads(content)
    if not isinstance(read, dict):
        raise ValueError("is no mapping")
    return read


def _licence(folder: Path) -> str:
    for name in _LICENCES:
        try:
            with (folder / name).open("rb") as file:
                return licence_in_short(file.read(_MOST_BYTES).decode("utf-8", "replace"))
        except OSError:
            continue
    return ""


def _bytes(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - a Path for each file is slow
            except OSError:
                continue
    return total
