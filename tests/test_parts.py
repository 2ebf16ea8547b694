"""Doing the same with many items."""

from __future__ import annotations

import pytest

from jlabel import parts
from jlabel.errors import Cancelled, TaskError, UnreachableError
from jlabel.parts import PartResult, map_here, map_parts
from jlabel.tasks.scoring import AloneRun


def half(item: int, run: object) -> int:
    if item % 2:
        raise TaskError(f"{item} is odd")
    return item // 2


def test_what_fails_in_words_is_told_and_the_rest_is_done() -> None:
    found = list(map_parts(AloneRun(), half, [2, 3, 4]))
    assert found == [PartResult(2, 1), PartResult(3, error="3 is odd"), PartResult(4, 2)]


def test_what_cannot_be_reached_is_tried_again_and_is_no_fault_of_the_item(monkeypatch) -> None:
    monkeypatch.setattr(parts, "_FIRST_WAIT", 0.01)
    away = [UnreachableError("the database went away"), UnreachableError("it is still away")]

    def part(item: int, run: object) -> int:
        if away:
            raise away.pop()
        return item

    assert list(map_parts(AloneRun(), part, [1, 2])) == [PartResult(1, 1), PartResult(2, 2)]
    monkeypatch.setattr(parts, "PATIENCE", -1.0)
    away = [UnreachableError("the database went away")]
    with pytest.raises(UnreachableError, match="went away"):
        list(map_parts(AloneRun(), part, [1, 2]))


def test_an_error_of_another_kind_ends_it() -> None:
    with pytest.raises(ZeroDivisionError):
        list(map_here(AloneRun(), lambda item, run: 1 // item, [1, 0]))


def test_it_stops_before_the_next_item_once_it_is_cancelled() -> None:
    class Run(AloneRun):
        def check_cancelled(self) -> None:
            if done:
                raise Cancelled("enough")

    done: list[int] = []
    with pytest.raises(Cancelled):
        list(map_parts(Run(), lambda item, run: done.append(item), range(3)))
    assert done == [0]


def test_a_run_that_shares_parts_out_is_asked_to() -> None:
    class Run(AloneRun):
        def map(self, part, items):
            return [PartResult(item, "elsewhere") for item in items]

    assert list(map_parts(Run(), half, [1])) == [PartResult(1, "elsewhere")]
