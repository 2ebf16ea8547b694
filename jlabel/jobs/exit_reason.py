"""Why a process ended, in words."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

from jlabel.errors import ran_out_of_memory
from jlabel.resources import CONTROL_GROUPS, own_control_groups

_OUT_OF_MEMORY = "out of memory"


def describe_exit(code: int, killed_for_memory: bool) -> str:
    """What an exit status says, as ``subprocess`` gives it: negative for a signal."""
    if killed_for_memory:
        return f"{_OUT_OF_MEMORY}: the system ended the job; use smaller patches, a smaller batch or fewer workers"
    if code >= 0:
        return f"its process ended with exit code {code} and said nothing"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"its process was ended from outside by {name}" if -code in _FROM_OUTSIDE else f"its process crashed: {name}"


def describe_exception(error: BaseException) -> str:
    """What an exception says, running out of memory and a full disk named as such."""
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if ran_out_of_memory(error):
        return f"{_OUT_OF_MEMORY}: {text}"
    return text


def memory_kills() -> int:
    """How often the system has ended a process for want of memory, as near to this one as it tells; 0 if it does not.

    Counted are the processes of this one's control group (of either version), else those of the container, else of the
    machine.
    """
    for file in _counters():
        try:
            for line in file.read_text().splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill":
                    return int(value)
        except (OSError, ValueError):
            continue
    return 0


def offer_as_first_victim() -> None:
    """Ask the system to end this process rather than the kernel when memory runs out."""
    try:
        Path("/proc/self/oom_score_adj").write_text("600")
    except OSError:
        return


def _counters() -> Iterator[Path]:
    for top, path in own_control_groups(_SYSTEM, "memory"):
        group = top / str(path).lstrip("/")
        yield from (group / "memory.events", group / "memory.oom_control")  # of one version or the other
    groups = _SYSTEM / CONTROL_GROUPS
    yield groups / "memory.events"
    yield groups / "memory/memory.oom_control"
    yield _SYSTEM / "proc/vmstat"


_SYSTEM = Path("/")
_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
