"""Why a process ended, in words."""

from __future__ import annotations

import signal
from pathlib import Path

_OUT_OF_MEMORY = "out of memory"
_EXPLICIT = ("out of memory", "can't allocate memory", "cannot allocate memory")


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
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in _EXPLICIT):
        return f"{_OUT_OF_MEMORY}: {text}"
    return text


def memory_kills() -> int:
    """How often the system has ended a process of this container for want of memory; 0 where it does not tell."""
    for file in (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control")):
        try:
            for line in file.read_text().splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill":
                    return int(value)
        except (OSError, ValueError):
            continue
    return _machine_memory_kills()


def offer_as_first_victim() -> None:
    """Ask the system to end this process rather than the kernel when memory runs out."""
    try:
        Path("/proc/self/oom_score_adj").write_text("600")
    except OSError:
        return


def _machine_memory_kills() -> int:
    try:
        lines = Path("/proc/vmstat").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
