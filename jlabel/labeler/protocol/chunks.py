"""Data on its way to one page: compressed, and cut so that no message is large."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from jlabel.labeler.protocol.volume_stream import PIECE_BYTES


def chunks(data: bytes, level: int = 1) -> Iterator[tuple[int, int, bytes]]:
    """The data, zlib-compressed, in chunks: its number from 0, how many there are, and its bytes; at least one.

    Args:
        data: What the page shall have.
        level: Of compression, 0 to 9.
    """
    packed = zlib.compress(data, level)
    count = -(-len(packed) // PIECE_BYTES)
    for n in range(count):
        yield n, count, packed[n * PIECE_BYTES : (n + 1) * PIECE_BYTES]
