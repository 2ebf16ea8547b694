"""A loop that asks no server: its rounds, versions and problems are what a test says."""

from __future__ import annotations

import threading
from dataclasses import replace

from jlabel.active_learning import LoopStatus, PullReport, SendReport
from jlabel.active_learning.status import ModelPoint, TaskStatus, WorkStatus
from jlabel.errors import CvatError
from jlabel.progress import NO_PROGRESS, Progress

SERVER = "https://cvat.example.org"
EMPTY = LoopStatus(
    project="liver",
    server=SERVER,
    link="",
    strategy="epistemic",
    round=0,
    labelled=0,
    waiting=40,
    out=0,
    tasks=(),
    curve=(),
    training=None,
    scoring=None,
    running=False,
    next_step="the next round goes out",
    problem="",
)


def task(round: int, state: str = "out", back: int = 0, people: tuple[str, ...] = ("Ada", "Ben"), **more) -> TaskStatus:
    """A task of ten images, each in a job of its own."""
    number = None if state == "planned" else 100 + round
    link = "" if number is None else f"{SERVER}/tasks/{number}"
    jobs = 0 if number is None else 10
    known = TaskStatus(round, number, link, state, 10, jobs, back, people if jobs else (), ())
    return replace(known, **more)


def point(version: int, score: float | None, in_use: bool = False) -> ModelPoint:
    """A version that learnt from ten images more than the one before."""
    return ModelPoint(version, 10 * version, score, "val_mean_dice", in_use)


class LoopForTests:
    """Has what a panel asks of a loop.

    Attributes:
        now: How it stands; a test changes it.
        asked: What was asked of it.
        gate: Fetching and sending wait for it, half done; open to begin with.
        refuses: What the server refuses everything with; "" where it does not.
        looks: How often somebody has looked how it stands.
    """

    def __init__(self, now: LoopStatus = EMPTY) -> None:
        self.now = now
        self.asked: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.refuses = ""
        self.looks = 0

    @property
    def running(self) -> bool:
        return self.now.running

    def change(self, **values) -> None:
        self.now = replace(self.now, **values)

    def status(self) -> LoopStatus:
        self.looks += 1
        return self.now

    def start(self) -> None:
        self._ask("start", NO_PROGRESS)
        self.change(running=True)

    def stop(self) -> None:
        self._ask("stop", NO_PROGRESS)
        self.change(running=False)

    def send(self, k: int | None = None, progress: Progress = NO_PROGRESS) -> SendReport:
        self._ask("send", progress)
        number = self.now.round + 1
        self.change(round=number, tasks=(task(number), *self.now.tasks), out=self.now.out + 10)
        return SendReport(number, [f"case_{n}" for n in range(10)], [100 + number])

    def pull(self, progress: Progress = NO_PROGRESS, again: bool = False) -> PullReport:
        self._ask("pull", progress)
        back = tuple(replace(one, state="done", came_back=one.jobs) for one in self.now.tasks)
        saved = [f"case_{n}" for n in range(self.now.out)]
        self.change(tasks=back, labelled=self.now.labelled + len(saved), waiting=self.now.waiting - len(saved), out=0)
        return PullReport(saved)

    def _ask(self, what: str, progress: Progress) -> None:
        self.asked.append(what)
        if self.refuses:
            raise CvatError(self.refuses)
        progress.report(0.5)
        while not self.gate.wait(0.02):
            progress.check()


def busy_loop() -> LoopForTests:
    """One in the middle of its work: three rounds, three versions, and a job that could not be saved."""
    problem = "job 7: label 'spleen' is not one of the studies'"
    return LoopForTests(
        replace(
            EMPTY,
            link=f"{SERVER}/projects/5",
            round=4,
            labelled=20,
            waiting=20,
            out=20,
            tasks=(
                task(4, "planned"),
                task(3, "out", 3, ("Ada", "Ben", "Chiara de la Vega"), problems=(problem,)),
                task(2, "lost", 0, ()),
                task(1, "done", 10, ("Ada",)),
            ),
            curve=(point(1, 0.712), point(2, 0.779, True), point(3, 0.751)),
            training=WorkStatus("segmentation", 0.42),
            running=True,
            next_step="the model learns; then the images that wait are scored",
        )
    )
