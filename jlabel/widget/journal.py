"""The draft on disk, stroke by stroke, so that a killed kernel loses nothing that was painted."""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging import Region, bounding_region, decode_labels, encode_voxels
from jlabel.imaging.watch import UNWATCHED, Watch
from jlabel.widget.claim import HOLDS_OPEN, Owner, claim, lock
from jlabel.widget.worker import SerialWorker

logger = logging.getLogger(__name__)

# Before every record: length of its head (JSON), length of its voxels, checksum of both.
_FRAME = struct.Struct("<III")
_SECONDS_TO_HAND_OVER = 10.0


@dataclass(frozen=True)
class Found:
    """A draft that was not saved when its labeler ended.

    Attributes:
        mask: The draft.
        time: When it was last changed.
        prompts: Its prompts, as :func:`jlabel.widget.kept_prompts.sessions_to_json` wrote them.
        owner: Whose it was, where that is known.
    """

    mask: NDArray[Any]
    time: datetime
    prompts: Any = None
    owner: Owner | None = None


class Journal:
    """The changes to one draft, appended to a file as they are made; the file is gone once the draft is saved.

    The writing happens on a thread of its own, in order. A record that a kill cut short is left out when reading. The
    system's buffers outlive the kernel, so nothing is synced: a power cut may cost the last seconds, a kill does not.

    Args:
        file: Where; its folder is made when there is something to write.
        start: What the draft began with, written before the first change.
        worker: The thread that writes.
        claimed: The file, opened and locked by :func:`jlabel.widget.claim.claim`, where the draft was left behind.
        spare: The file to go on in, once another labeler of this process has taken the draft over.
    """

    _held: ClassVar[WeakValueDictionary[str, Journal]] = WeakValueDictionary()

    def __init__(
        self,
        file: Path,
        start: NDArray[Any] | None,
        worker: SerialWorker,
        claimed: BinaryIO | None = None,
        spare: Path | None = None,
    ) -> None:
        self.file = file
        self._spare = spare
        self._claimed = claimed
        self._before: bytes | None = None
        if claimed is not None:
            self._held[str(file)] = self
        self._start = start
        self._worker = worker
        self._open: BinaryIO | None = None
        self._told = False
        self._prompts: Sequence[Any] = ()

    def append(self, parts: Sequence[tuple[Region, bytes]], dtype: np.dtype[Any], prompts: Sequence[Any] = ()) -> None:
        """A change of the draft, which is read again whole or not at all.

        Args:
            parts: Where voxels changed, and the voxels there now as :func:`jlabel.imaging.encode_voxels` wrote them;
                none where the prompts alone did.
            dtype: The mask's type.
            prompts: The prompts now, a list of plain JSON; an item that is the very same object as before is written
                once.
        """
        self._worker.do(lambda: self._quietly(lambda: self._write(parts, dtype.name, prompts)))

    def clear(self, start: NDArray[Any] | None = None) -> None:
        """Forget the changes: they are saved, or given up.

        Args:
            start: What the draft goes on from, where it was saved; None to begin as before.
        """
        self._worker.do(lambda: self._quietly(lambda: self._remove(start)))

    def close(self) -> None:
        """Let go of the file."""
        self._worker.do(lambda: self._quietly(self._let_go))

    def _write(self, parts: Sequence[tuple[Region, bytes]], dtype: str, prompts: Sequence[Any]) -> None:
        begins = self._open is None
        known = () if begins else self._prompts
        places = {id(item): place for place, item in enumerate(known)}
        items = [places.get(id(item), item) for item in prompts]
        new = {"prompts": items} if begins or items != list(range(len(known))) else {}
        heads = [{"region": region.to_flat(), "dtype": dtype, "more": True} for region, _ in parts[:-1]]
        heads.append({"region": parts[-1][0].to_flat() if parts else None, "dtype": dtype, **new})
        voxels = [packed for _, packed in parts] or [b""]
        records = [_record(head, packed) for head, packed in zip(heads, voxels, strict=True)]
        if self._open is None:
            self._begin(self._first(dtype) + b"".join(records))
        else:
            self._open.write(b"".join(records))
            self._open.flush()
        self._prompts = prompts

    def _first(self, dtype: str) -> bytes:
        """The records before the first change: whose the draft is, and what it began with."""
        first = _record({"region": None, "dtype": dtype, "owner": Owner.here().to_json()}, b"")
        if self._before is not None:
            return self._before + first
        occupied = bounding_region(self._start) if self._start is not None else None
        if self._start is not None and occupied is not None:
            head = {"region": occupied.to_flat(), "dtype": self._start.dtype.name}
            first += _record(head, encode_voxels(self._start[occupied.slices]))
        return first

    def _begin(self, records: bytes) -> None:
        """A new file, locked before anybody sees it, in the place of an older one that the draft may have come from."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        opened = beside.open("xb")
        try:
            lock(opened)
            opened.write(records)
            opened.flush()
            if not HOLDS_OPEN:
                opened.close()
                self._let_go()
            beside.replace(self.file)
        except BaseException:
            opened.close()
            raise
        finally:
            beside.unlink(missing_ok=True)
        self._let_go()
        self._open = opened if HOLDS_OPEN else self.file.open("ab")
        self._held[str(self.file)] = self

    @classmethod
    def claim(cls, file: Path) -> BinaryIO | None:
        """As :func:`jlabel.widget.claim.claim`; a labeler of this process hands its draft over.

        Raises:
            OSError: The draft is gone, or cannot be read.
        """
        holder = cls._held.get(str(file))
        if holder is not None:
            holder.hand_over()
        return claim(file)

    def hand_over(self) -> None:
        """Leave the file to another labeler, and go on in another file with the next change."""
        done = threading.Event()

        def work() -> None:
            try:
                if self._spare is not None and (self._open is not None or self._claimed is not None):
                    self._before = self.file.read_bytes()
                    self._let_go()
                    self.file = self._spare
            finally:
                done.set()

        self._worker.do(lambda: self._quietly(work))
        done.wait(_SECONDS_TO_HAND_OVER)

    def _remove(self, start: NDArray[Any] | None) -> None:
        if start is not None:
            self._start = start
        self._before = None
        if not HOLDS_OPEN:
            self._let_go()
        # While it is still locked, so that nobody finds it as one that was left behind.
        self.file.unlink(missing_ok=True)
        self._let_go()

    def _let_go(self) -> None:
        self._held.pop(str(self.file), None)
        for handle in (self._open, self._claimed):
            if handle is not None:
                handle.close()
        self._open = self._claimed = None

    def _quietly(self, work: Any) -> None:
        # A journal that cannot be written must not stop the labeling: the draft is still in memory.
        try:
            work()
        except OSError as error:
            if not self._told:
                logger.warning("%s: the draft cannot be kept on disk while it is not saved: %s", self.file, error)
            self._told = True


def read_journal(file: Path, shape: tuple[int, ...], watch: Watch = UNWATCHED) -> Found | None:
    """The draft that a journal holds, or None where there is none for an image of that shape.

    Args:
        file: The journal, which is not changed.
        shape: The image's shape.
        watch: Asked after each record whether to go on.

    Raises:
        Cancelled: Nobody wants it any more, as ``watch`` says.
    """
    try:
        data = file.read_bytes()
        changed = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None
    mask: NDArray[Any] | None = None
    prompts: list[Any] = []
    owner: Owner | None = None
    waiting: list[tuple[Region, NDArray[Any]]] = []
    for head, voxels in _records(data):
        watch.check()
        if "owner" in head:
            owner = Owner.from_json(head["owner"]) or owner
            continue
        prompts = _resolved(head["prompts"], prompts) if "prompts" in head else prompts
        if mask is None:
            mask = np.zeros(shape, np.dtype(head["dtype"]), order="F")
        if head["region"] is None:
            continue
        region = Region.from_flat(head["region"])
        if region.clip(shape) != region:
            return None
        try:
            waiting.append((region, decode_labels(voxels, region)))
        except ValueError:
            break
        if not head.get("more"):
            mask, waiting = _with_parts(mask, waiting), []
    return Found(mask, changed, prompts, owner) if mask is not None else None


def _with_parts(mask: NDArray[Any], parts: list[tuple[Region, NDArray[Any]]]) -> NDArray[Any]:
    for region, values in parts:
        if values.dtype.itemsize > mask.dtype.itemsize:
            mask = mask.astype(values.dtype)
        mask[region.slices] = values
    return mask


def read_owner(file: Path) -> Owner | None:
    """Whose a draft is, None where it does not say so."""
    try:
        data = file.read_bytes()
    except OSError:
        return None
    owners = [owner for head, _ in _records(data) if (owner := Owner.from_json(head.get("owner"))) is not None]
    return owners[-1] if owners else None


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
