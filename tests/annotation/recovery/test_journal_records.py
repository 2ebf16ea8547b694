"""Records of a draft's file: whatever cuts or damages it, all whole records before that place come back."""

from __future__ import annotations

import io
import struct
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jlabel.annotation.recovery.journal_records import record, records

Records = list[tuple[dict[str, Any], bytes]]

HEADS = st.fixed_dictionaries(
    {"region": st.none() | st.lists(st.integers(0, 500), min_size=6, max_size=6), "dtype": st.just("|u1")},
    optional={"step": st.text(max_size=5)},
)
WRITTEN = st.lists(st.tuples(HEADS, st.binary(max_size=20)), max_size=5)


def read(content: bytes) -> Records:
    return list(records(io.BytesIO(content)))


@given(WRITTEN)
def test_what_was_written_is_read(written: Records) -> None:
    assert read(b"".join(record(*one) for one in written)) == written


@given(WRITTEN, st.data())
def test_one_that_a_kill_cut_short_ends_it(written: Records, data: st.DataObject) -> None:
    content = b"".join(record(*one) for one in written)
    cut = data.draw(st.integers(0, len(content)))
    found = read(content[:cut])
    assert found == written[: len(found)]
    assert sum(len(record(*one)) for one in written[: len(found) + 1]) > cut or found == written


@given(st.lists(st.tuples(HEADS, st.binary(max_size=20)), min_size=1, max_size=5), st.data())
def test_a_damaged_byte_loses_nothing_before_it(written: Records, data: st.DataObject) -> None:
    content = bytearray(b"".join(record(*one) for one in written))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    found = read(bytes(content))
    before = 0
    while before < len(written) and len(b"".join(record(*one) for one in written[: before + 1])) <= at:
        before += 1
    assert found == written[:before]


def test_a_whole_record_of_something_else_is_passed_by() -> None:
    ours = ({"region": None, "dtype": "|u1"}, b"x")
    assert read(record({"else": 1}, b"") + record(*ours)) == [ours]


def test_a_size_that_no_record_has_is_not_read() -> None:
    assert read(struct.pack("<III", 2**31, 2**31, 0) + b"x" * 64) == []
