"""Ignite handlers that end a training, or keep it on one course, in all of its processes at the same iteration."""

from __future__ import annotations

import time
from typing import Any

from ignite.engine import Engine, Events

from jlabel.errors import Cancelled
from jlabel.tasks.train import TrainRun
from jlabel.training.process_group import World


class CancelCheck:
    """Stops at the next iteration once someone wants it to.

    Args:
        run: Knows whether someone does.
        world: Stop at the same iteration.
    """

    def __init__(self, run: TrainRun, world: World | None = None) -> None:
        self._run = run
        self._world = world or World()

    def attach(self, engine: Engine) -> None:
        """Look before every iteration."""
        engine.add_event_handler(Events.ITERATION_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Raise :class:`jlabel.Cancelled` if so."""
        if self._world.broadcast(self._run.cancelled):
            raise Cancelled("the job was cancelled")


class TimeLimit:
    """Ends the training once it has run for so many seconds.

    Args:
        seconds: From now on.
        world: End at the same iteration.
    """

    def __init__(self, seconds: float, world: World | None = None) -> None:
        self._end = time.monotonic() + seconds
        self._world = world or World()

    def attach(self, engine: Engine) -> None:
        """Look after every iteration."""
        engine.add_event_handler(Events.ITERATION_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Let this iteration be the last of the last epoch; what it came to is still judged and kept."""
        if self._world.broadcast(time.monotonic() > self._end):
            engine.state.max_epochs = engine.state.epoch
            engine.terminate_epoch()


class RankZeroSchedule:
    """Keeps processes that train together on the schedule of rank 0: its learning rates, and its word on when to stop.

    What decides on them may know the clock or the metrics, which are rank 0's.

    Args:
        optimizer: Whose learning rates they are.
        world: The processes.
    """

    def __init__(self, optimizer: Any, world: World) -> None:
        self._optimizer = optimizer
        self._world = world

    def attach(self, engine: Engine) -> None:
        """At both ends of every epoch, behind all others that decide."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._share_rates)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._share_end)

    def _share_rates(self, engine: Engine) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = self._world.broadcast(float(group["lr"]))

    def _share_end(self, engine: Engine) -> None:
        ends = bool(self._world.broadcast(bool(engine.should_terminate)))
        if ends != bool(engine.should_terminate):
            engine.should_terminate = ends
