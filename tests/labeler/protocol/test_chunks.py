"""Data on its way to one page comes whole, in chunks that stay small."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.labeler.protocol import chunks as chunks_module
from jlabel.labeler.protocol.chunks import chunks
from jlabel.labeler.protocol.volume_stream import PIECE_BYTES


@given(st.binary(max_size=400), st.integers(1, 64), st.integers(0, 9))
def test_the_chunks_are_together_the_data(data: bytes, most: int, level: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks_module, "PIECE_BYTES", most)
        cut = list(chunks(data, level))
    assert [number for number, _, _ in cut] == list(range(len(cut)))
    assert {count for _, count, _ in cut} == {len(cut)}
    assert all(0 < len(chunk) <= most for _, _, chunk in cut)
    assert zlib.decompress(b"".join(chunk for _, _, chunk in cut)) == data


def test_no_data_is_one_chunk_all_the_same() -> None:
    [(number, count, packed)] = chunks(b"")
    assert (number, count, zlib.decompress(packed)) == (0, 1, b"")


def test_what_does_not_compress_is_cut_to_messages_of_four_megabytes() -> None:
    data = np.random.default_rng(0).bytes(PIECE_BYTES + 1)
    assert [len(chunk) <= PIECE_BYTES for _, _, chunk in chunks(data)] == [True, True]


def test_a_higher_level_is_smaller() -> None:
    data = b"".join(f"vertex {n % 97} {n % 89}\n".encode() for n in range(5000))
    sizes = [sum(len(chunk) for _, _, chunk in chunks(data, level)) for level in (0, 1, 9)]
    assert sizes[0] > sizes[1] > sizes[2]
