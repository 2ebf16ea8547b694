"""How soon the command answers: its help, and the state of 10,000 images.

The floor is ``python -c pass`` beside it: the start of Python. What is compared is the time of the processor, for other
programs on the machine do not count. ``python -m bench.bench_cli``.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.bench_datastore import make_studies
from bench.report import emit

IMAGES = 10_000
ROUNDS = 15
HELP_BAR_S, STATUS_BAR_S = 0.3, 1.0
# A machine that others use is slower for the floor too.
OVER_FLOOR = {"help": 12, "status": 36}
HEAVY = ("torch", "monai")


def main() -> int:
    work = Path(tempfile.mkdtemp(prefix="jlabel-bench-"))
    try:
        return 0 if measure(make_studies(work, IMAGES)) else 1
    finally:
        shutil.rmtree(work)


def measure(studies: Path) -> bool:
    status = ["-m", "jlabel", "status", str(studies), "--json"]
    first = cpu_seconds(status)  # it looks through the folder
    counted = json.loads(subprocess.run([sys.executable, *status], capture_output=True, check=True).stdout)["total"]
    assert counted == IMAGES, counted
    helps, states, floors = [], [], []
    for _ in range(ROUNDS):
        helps.append(cpu_seconds(["-m", "jlabel", "--help"]))
        states.append(cpu_seconds(status))
        floors.append(cpu_seconds(["-c", "pass"]))
    good = emit(
        "cli.help",
        helps,
        "s CPU",
        floors,
        bar=HELP_BAR_S,
        bar_over_floor=OVER_FLOOR["help"],
        imported=heavy(["--help"]),
    )
    good &= emit(
        f"cli.status.{IMAGES}",
        states,
        "s CPU",
        floors,
        bar=STATUS_BAR_S,
        bar_over_floor=OVER_FLOOR["status"],
        imported=heavy(status[2:]),
        first=first,
    )
    return good and not heavy(["--help"]) and not heavy(status[2:])


def cpu_seconds(arguments: list[str]) -> float:
    """What a process of Python takes of the processor, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def heavy(arguments: list[str]) -> list[str]:
    """Which libraries that take seconds the command imports."""
    program = (
        "import atexit, sys; from jlabel.cli import main;"
        f"atexit.register(lambda: sys.stderr.write(' '.join(one for one in {HEAVY!r} if one in sys.modules)));"
        f"main({arguments!r})"
    )
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr.split()


if __name__ == "__main__":
    sys.exit(main())
