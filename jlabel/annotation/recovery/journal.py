"""The draft on disk, stroke by stroke, so that a killed kernel loses nothing that was painted."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Protocol
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

from jlabel.annotation.recovery.file_lock import HOLDS_OPEN, Owner, lock, open_locked
from jlabel.annotation.recovery.journal_reading import read_journal
from jlabel.annotation.recovery.journal_records import record
from jlabel.files.file_operations import remove_file
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.plain_files import open_plain, write_all
from jlabel.files.temporary import temporary_name
from jlabel.imaging import Region, bounding_region, encode_voxels

logger = logging.getLogger(__name__)

_SECONDS_TO_HAND_OVER = 10.0
# Between two tries to write what found no room.
_SECONDS_TO_RETRY = 2.0
# Changes after which the file is written anew: to read one takes about half a millisecond.
_MOST_CHANGES = 250


class Worker(Protocol):
    """Whoever carries out what is to be written, one after the other."""

    def do(self, job: Callable[[], None], /) -> None:
        """Carry it out after all that was given before."""

    def flush(self) -> None:
        """Wait until everything that was given is done."""


class Journal:
    """The changes to one draft, appended to a file as they are made; the file is gone once the draft is saved.

    The writing happens on a thread of its own, in order. A record that a kill cut short is left out when reading. The
    system's buffers outlive the kernel, so nothing is synced: a power cut may cost the last seconds, a kill does not.
    After every 250 changes the file is written anew with the draft as it is then, so that opening it takes no longer
    after thousands of strokes than after a few.

    What cannot be written, on a full disk say, is taken back to the last whole record, kept in memory, and tried again
    with the next change and every two seconds.

    Args:
        file: Where; its folder is made when there is something to write.
        start: What the draft began with, written before the first change.
        worker: The thread that writes.
        claimed: The file, opened by :func:`jlabel.annotation.recovery.file_lock.open_locked`, where the draft was left
            behind.
        spare: The file to go on in, once another labeler of this process has taken the draft over.
        shape: The image's; where it is not given, the file is never written anew.
        listener: Called, on the thread that writes, whenever :attr:`problem` is another.
        stamp: What tells the image from every other one, so that the draft never comes back over another.

    Attributes:
        file: Where the changes are kept.
        problem: Why changes are in memory alone; None while all of them are on disk.
    """

    _held: ClassVar[WeakValueDictionary[str, Journal]] = WeakValueDictionary()

    def __init__(
        self,
        file: Path,
        start: NDArray[Any] | None,
        worker: Worker,
        claimed: BinaryIO | None = None,
        spare: Path | None = None,
        shape: tuple[int, ...] | None = None,
        listener: Callable[[], None] | None = None,
        stamp: str = "",
    ) -> None:
        self.file = file
        self.problem: str | None = None
        self._listener = listener
        self._stamp = stamp
        self._shape = shape
        self._changes = 0
        self._spare = spare
        self._claimed = claimed
        self._before: bytes | None = None
        if claimed is not None:
            self._held[str(file)] = self
        self._start = start
        self._worker = worker
        self._open: BinaryIO | None = None
        # Bytes of whole records in the open file, and the records that are not in it yet.
        self._whole = 0
        self._unwritten: list[bytes] = []
        self._retry: threading.Timer | None = None
        self._prompts: Sequence[Any] = ()
        self._notes: Mapping[str, Any] = {}
        self._dtype = "uint8"

    def append(self, parts: Sequence[tuple[Region, bytes]], dtype: np.dtype[Any], prompts: Sequence[Any] = ()) -> None:
        """A change of the draft, which is read again whole or not at all.

        Args:
            parts: Where voxels changed, and the voxels there now as :func:`jlabel.imaging.encode_voxels` wrote them;
                none where the prompts alone did.
            dtype: The mask's type.
            prompts: The prompts now, a list of plain JSON; an item that is the very same object as before is written
                once.
        """
        self._worker.do(lambda: self._quietly(lambda: self._add(parts, dtype.name, prompts)))

    def note(self, notes: Mapping[str, Any]) -> None:
        """Keep what there is to know of the draft besides, while there are changes to keep.

        Args:
            notes: Plain JSON by topic, in the place of all former notes.
        """
        self._worker.do(lambda: self._quietly(lambda: self._note(dict(notes))))

    def clear(self, start: NDArray[Any] | None = None) -> None:
        """Forget the changes: they are saved, or given up.

        Args:
            start: What the draft goes on from, where it was saved; None to begin as before.
        """
        self._worker.do(lambda: self._quietly(lambda: self._remove(start)))

    def close(self) -> None:
        """Let go of the file."""
        self._worker.do(lambda: self._quietly(self._end))

    def _add(self, parts: Sequence[tuple[Region, bytes]], dtype: str, prompts: Sequence[Any]) -> None:
        begins = self._open is None and not self._unwritten
        known = () if begins else self._prompts
        places = {id(item): place for place, item in enumerate(known)}
        items = [places.get(id(item), item) for item in prompts]
        new = {"prompts": items} if begins or items != list(range(len(known))) else {}
        heads = [{"region": region.to_flat(), "dtype": dtype, "more": True} for region, _ in parts[:-1]]
        heads.append({"region": parts[-1][0].to_flat() if parts else None, "dtype": dtype, **new})
        voxels = [packed for _, packed in parts] or [b""]
        self._unwritten.append(b"".join(record(head, packed) for head, packed in zip(heads, voxels, strict=True)))
        self._prompts, self._dtype = prompts, dtype
        self._write()

    def _note(self, notes: Mapping[str, Any]) -> None:
        self._notes = notes
        if self._open is not None or self._unwritten:
            self._unwritten.append(self._note_record())
            self._write()

    def _note_record(self) -> bytes:
        return record({"region": None, "dtype": self._dtype, "notes": self._notes}, b"")

    def _whose(self) -> dict[str, Any]:
        """Whose the draft is, and of which image."""
        return {"owner": Owner.here().to_json(), "image": self._stamp}

    def _write(self) -> None:
        """Write what is not on disk yet."""
        if not self._unwritten:
            return
        content = b"".join(self._unwritten)
        if self._open is None:
            self._begin(self._first() + content)
        else:
            self._append_whole(self._open, content)
        self._changes += len(self._unwritten)
        self._unwritten = []
        self._say(None)
        if self._shape is not None and self._changes > _MOST_CHANGES:
            # All is on disk, in a file that is longer than it needs to be.
            with contextlib.suppress(OSError):
                self._compact(self._shape)

    def _append_whole(self, opened: BinaryIO, content: bytes) -> None:
        """Append to the file, or leave it as it was: what came behind half a record would never be read."""
        descriptor = opened.fileno()
        if os.fstat(descriptor).st_size != self._whole:
            os.ftruncate(descriptor, self._whole)
        os.lseek(descriptor, self._whole, os.SEEK_SET)
        try:
            write_all(descriptor, content)
        except OSError:
            with contextlib.suppress(OSError):  # else before the next record
                os.ftruncate(descriptor, self._whole)
            raise
        self._whole += len(content)

    def _compact(self, shape: tuple[int, ...]) -> None:
        """Write the file anew: the draft as it is, in the place of all changes that led there."""
        self._changes = 0
        found = read_journal(self.file, shape)
        if found is None:
            return
        dtype = found.mask.dtype.name
        parts = [record({"region": None, "dtype": dtype, **self._whose()}, b"")]
        parts += _mask_records(found.mask)
        parts.append(record({"region": None, "dtype": dtype, "prompts": list(self._prompts)}, b""))
        self._begin(b"".join([*parts, self._note_record()]))

    def _first(self) -> bytes:
        """The records before the first change: whose the draft is, and what it began with."""
        first = record({"region": None, "dtype": self._dtype, **self._whose()}, b"")
        if self._notes:
            first += self._note_record()
        if self._before is not None:
            return self._before + first
        return first if self._start is None else first + b"".join(_mask_records(self._start))

    def _begin(self, content: bytes) -> None:
        """A new file, locked before anybody sees it, in the place of an older one that the draft may have come from."""
        with FolderHandle.make(self.file.parent) as folder:
            beside = temporary_name()
            opened: BinaryIO = os.fdopen(folder.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb", buffering=0)
            try:
                lock(opened)
                write_all(opened.fileno(), content)
                if not HOLDS_OPEN:
                    opened.close()
                    self._let_go()
                folder.replace(beside, self.file.name)
            except BaseException:
                opened.close()
                raise
            finally:
                with contextlib.suppress(OSError):
                    folder.unlink(beside, missing_ok=True)
            self._let_go()
            if not HOLDS_OPEN:
                opened = os.fdopen(folder.open(self.file.name, os.O_WRONLY | os.O_APPEND), "ab", buffering=0)
        self._open = opened
        self._whole = len(content)
        self._held[str(self.file)] = self

    @classmethod
    def open_locked(cls, file: Path) -> BinaryIO | None:
        """As :func:`jlabel.annotation.recovery.file_lock.open_locked`; a labeler of this process hands its draft over.

        Raises:
            OSError: The draft is gone, or cannot be read.
        """
        holder = cls._held.get(str(file))
        if holder is not None:
            holder.hand_over()
        return open_locked(file)

    def hand_over(self) -> None:
        """Leave the file to another labeler, and go on in another file with the next change."""
        done = threading.Event()

        def work() -> None:
            try:
                if self._spare is not None and (self._open is not None or self._claimed is not None):
                    with os.fdopen(open_plain(self.file), "rb") as file:
                        self._before = file.read()
                    self._let_go()
                    self.file = self._spare
            finally:
                done.set()

        self._worker.do(lambda: self._quietly(work))
        done.wait(_SECONDS_TO_HAND_OVER)

    def _remove(self, start: NDArray[Any] | None) -> None:
        if start is not None:
            self._start = start
        self._before, self._notes = None, {}
        self._give_up()
        self._say(None)
        if not HOLDS_OPEN:
            self._let_go()
        # While it is still locked, so that nobody finds it as one that was left behind.
        remove_file(self.file)
        self._let_go()

    def _end(self) -> None:
        try:
            self._write()
        finally:
            self._give_up()
            self._let_go()

    def _give_up(self) -> None:
        """What is not written yet need not be any more."""
        self._unwritten = []
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _let_go(self) -> None:
        self._held.pop(str(self.file), None)
        for handle in (self._open, self._claimed):
            if handle is not None:
                handle.close()
        self._open = self._claimed = None

    def _quietly(self, work: Callable[[], None]) -> None:
        # A journal that cannot be written must not stop the labeling: the draft is still in memory.
        try:
            work()
        except OSError as error:
            if self.problem is None:
                logger.warning("%s: the draft cannot be kept on disk while it is not saved: %s", self.file, error)
            if self._unwritten:
                self._say(_not_on_disk(error, self.file))
                self._try_later()

    def _try_later(self) -> None:
        if self._retry is not None and self._retry.is_alive():
            return
        self._retry = threading.Timer(
            _SECONDS_TO_RETRY, lambda: self._worker.do(lambda: self._quietly(self._write_again))
        )
        self._retry.daemon = True
        self._retry.start()

    def _write_again(self) -> None:
        self._retry = None
        self._write()

    def _say(self, problem: str | None) -> None:
        if problem != self.problem:
            self.problem = problem
            if self._listener is not None:
                self._listener()


def _not_on_disk(error: OSError, file: Path) -> str:
    return (
        f"Your unsaved changes are in memory alone, and would be lost with the kernel: {error.strerror or error} "
        f"({file.parent}). Make room, or save"
    )


def _mask_records(mask: NDArray[Any]) -> list[bytes]:
    """The record of a whole mask; none where it is empty."""
    occupied = bounding_region(mask)
    if occupied is None:
        return []
    head = {"region": occupied.to_flat(), "dtype": mask.dtype.name}
    return [record(head, encode_voxels(mask[occupied.slices]))]
