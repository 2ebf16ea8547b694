"""Reading a draft's file: what it says is checked before anything is made of it, since anybody may have written it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.recovery.file_lock import Owner
from jlabel.annotation.recovery.journal_records import records
from jlabel.files.json_values import LATEST, finite
from jlabel.files.plain_files import open_plain
from jlabel.imaging import Region, decode_labels
from jlabel.progress import NO_PROGRESS, Progress

_TYPES = {name: np.dtype(name) for name in ("uint8", "uint16")}


@dataclass(frozen=True)
class RecoveredDraft:
    """A draft that was not saved when its labeler ended.

    Attributes:
        mask: The draft.
        time: When it was last changed.
        prompts: Its prompts, as :func:`jlabel.annotation.prompt_serialization.prompt_groups_to_json` wrote them.
        owner: Whose it was, where that is known.
        notes: What else was kept of it, by topic; anybody may have written it.
    """

    mask: NDArray[Any]
    time: datetime
    prompts: Any = None
    owner: Owner | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)


def read_journal(
    file: Path, shape: tuple[int, ...], progress: Progress = NO_PROGRESS, stamp: str = ""
) -> RecoveredDraft | None:
    """The draft that a journal holds, or None where there is none for that image.

    It is read up to the first record that makes no sense.

    Args:
        file: The journal, which is not changed.
        shape: The image's shape.
        progress: Asked after each record whether to go on.
        stamp: What tells the image from every other one; "" takes a draft of any image of that shape.

    Raises:
        Cancelled: Nobody wants it any more, as ``progress`` says.
    """
    try:
        with os.fdopen(open_plain(file), "rb", buffering=1 << 20) as opened:
            seconds = finite(os.fstat(opened.fileno()).st_mtime, 0.0, LATEST) or 0.0
            reading = _Reading(shape, stamp)
            for head, voxels in records(opened):
                progress.check()
                if not reading.take(head, voxels):
                    break
    except OSError:
        return None
    if reading.mask is None:
        return None
    time = datetime.fromtimestamp(seconds, UTC)
    return RecoveredDraft(reading.mask, time, reading.prompts, reading.owner, reading.notes)


def read_owner(file: Path) -> Owner | None:
    """Whose a draft is, None where it does not say so."""
    found: Owner | None = None
    try:
        with os.fdopen(open_plain(file), "rb") as opened:
            for head, _ in records(opened):
                found = Owner.from_json(head.get("owner")) or found
    except OSError:
        return None
    return found


class _Reading:
    """The draft as far as its records are read."""

    def __init__(self, shape: tuple[int, ...], stamp: str) -> None:
        self.mask: NDArray[Any] | None = None
        self.prompts: list[Any] = []
        self.owner: Owner | None = None
        self.notes: dict[str, Any] = {}
        self._shape = shape
        self._stamp = stamp
        self._voxels = int(np.prod(shape, dtype=np.int64))
        self._waiting: list[tuple[Region, NDArray[Any]]] = []
        self._waiting_voxels = 0

    def take(self, head: dict[str, Any], voxels: bytes) -> bool:
        """Take a record in; False where it makes no sense."""
        if "owner" in head:
            if self._stamp and head.get("image", "") not in ("", self._stamp):
                self.mask = None
                return False
            self.owner = Owner.from_json(head["owner"]) or self.owner
            return True
        kind = _TYPES.get(head["dtype"]) if isinstance(head["dtype"], str) else None
        region = None if head["region"] is None else _region(head["region"], self._shape)
        if kind is None or (region is None and head["region"] is not None):
            # Of an image of another shape there is no draft, whatever was read before.
            self.mask = None if kind is not None else self.mask
            return False
        if "prompts" in head:
            self.prompts = _resolved(head["prompts"], self.prompts)
        if isinstance(head.get("notes"), dict):
            self.notes = head["notes"]
        if self.mask is None:
            self.mask = np.zeros(self._shape, kind, order="F")
        return region is None or self._put(region, voxels, bool(head.get("more")))

    def _put(self, region: Region, voxels: bytes, more: bool) -> bool:
        """The voxels of a part of a change, which is put in place with its last part."""
        self._waiting_voxels += region.size
        if self._waiting_voxels > self._voxels:
            return False  # the parts of a change do not overlap
        try:
            self._waiting.append((region, decode_labels(voxels, region)))
        except ValueError:
            return False
        if not more:
            assert self.mask is not None
            self.mask = _with_parts(self.mask, self._waiting)
            self._waiting, self._waiting_voxels = [], 0
        return True


def _region(flat: Any, shape: tuple[int, ...]) -> Region | None:
    """The region that a record names, where it lies inside the image."""
    axes = len(shape)
    if not isinstance(flat, list) or len(flat) != 2 * axes or not all(type(index) is int for index in flat):
        return None
    if not all(0 <= low < up <= most for low, up, most in zip(flat[:axes], flat[axes:], shape, strict=True)):
        return None
    return Region(tuple(flat[:axes]), tuple(flat[axes:]))


def _with_parts(mask: NDArray[Any], parts: list[tuple[Region, NDArray[Any]]]) -> NDArray[Any]:
    for region, values in parts:
        if values.dtype.itemsize > mask.dtype.itemsize:
            mask = mask.astype(values.dtype)
        mask[region.slices] = values
    return mask


def _resolved(items: Any, before: list[Any]) -> list[Any]:
    """A list in which a number stands for that item of the list before it."""
    if not isinstance(items, list):
        return []
    return [before[item] if type(item) is int and 0 <= item < len(before) else item for item in items]
