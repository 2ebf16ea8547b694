"""Work for jobs: what a training does, without the training."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from jlabel.errors import TaskError


@dataclass
class Count:
    """Counts to ``end``, keeps each number in a checkpoint, and begins where the last attempt was."""

    end: int
    pause: float = 0.0
    signs: Path | None = None

    def __call__(self, run):
        kept = run.checkpoints / "count"
        begun = int(kept.read_text()) if kept.exists() else 0
        print("begins at", begun)
        for number in range(begun, self.end):
            run.check_cancelled()
            if self.signs is not None:
                (self.signs / f"{number}").touch()
            time.sleep(self.pause)
            # Told before it is kept, as a training does: a kill between the two has the number told twice, not never.
            run.metrics(number + 1, loss=1 / (number + 1))
            beside = kept.with_name("beside")
            beside.write_text(str(number + 1))
            beside.rename(kept)
            run.progress((number + 1) / self.end, left=(self.end - number) * self.pause)
        return {"begun": begun, "pid": os.getpid()}


@dataclass
class Hold:
    """Says that it runs, and goes on until it is released."""

    signs: Path
    name: str
    stubborn: bool = False

    def __call__(self, run):
        with (self.signs / "order").open("a") as file:
            file.write(f"{self.name}\n")
        (self.signs / self.name).write_text(str(os.getpid()))
        while not (self.signs / f"release-{self.name}").exists():
            if not self.stubborn:
                run.check_cancelled()
            time.sleep(0.02)
        return {}


def fail(run):
    print("the last thing it said")
    raise ValueError("three is not four")


def fail_in_words(run):
    raise TaskError("there are no labels yet")


def use_no_memory_left(run):
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    return {"never": len(bytearray(1 << 40))}


@dataclass
class BeKilledForMemory:
    """Ends as the system ends a process that takes all memory, and counts it where the system does."""

    counter: Path

    def __call__(self, run):
        before = int(self.counter.read_text().split()[1])
        self.counter.write_text(f"oom_kill {before + 1}\n")
        os.kill(os.getpid(), signal.SIGKILL)


def first_victim(run):
    return {"score": int(Path("/proc/self/oom_score_adj").read_text())}


def crash(run):
    os.abort()


def vanish(run):
    os._exit(7)


def fill_the_disk(run):
    """Writes a checkpoint, then another one where files may not grow beyond a few bytes."""
    import resource

    from jlabel.files.atomic import atomic_write

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    atomic_write(run.checkpoints / "last", lambda file: file.write(b"good"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    atomic_write(run.checkpoints / "last", lambda file: file.write(bytes(100_000)))


def environment(run):
    autogroup = Path("/proc/self/autogroup")
    return {
        "autogroup": autogroup.read_text() if autogroup.exists() else None,
        "nice": os.nice(0),
        "session": os.getsid(0),
        "pid": os.getpid(),
        "threads": run.threads,
        "omp": os.environ["OMP_NUM_THREADS"],
        "device": run.device,
        "torch": "torch" in __import__("sys").modules,
    }
