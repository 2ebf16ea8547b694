"""What takes time: waited for, watched, given up."""

from __future__ import annotations

import threading

import pytest

from jlabel.errors import Cancelled
from jlabel.labeler.background import tasks as doing_module
from jlabel.labeler.background.tasks import BackgroundTask


def test_who_waits_gets_the_result_or_the_error() -> None:
    doing = BackgroundTask("Counting")
    assert doing.wait_for(lambda: 5) == 5
    with pytest.raises(ZeroDivisionError):
        doing.wait_for(lambda: 1 // 0)


def test_what_is_given_up_ends_by_itself() -> None:
    begun, gate, ended = threading.Event(), threading.Event(), threading.Event()
    doing = BackgroundTask("Opening a")

    def work() -> None:
        begun.set()
        gate.wait(10)
        ended.set()

    def give_up() -> None:
        begun.wait(10)
        doing.cancel()

    threading.Thread(target=give_up).start()
    with pytest.raises(Cancelled, match=r"^Opening a was cancelled$"):
        doing.wait_for(work)
    gate.set()
    assert ended.wait(10)


def test_what_was_given_up_before_is_not_begun() -> None:
    doing, begun = BackgroundTask("Opening a"), threading.Event()
    doing.check()
    doing.cancel()
    with pytest.raises(Cancelled):
        doing.wait_for(begun.set)
    with pytest.raises(Cancelled):
        doing.progress.step(1, 2)
    assert not begun.is_set()


def test_progress_is_not_told_too_often_but_its_end_is(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []
    doing = BackgroundTask("Saving", lambda _, fraction: told.append(fraction))
    monkeypatch.setattr(doing_module, "_SECONDS_BETWEEN_REPORTS", 1000)
    for i in range(11):
        doing.report(i / 10)
    assert told == [0, 1]
