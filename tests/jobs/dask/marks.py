"""Work in parts that leaves a mark of each part that it did."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.errors import TaskError
from jlabel.parts import map_parts


@dataclass
class Mark:
    """Writes who did what; an item that is there already was done by an attempt that was killed."""

    marks: Path
    pause: float = 0.0
    bad: tuple[int, ...] = ()

    def __call__(self, item: int, run: Any) -> int:
        if item in self.bad:
            raise TaskError(f"there is no {item}")
        if not (self.marks / str(item)).exists():
            time.sleep(self.pause)
            # As a score or a label is saved: in one step, and after the work.
            with (self.marks / f"{item}.all").open("a") as every:
                every.write(f"{os.getpid()}\n")
            (self.marks / str(item)).touch()
        return os.getpid()


@dataclass
class MarkAll:
    """Marks many items."""

    part: Mark
    count: int
    split: bool = True

    def __call__(self, run: Any) -> dict[str, Any]:
        pids, left_out = set(), {}
        done = 0
        for result in map_parts(run, self.part, range(self.count)):
            if result.error:
                left_out[str(result.item)] = result.error
            else:
                pids.add(result.value)
                done += 1
            run.progress((done + len(left_out)) / self.count)
        return {"done": done, "left_out": left_out, "processes": len(pids), "own": os.getpid() in pids}


def times(marks: Path, item: int) -> int:
    """How often an item was done."""
    file = marks / f"{item}.all"
    return len(file.read_text().split()) if file.exists() else 0
