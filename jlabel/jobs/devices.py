"""On which devices a job runs, found out without importing torch where there can be no GPU.

Devices are one text, as torch names them and with commas between several: ``"cuda:0,cuda:1"``. A device that is named
several times (the CPU alone can be) has as many processes.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from jlabel.errors import JobError
from jlabel.resources import available_cores

# What the drivers of NVIDIA, AMD and Windows' Linux put there.
_DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
#: More than any machine has.
MOST_THREADS = 4096
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


def device_names(device: str | Sequence[str], here: bool = True) -> str:
    """Devices as one text, such as ``"cuda:0,cuda:1"``, from one or several names.

    Args:
        device: The names.
        here: Whether they are to be devices of this machine.

    Raises:
        JobError: A name means nothing, they do not go together, or a GPU is asked for on a machine without one.
    """
    names = device.split(",") if isinstance(device, str) else list(device)
    names = [name.strip() if isinstance(name, str) else str(name) for name in names]
    wrong = next((name for name in names if not _DEVICE.fullmatch(name)), None)
    if wrong is not None or not names:
        raise JobError(f"unknown device {wrong or device!r}; use 'auto', 'cpu', 'cuda', 'cuda:1' or a list of them")
    if len(names) > 1:
        _check_together(names)
    if here and names[0].startswith("cuda") and not may_have_gpu():
        raise _no_gpu(",".join(names), 0)
    return ",".join(names)


def first_device(device: str | Sequence[str], here: bool = True) -> str:
    """The same for work that one device does: ``"cuda"`` is the first GPU.

    Args:
        device: As for :func:`device_names`.
        here: Likewise.

    Raises:
        JobError: As for :func:`device_names`, or there are several.
    """
    names = device_names(device, here)
    if "," in names:
        raise JobError(f"this work is done on one device, not on {names}")
    return "cuda:0" if names == "cuda" else names


def may_have_gpu() -> bool:
    """Whether asking torch for GPUs is worth its while."""
    return not sys.platform.startswith("linux") or any(Path(driver).exists() for driver in _DRIVERS)


def resolve_devices(device: str) -> tuple[str, ...]:
    """The devices' names for torch, one for each process; may take seconds where there is a GPU.

    Args:
        device: As :func:`device_names` gives it; ``"auto"`` is the first GPU, else the CPU, and ``"cuda"`` all GPUs.

    Raises:
        JobError: A GPU that was asked for is not there.
    """
    names = device_names(device).split(",")
    if names[0] == "cpu" or not may_have_gpu():
        return tuple("cpu" for _ in names)
    count = _gpus()
    if names == ["auto"]:
        return ("cuda:0",) if count else ("cpu",)
    if names == ["cuda"] and count:
        return tuple(f"cuda:{index}" for index in range(count))
    if any(int(name.partition(":")[2] or 0) >= count for name in names):
        raise _no_gpu(device, count)
    return tuple(names)


def checked_threads(threads: int | None) -> int | None:
    """A number of threads for a job's processes together, as somebody asked for it.

    Raises:
        JobError: It is none.
    """
    whole = isinstance(threads, int) and not isinstance(threads, bool)
    if threads is not None and not (whole and 1 <= threads <= MOST_THREADS):
        raise JobError(f"threads is how many a job's processes have together, 1 to {MOST_THREADS}, not {threads!r}")
    return threads


def threads_for(devices: Sequence[str], threads: int | None = None) -> int:
    """How many threads each of the processes may use.

    Args:
        devices: One for each process.
        threads: How many they have together; if not given all cores that there are for this process, of which on the
            CPU one is left to the person.
    """
    if threads is None:
        cores = available_cores()
        threads = cores - 1 if devices[0] == "cpu" else cores
    return max(1, threads // len(devices))


def device_lock(device: str) -> Path:
    """The lock of a device of this machine, the same for all studies folders of this user.

    Raises:
        JobError: The folder for it belongs to someone else.
    """
    folder = Path(tempfile.gettempdir()) / f"jlabel-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise JobError(f"{folder}: this folder belongs to someone else; set TMPDIR to a folder of your own")
    return folder / f"{device.replace(':', '-')}.lock"


def _check_together(names: Sequence[str]) -> None:
    if all(name == "cpu" for name in names):
        return
    if not all(re.fullmatch(r"cuda:\d+", name) for name in names):
        raise JobError(f"{', '.join(names)} do not go together; name GPUs with their numbers: ['cuda:0', 'cuda:1']")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise JobError(f"device {twice!r} is named twice, and a GPU takes one process")


def _gpus() -> int:
    # In a process of its own: torch is not worth its memory in the process that only waits.
    program = "import torch; print(torch.cuda.device_count() if torch.cuda.is_available() else 0)"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False)
    last = done.stdout.split()[-1:]
    return int(last[0]) if done.returncode == 0 and last and last[0].isdigit() else 0


def _no_gpu(device: str, count: int) -> JobError:
    return JobError(f"device {device!r} was asked for, and this machine has {count} GPUs; use device='auto'")
