"""The chain of pages of a TIFF file, walked before a library follows it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Literal

from jlabel.errors import ImageError

_BIG = 43


def check_page_chain(path: Path) -> None:
    """Verify that the directories of a TIFF or BigTIFF lie in the file and end (TIFF 6.0, section 2).

    Raises:
        ImageError: A directory lies beyond the end of the file, is empty, or leads back to one before it.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
        big = int.from_bytes(head[2:4], order) == _BIG
        word, entry, number = (8, 20, 8) if big else (4, 12, 2)
        offset = int.from_bytes(file.read(8) if big else head[4:8], order)
        seen: set[int] = set()
        while offset:
            if offset in seen:
                raise ImageError(path, "is damaged: its pages lead round in a circle")
            seen.add(offset)
            entries = _number(file, offset, number, order)
            end = offset + number + entries * entry
            if entries == 0 or end + word > size:
                raise ImageError(path, "is truncated or damaged: the list of its pages leads beyond its end")
            offset = _number(file, end, word, order)


def _number(file: BinaryIO, offset: int, length: int, order: Literal["little", "big"]) -> int:
    file.seek(min(offset, 1 << 62))
    return int.from_bytes(file.read(length), order)
