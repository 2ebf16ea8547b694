"""One thread looks after everything, for as long as there is anything to look after."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.labeler.background.ticker import Ticker


class Look:
    """Something that is looked at."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.beats = 0
        self.threads: set[threading.Thread] = set()
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.beats += 1
            self.threads.add(threading.current_thread())
            self._changed.notify_all()
        if self.fails:
            raise ValueError("this look failed")

    def wait(self, more: int = 1) -> None:
        """Until it was looked at so many times more."""
        with self._changed:
            wanted = self.beats + more
            assert self._changed.wait_for(lambda: self.beats >= wanted, 60)


@pytest.fixture
def ticker() -> Ticker:
    return Ticker(0.001)


def ended(threads: set[threading.Thread]) -> bool:
    for thread in threads:
        thread.join(60)
    return not any(thread.is_alive() for thread in threads)


def test_what_is_added_is_looked_at_until_its_end(ticker: Ticker) -> None:
    look, other = Look(), Look()
    end, end_other = ticker.add(look), ticker.add(other)
    look.wait(3)
    end()
    # A beat that had begun by then may still be on its way; the one after is without it.
    other.wait(2)
    before = look.beats
    other.wait(3)
    assert look.beats == before
    end_other()
    assert ended(other.threads)


def test_one_thread_looks_at_all(ticker: Ticker) -> None:
    looks = [Look() for _ in range(5)]
    ends = [ticker.add(look) for look in looks]
    for look in looks:
        look.wait()
    threads = set.union(*(look.threads for look in looks))
    assert len(threads) == 1
    for end in ends:
        end()
    assert ended(threads)


def test_without_anything_to_look_at_there_is_no_thread_and_with_it_there_is_one_again(ticker: Ticker) -> None:
    look = Look()
    for _ in range(3):
        end = ticker.add(look)
        look.wait()
        end()
        assert ended(look.threads)
    assert len(look.threads) == 3


def test_what_fails_is_written_down_and_the_others_are_looked_at(
    ticker: Ticker, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = Look(fails=True), Look()
    with caplog.at_level(logging.ERROR):
        ends = [ticker.add(bad), ticker.add(good)]
        good.wait(3)
        bad.wait(3)
    assert "this look failed" in caplog.text
    for end in ends:
        end()
    assert ended(good.threads)


def test_ending_twice_does_no_harm(ticker: Ticker) -> None:
    look, other = Look(), Look()
    end, end_other = ticker.add(look), ticker.add(other)
    end()
    end()
    other.wait(2)
    end_other()
    assert ended(other.threads)


def test_a_look_may_end_itself(ticker: Ticker) -> None:
    once, other = Look(), Look()
    ends: list[Callable[[], None]] = []

    def look_and_end() -> None:
        once()
        for end in ends:
            end()

    ends.append(ticker.add(look_and_end))
    end_other = ticker.add(other)
    other.wait(3)
    before = once.beats
    assert before > 0
    other.wait(3)
    assert once.beats == before
    end_other()
    assert ended(other.threads)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from(["add", "end"]), st.integers(0, 3)), max_size=15))
def test_whatever_is_added_and_ended_the_rest_is_looked_at(changes: list[tuple[str, int]]) -> None:
    ticker, looks = Ticker(0.001), [Look() for _ in range(4)]
    ends: dict[int, Callable[[], None]] = {}
    for change, which in changes:
        if change == "add" and which not in ends:
            ends[which] = ticker.add(looks[which])
        elif change == "end" and which in ends:
            ends.pop(which)()
    for which in ends:
        looks[which].wait()
    for end in ends.values():
        end()
    assert ended(set.union(*(look.threads for look in looks)))


def test_ending_twice_leaves_the_same_look_of_another() -> None:
    ticker = Ticker(0.001)

    def look() -> None:
        return None

    end, end_other = ticker.add(look), ticker.add(look)
    end()
    end()
    assert len(ticker._looks) == 1
    end_other()
    assert not ticker._looks


def test_a_look_ends_although_its_thread_is_just_adding_another() -> None:
    ticker = Ticker(0.01)
    end = ticker.add(lambda: None)

    def add() -> None:
        with ticker._lock:  # a collection ends what nobody refers to at any moment
            end()
            ticker.add(lambda: None)()

    adding = threading.Thread(target=add, daemon=True)
    adding.start()
    adding.join(30)
    assert not adding.is_alive()
