"""Kernel memory after opening a 512×512×300 int16 volume, over idle: ``python -m bench.bench_memory``.

Each file is opened by a labeler in a fresh process that does what a notebook's kernel does: it sends every piece of the
volume (to nobody) and takes one stroke. The floor is what nibabel's array of the same file takes in such a process.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from bench.report import emit
from jlabel.labeler.protocol.values import PROTOCOL

SHAPE = (512, 512, 300)
MB = 1e6
VOLUME_MB = math.prod(SHAPE) * 2 / MB
BAR_MB = VOLUME_MB * 2 + 150
_STATUS = Path("/proc/self/status")


def main() -> int:
    if not _STATUS.exists():
        sys.stderr.write("memory: left out, since this system has no /proc/self/status to read the figures from\n")
        return 0
    good = True
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        for suffix in (".nii.gz", ".nii"):
            studies = Path(folder) / suffix.strip(".")
            make_studies(studies, suffix)
            floor, ours = _in_child("floor", studies), _in_child("labeler", studies)
            name, more = f"memory.open{suffix}", {"idle": round(ours["idle"]), "volume": round(VOLUME_MB)}
            good &= emit(name, ours["opened"] - ours["idle"], "MB", floor["opened"] - floor["idle"], BAR_MB, **more)
            emit(f"{name}.peak", ours["peak"] - ours["idle"], "MB", floor["peak"] - floor["idle"])
    return 0 if good else 1


def make_studies(studies: Path, suffix: str) -> None:
    """A volume that packs well, and a tiny one to warm up with."""
    studies.mkdir()
    plane = np.add.outer(np.arange(SHAPE[0]), np.arange(SHAPE[1])).astype(np.int16) // 16
    volume = np.empty(SHAPE, np.int16, order="F")
    for k in range(SHAPE[2]):
        volume[:, :, k] = plane + k
    nib.openers.Opener.default_compresslevel = 1
    nib.save(nib.Nifti1Image(volume, np.eye(4)), studies / f"volume{suffix}")
    nib.save(nib.Nifti1Image(volume[:16, :16, :16], np.eye(4)), studies / f"tiny{suffix}")


def _in_child(what: str, studies: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.bench_memory", what, str(studies)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure_labeler(studies: Path) -> dict[str, float]:
    """Open the tiny image, then the volume, as a page would."""
    from jlabel import AppManager, Labeler, RadiologyApp

    manager = AppManager(RadiologyApp(str(studies), labels=["organ"]))
    labeler = Labeler(manager, image_id="tiny")
    page = Page(labeler)
    page.say_hello()
    page.pull_all()
    idle = resident_mb()
    labeler.open("volume")
    page.pull_all()
    page.paint()
    figures = {"idle": idle, "opened": resident_mb(), "peak": peak_mb()}
    if page.voxel_bytes != VOLUME_MB * MB or not labeler.mask[250, 250, 150]:
        raise RuntimeError(f"{page.voxel_bytes} bytes were sent, and the stroke is {labeler.mask[250, 250, 150]}")
    return figures


class Page:
    """A browser's side of the conversation, without a browser."""

    def __init__(self, labeler: Any) -> None:
        self.labeler = labeler
        self.stream: dict[str, Any] = {}
        self.voxel_bytes = 0
        labeler.send = self._receive

    def _receive(self, content: dict[str, Any], buffers: Any = None) -> None:
        if content["type"] == "stream":
            self.stream = content
        if content["type"] == "piece":
            self.voxel_bytes += len(buffers[0])

    def _ask(self, ask: dict[str, Any], buffers: Any = ()) -> None:
        self.labeler._handle_custom_msg(ask, buffers)

    def say_hello(self) -> None:
        self._ask({"type": "hello", "client": "bench", "protocol": PROTOCOL})

    def pull_all(self) -> None:
        names = {"type": "pull", "client": "bench", "epoch": self.stream["epoch"], "stream": self.stream["stream"]}
        self.voxel_bytes = 0
        for _ in range(self.stream["pieces"]):
            self._ask({**names, "count": 1})

    def paint(self) -> None:
        edit = {"type": "edit", "client": "bench", "epoch": self.stream["epoch"], "seq": 1}
        self._ask({**edit, "region": [240, 240, 150, 260, 260, 151], "value": 1}, [zlib.compress(b"\1" * 400)])


def measure_floor(studies: Path) -> dict[str, float]:
    """The bare array in the type of the file."""
    suffix = _suffix(studies)
    tiny = np.asanyarray(nib.load(studies / f"tiny{suffix}", mmap=False).dataobj)
    idle = resident_mb()
    array = np.asanyarray(nib.load(studies / f"volume{suffix}", mmap=False).dataobj)
    figures = {"idle": idle, "opened": resident_mb(), "peak": peak_mb()}
    assert array.dtype == tiny.dtype == np.int16
    return figures


def resident_mb() -> float:
    """What the process holds now."""
    return _status_mb("VmRSS")


def peak_mb() -> float:
    """The most that the process ever held."""
    return _status_mb("VmHWM")


def _status_mb(field: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024 / MB


def _suffix(studies: Path) -> str:
    return next(studies.glob("tiny.*")).name.removeprefix("tiny")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure = {"floor": measure_floor, "labeler": measure_labeler}[sys.argv[1]]
        sys.stdout.write(json.dumps(measure(Path(sys.argv[2]))) + "\n")
    else:
        sys.exit(main())
