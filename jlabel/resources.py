"""The processor cores and the memory that there are for this process: in a container less than the machine has."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath

_SYSTEM = Path("/")
CONTROL_GROUPS = "sys/fs/cgroup"


def available_cores() -> int:
    """The cores that this process may run on, and no more than the limit of its container or control group allows.

    Threads beyond such a limit (``docker run --cpus``, the CPU limit of a pod or of a JupyterHub) make a computation
    slower, not quicker: the system stops all of them when the limit is used up, and each waits for the others.
    """
    return max(1, int(min(usable_cores(), _least(_SYSTEM, "cpu", _cores_of))))


def usable_cores() -> int:
    """The cores that this process may run on, whatever limit there is."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available_memory() -> int | None:
    """Bytes of the machine's memory, or of its container's where that has a limit; None where the system says neither.

    It is what there is in all, whatever is in use.
    """
    found = min(_machine_memory(), _least(_SYSTEM, "memory", _memory_of))
    return None if found == float("inf") else int(found)


def heed_core_limit() -> None:
    """Let torch compute, in the thread that calls this, with no more threads than :func:`available_cores`.

    Nothing happens without a limit, or where OMP_NUM_THREADS says how many threads are wanted.
    """
    cores = available_cores()
    if cores >= usable_cores() or "OMP_NUM_THREADS" in os.environ:
        return
    torch = sys.modules.get("torch")
    if torch is None:
        os.environ["OMP_NUM_THREADS"] = str(cores)  # torch looks at it when it is loaded
    elif hasattr(torch, "set_num_threads") and torch.get_num_threads() > cores:  # else another thread loads it now
        torch.set_num_threads(cores)


def own_control_groups(system: Path, controller: str) -> Iterator[tuple[Path, PurePosixPath]]:
    """The control groups of this process, of both versions: the folder of all groups, and the path of its own there.

    Args:
        system: The root of the file system.
        controller: What the group is asked about, such as ``"cpu"`` or ``"memory"``.
    """
    with contextlib.suppress(OSError, ValueError):
        for line in (system / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "" or controller in controllers.split(","):
                yield system / CONTROL_GROUPS / (controller if controllers else ""), PurePosixPath(path)


def _machine_memory() -> float:
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return float("inf")


@lru_cache(maxsize=2)
def _least(system: Path, controller: str, limit_of: Callable[[Path], float]) -> float:
    """The least limit of the control groups that this process is in; infinite where there is none."""
    return min((limit_of(group) for group in _groups(system, controller)), default=float("inf"))


def _groups(system: Path, controller: str) -> Iterator[Path]:
    """Folders of the control groups of this process and of all above, in both versions; the container's own last."""
    for top, path in own_control_groups(system, controller):
        yield from (top / str(one).lstrip("/") for one in (path, *path.parents) if ".." not in one.parts)
    yield from (system / CONTROL_GROUPS, system / CONTROL_GROUPS / controller)


def _cores_of(group: Path) -> float:
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = (group / "cpu.max").read_text().split()
        return float("inf") if quota == "max" else float(quota) / float(period)
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):
        quota_us = float((group / "cpu.cfs_quota_us").read_text())
        return quota_us / float((group / "cpu.cfs_period_us").read_text()) if quota_us > 0 else float("inf")
    return float("inf")


def _memory_of(group: Path) -> float:
    for name in ("memory.max", "memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            limit = float((group / name).read_text().strip().replace("max", "inf"))
            return limit if limit > 0 else float("inf")
    return float("inf")
