"""Data on its way to one page: compressed, and cut so that no message is large."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from jlabel.widget.stream import PIECE_BYTES


def pieces(data: bytes, level: int = 1) -> Iterator[tuple[dict[str, int], bytes]]:
    """The data, zlib-compressed, as ``{"piece": n, "pieces": of}`` and bytes; at least one.

    Args:
        data: What the page shall have.
        level: Of compression, 0 to 9.
    """
    packed = zlib.compress(data, level)
    count = -(-len(packed) // PIECE_BYTES)
    for n in range(count):
        yield {"piece": n, "pieces": count}, packed[n * PIECE_BYTES : (n + 1) * PIECE_BYTES]
