"""On which device a job runs, found out without importing torch where there can be no GPU."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from jlabel.errors import JobError

# What the drivers of NVIDIA, AMD and Windows' Linux put there.
_DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
_DEVICE = re.compile(r"auto|cpu|cuda(:\d+)?")


def check_device(device: str) -> None:
    """Refuse a device that cannot be there.

    Raises:
        JobError: The name means nothing, or a GPU is asked for on a machine without one.
    """
    if not _DEVICE.fullmatch(device):
        raise JobError(f"unknown device {device!r}; use 'auto', 'cpu', 'cuda' or 'cuda:1'")
    if device.startswith("cuda") and not may_have_gpu():
        raise _no_gpu(device, 0)


def may_have_gpu() -> bool:
    """Whether asking torch for GPUs is worth its while."""
    return not sys.platform.startswith("linux") or any(Path(driver).exists() for driver in _DRIVERS)


def resolve_device(device: str) -> str:
    """The device's name for torch; ``"auto"`` is the first GPU, else the CPU. May take seconds where there is a GPU.

    Raises:
        JobError: The GPU that was asked for is not there.
    """
    check_device(device)
    if device == "cpu" or not may_have_gpu():
        return "cpu"
    count = _gpus()
    index = int(device.partition(":")[2] or 0)
    if device != "auto" and index >= count:
        raise _no_gpu(device, count)
    return f"cuda:{index}" if count else "cpu"


def threads_for(device: str) -> int:
    """How many threads the work may use: on the CPU one core is left to the person."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores - 1) if device == "cpu" else cores


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


def _gpus() -> int:
    # In a process of its own: torch is not worth its memory in the process that only waits.
    program = "import torch; print(torch.cuda.device_count() if torch.cuda.is_available() else 0)"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False)
    last = done.stdout.split()[-1:]
    return int(last[0]) if done.returncode == 0 and last and last[0].isdigit() else 0


def _no_gpu(device: str, count: int) -> JobError:
    return JobError(f"device {device!r} was asked for, and this machine has {count} GPUs; use device='auto'")
