"""Why a process ended, in words."""

from __future__ import annotations

import signal

import pytest

from jlabel.jobs.ending import describe_exception, describe_exit, memory_kills


@pytest.mark.parametrize(
    ("code", "killed_for_memory", "words"),
    [
        (-signal.SIGKILL, True, "out of memory: the system ended the job"),
        (-signal.SIGKILL, False, "its process was ended from outside by SIGKILL"),
        (-signal.SIGSEGV, False, "its process crashed: SIGSEGV"),
        (-250, False, "its process crashed: signal 250"),
        (3, False, "its process ended with exit code 3 and said nothing"),
    ],
)
def test_an_exit_status(code: int, killed_for_memory: bool, words: str) -> None:
    assert describe_exit(code, killed_for_memory).startswith(words)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "out of memory: MemoryError"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out of memory: RuntimeError"),
        (ValueError("no"), "ValueError: no"),
        (KeyError(), "KeyError"),
    ],
)
def test_an_exception(error: Exception, words: str) -> None:
    assert describe_exception(error).startswith(words)


def test_the_system_tells_how_often_it_ended_a_process_for_memory() -> None:
    assert memory_kills() >= 0
