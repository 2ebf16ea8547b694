"""Why a process ended, in words."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from jlabel.jobs import Jobs, exit_reason
from jlabel.jobs.exit_reason import describe_exception, describe_exit, memory_kills
from jlabel.jobs.worker import main as work_on
from tests.jobs import works


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


@pytest.mark.parametrize(
    ("cgroup", "counter", "content"),
    [
        ("0::/\n", "sys/fs/cgroup/memory.events", "low 0\noom 5\noom_kill 3\n"),
        ("0::/user.slice/kernel\n", "sys/fs/cgroup/user.slice/kernel/memory.events", "oom_kill 3\n"),
        ("1:cpu:/\n4:memory:/pod/1\n", "sys/fs/cgroup/memory/pod/1/memory.oom_control", "under_oom 0\noom_kill 3"),
        ("nonsense", "sys/fs/cgroup/memory.events", "oom_kill 3\n"),
        (None, "proc/vmstat", "nr_free_pages 12\noom_kill 3\n"),
    ],
)
def test_the_system_tells_how_often_it_ended_a_process_for_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cgroup: str | None, counter: str, content: str
) -> None:
    monkeypatch.setattr(exit_reason, "_SYSTEM", tmp_path)
    assert memory_kills() == 0
    files = {counter: content, "proc/self/cgroup": cgroup, "sys/fs/cgroup/memory/memory.oom_control": "oom_kill x"}
    for name, text in files.items():
        if text is not None:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
    assert memory_kills() == 3


def test_a_job_that_the_system_killed_for_memory_says_so(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = tmp_path / "sys/fs/cgroup/memory.events"
    counter.parent.mkdir(parents=True)
    counter.write_text("oom_kill 4\n")
    monkeypatch.setattr(exit_reason, "_SYSTEM", tmp_path)
    monkeypatch.setattr("jlabel.jobs.runners.LocalProcesses.start", lambda self, folder, lock: None)
    monkeypatch.setattr("jlabel.jobs.worker.os.nice", lambda by: 0)
    job = jobs.start("eat", "all", works.BeKilledForMemory(counter), device="cpu")
    # In this very process, since it is this one's control group that is made up.
    assert work_on([str(job.folder.path)]) == 0
    assert job.state == "failed"
    assert job.error.startswith("out of memory: the system ended the job; use smaller patches")


def test_the_system_ends_a_job_rather_than_the_kernel(jobs: Jobs) -> None:
    job = jobs.start("look", "around", works.first_victim, device="cpu")
    assert job.wait(60)
    assert job.result["score"] >= 600
