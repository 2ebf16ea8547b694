"""The draft on disk, stroke by stroke, so that a killed kernel loses nothing that was painted."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Region, bounding_region, decode_labels, encode_voxels
from jlabel.widget.worker import SerialWorker

logger = logging.getLogger(__name__)

# Before every record: length of its head (JSON), length of its voxels, checksum of both.
_FRAME = struct.Struct("<III")


@dataclass(frozen=True)
class Found:
    """A draft that was not saved when its labeler ended.

    Attributes:
        mask: The draft.
        time: When it was last changed.
        prompts: Its prompts, as :func:`jlabel.widget.kept_prompts.sessions_to_json` wrote them.
    """

    mask: NDArray[Any]
    time: datetime
    prompts: Any = None


class Journal:
    """The changes to one draft, appended to a file as they are made; the file is gone once the draft is saved.

    The writing happens on a thread of its own, in order. A record that a kill cut short is left out when reading. The
    system's buffers outlive the kernel, so nothing is synced: a power cut may cost the last seconds, a kill does not.

    Args:
        file: Where; its folder is made when there is something to write.
        start: What the draft began with, written before the first change.
        worker: The thread that writes.
    """

    def __init__(self, file: Path, start: NDArray[Any] | None, worker: SerialWorker) -> None:
        self.file = file
        self._start = start
        self._worker = worker
        self._open: BinaryIO | None = None
        self._told = False
        self._prompts: Sequence[Any] = ()

    def append(self, region: Region | None, voxels: bytes, dtype: np.dtype[Any], prompts: Sequence[Any] = ()) -> None:
        """A change of the draft.

        Args:
            region: Where voxels changed, None where the prompts alone did.
            voxels: The voxels there now, as :func:`jlabel.imaging.encode_voxels` wrote them.
            dtype: Their type.
            prompts: The prompts now, a list of plain JSON; an item that is the very same object as before is written
                once.
        """
        head: dict[str, Any] = {"region": region.to_flat() if region is not None else None, "dtype": dtype.name}
        self._worker.do(lambda: self._quietly(lambda: self._write(head, voxels, prompts)))

    def clear(self, start: NDArray[Any] | None = None) -> None:
        """Forget the changes: they are saved, or given up.

        Args:
            start: What the draft goes on from, where it was saved; None to begin as before.
        """
        self._worker.do(lambda: self._quietly(lambda: self._remove(start)))

    def close(self) -> None:
        """Let go of the file."""
        self._worker.do(lambda: self._quietly(self._let_go))

    def _write(self, head: dict[str, Any], voxels: bytes, prompts: Sequence[Any]) -> None:
        if self._open is None:
            self._begin()
        assert self._open is not None
        places = {id(item): place for place, item in enumerate(self._prompts)}
        items = [places.get(id(item), item) for item in prompts]
        new = {"prompts": items} if items != list(range(len(self._prompts))) else {}
        self._open.write(_record(head | new, voxels))
        self._open.flush()
        self._prompts = prompts

    def _begin(self) -> None:
        """A new file with what the draft began with, put in the place of an older one that it may have come from."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        occupied = bounding_region(self._start) if self._start is not None else None
        first = b""
        if self._start is not None and occupied is not None:
            head = {"region": occupied.to_flat(), "dtype": self._start.dtype.name}
            first = _record(head, encode_voxels(self._start[occupied.slices]))
        try:
            beside.write_bytes(first)
            beside.replace(self.file)
        finally:
            beside.unlink(missing_ok=True)
        self._open, self._prompts = self.file.open("ab"), ()

    def _remove(self, start: NDArray[Any] | None) -> None:
        self._let_go()
        if start is not None:
            self._start = start
        self.file.unlink(missing_ok=True)

    def _let_go(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _quietly(self, work: Any) -> None:
        # A journal that cannot be written must not stop the labeling: the draft is still in memory.
        try:
            work()
        except OSError as error:
            if not self._told:
                logger.warning("%s: the draft cannot be kept on disk while it is not saved: %s", self.file, error)
            self._told = True


def read_journal(file: Path, shape: tuple[int, ...]) -> Found | None:
    """The draft that a journal holds, or None where there is none for an image of that shape."""
    try:
        data = file.read_bytes()
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None
    mask: NDArray[Any] | None = None
    prompts: list[Any] = []
    for head, voxels in _records(data):
        prompts = _resolved(head["prompts"], prompts) if "prompts" in head else prompts
        if mask is None:
            mask = np.zeros(shape, np.dtype(head["dtype"]), order="F")
        if head["region"] is None:
            continue
        region = Region.from_flat(head["region"])
        if region.clip(shape) != region:
            return None
        try:
            values = decode_labels(voxels, region)
        except ValueError:
            break
        if values.dtype.itemsize > mask.dtype.itemsize:
            mask = mask.astype(values.dtype)
        mask[region.slices] = values
    return Found(mask, changed, prompts) if mask is not None else None


def _resolved(items: Any, before: list[Any]) -> list[Any]:
    """A list in which a number stands for that item of the list before it."""
    if not isinstance(items, list):
        return []
    return [before[item] if isinstance(item, int) and item < len(before) else item for item in items]


def _record(fields: dict[str, Any], voxels: bytes) -> bytes:
    head = json.dumps(fields).encode()
    return _FRAME.pack(len(head), len(voxels), zlib.crc32(head + voxels)) + head + voxels


def _records(data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Whole records from the beginning, up to the first that is cut short or damaged."""
    at = 0
    while at + _FRAME.size <= len(data):
        head_size, voxel_size, checksum = _FRAME.unpack_from(data, at)
        start, end = at + _FRAME.size, at + _FRAME.size + head_size + voxel_size
        if end > len(data) or zlib.crc32(data[start:end]) != checksum:
            return
        with contextlib.suppress(ValueError):
            head = json.loads(data[start : start + head_size])
            if isinstance(head, dict) and {"region", "dtype"} <= head.keys():
                yield head, data[start + head_size : end]
        at = end
