"""Ignite handlers that tie MONAI's engines to a job: randomness, progress, metrics, a loss gone bad."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents
from monai.transforms import Compose

from jlabel.errors import TaskError
from jlabel.tasks.train import TrainRun
from jlabel.training.checkpoints import Checkpoints
from jlabel.training.process_group import World


class EpochSeed:
    """Makes all that is random in an epoch depend on the seed and the epoch: a resumed training repeats nothing.

    Args:
        seed: Of the training.
        transform: Has MONAI's random transforms.
        rank: Of this process; others draw other numbers.
    """

    def __init__(self, seed: int, transform: Compose, rank: int = 0) -> None:
        self._seed = seed * 1_000_003 + rank * 500_009
        self._transform = transform

    def attach(self, engine: Engine) -> None:
        """Seed at the start of every epoch."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Seed Python, numpy, torch and MONAI's random transforms."""
        seed = (self._seed + engine.state.epoch) % 2**32
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        self._transform.set_random_state(seed=seed)


class PolynomialDecay:
    """Lets the learning rate fall to 0 as (1 - share done)^0.9, by epochs or by time, whichever is further.

    It depends on nothing but the epoch and the clock, so that there is nothing to keep for a resumed training.

    Args:
        optimizer: Whose learning rate it is.
        rate: What it begins with.
        limit: For how many seconds the training may go on, or None.
    """

    def __init__(self, optimizer: Any, rate: float, limit: float | None) -> None:
        self._optimizer = optimizer
        self._rate = rate
        self._limit = limit
        self._begun = time.monotonic()

    def attach(self, engine: Engine) -> None:
        """Set it at the start of every epoch."""
        engine.add_event_handler(Events.EPOCH_STARTED, self)

    def __call__(self, engine: Engine) -> None:
        """Set it."""
        done = (engine.state.epoch - 1) / engine.state.max_epochs
        if self._limit is not None:
            done = max(done, min(0.99, (time.monotonic() - self._begun) / self._limit))
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * (1 - done) ** 0.9


class PacedValidation:
    """Validates after the first and the last epoch, and between them so often that it takes a fifth of the time.

    Args:
        evaluator: MONAI's evaluator.
    """

    def __init__(self, evaluator: Any) -> None:
        self._evaluator = evaluator
        self._took: float | None = None
        self._ended = 0.0

    def attach(self, engine: Engine) -> None:
        """Decide after every epoch."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Validate if it is time to."""
        start = time.monotonic()
        last = engine.state.epoch >= engine.state.max_epochs
        if last or self._took is None or start - self._ended >= 4 * self._took:
            self._evaluator.run(engine.state.epoch)
            self._ended = time.monotonic()
            self._took = self._ended - start


class EpochLoss:
    """Averages the loss over an epoch, and ends a training whose loss is no number any more.

    Args:
        world: Whose losses count too, once the epoch is over.
    """

    def __init__(self, world: World | None = None) -> None:
        self._world = world or World()
        self._sum, self._count = 0.0, 0.0

    @property
    def mean(self) -> float:
        """Over the epoch so far."""
        return self._sum / max(1, self._count)

    def attach(self, engine: Engine) -> None:
        """Look at every loss."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._reset)
        engine.add_event_handler(IterationEvents.LOSS_COMPLETED, self)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._gather)

    def __call__(self, engine: Engine) -> None:
        """Add the loss of this iteration.

        Raises:
            TaskError: It is no number.
        """
        loss = float(engine.state.output["loss"].detach())
        if not np.isfinite(loss):
            names = engine.state.batch.get("id") if isinstance(engine.state.batch, Mapping) else None
            on = f" on {', '.join(sorted(set(map(str, names))))}" if names else ""
            raise TaskError(
                f"the loss became {loss} in epoch {engine.state.epoch}{on}: the weights are lost. Look at the image's "
                "intensities, or use a smaller learning_rate"
            )
        self._sum, self._count = self._sum + loss, self._count + 1

    def _reset(self, engine: Engine) -> None:
        self._sum, self._count = 0.0, 0.0

    def _gather(self, engine: Engine) -> None:
        self._sum, self._count = self._world.all_reduce(self._sum, self._count)


class ShownStructures:
    """Looks whether any label that the network is shown has a voxel of a structure.

    Attributes:
        seen: Whether one had; batches without a label count as if they had.
    """

    def __init__(self) -> None:
        self.seen = False

    def attach(self, engine: Engine) -> None:
        """Look at every batch until one has a voxel."""
        engine.add_event_handler(IterationEvents.LOSS_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Look at the label of this iteration."""
        if not self.seen:
            output = engine.state.output
            label = output.get("label") if isinstance(output, Mapping) else None
            self.seen = not isinstance(label, torch.Tensor) or bool((label > 0).any())


class Report:
    """Tells the job how far the training is, after every iteration, and what an epoch came to.

    Args:
        run: The job.
        losses: Watches the loss.
        evaluator: Has the metrics; None where there is none.
        labels: The structures, name to class.
        limit: For how many seconds the training may go on, or None.

    Attributes:
        row: What the last epoch came to.
    """

    def __init__(
        self, run: TrainRun, losses: EpochLoss, evaluator: Any, labels: Mapping[str, int], limit: float | None
    ) -> None:
        self._run = run
        self._losses = losses
        self._evaluator = evaluator
        self._labels = labels
        self._limit = float("inf") if limit is None else limit
        self._begun = 0.0
        self._first = 0
        self.row: dict[str, float | None] = {}

    def attach(self, engine: Engine) -> None:
        """After every iteration and, behind the validation, after every epoch."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._tell_progress)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._tell_metrics)

    def _start(self, engine: Engine) -> None:
        self._begun, self._first = time.monotonic(), engine.state.iteration

    def _tell_progress(self, engine: Engine) -> None:
        state = engine.state
        total = state.max_epochs * state.epoch_length
        spent = time.monotonic() - self._begun
        left = spent / max(1, state.iteration - self._first) * (total - state.iteration)
        fraction = max(state.iteration / total, min(1.0, spent / self._limit))
        self._run.progress(fraction, min(left, max(0.0, self._limit - spent)))

    def _tell_metrics(self, engine: Engine) -> None:
        row: dict[str, float | None] = {"loss": self._losses.mean}
        row.update(metric_values(engine.state.metrics, self._labels))
        if self._evaluator is not None and self._evaluator.state.epoch == engine.state.epoch:
            row.update(metric_values(self._evaluator.state.metrics, self._labels))
        row["seconds"] = round(time.monotonic() - self._begun, 2)
        self.row = row
        self._run.metrics(engine.state.epoch, **row)


class BestWeights:
    """Keeps the weights that did best, and after an epoch how far the training is.

    Args:
        checkpoints: Where it is kept.
        evaluator: Judges; None where no image is left for that.
        network: What is trained.
        labels: The structures, name to class.

    Attributes:
        state: What is kept beside the weights: ``epoch``, ``best_metric``, ``best_epoch``, ``best_metrics``, and
            whatever else is put there.
    """

    def __init__(
        self, checkpoints: Checkpoints, evaluator: Any, network: torch.nn.Module, labels: Mapping[str, int]
    ) -> None:
        self._checkpoints = checkpoints
        self._evaluator = evaluator
        self._network = network
        self._labels = labels
        self.state: dict[str, Any] = {}

    def attach(self, engine: Engine) -> None:
        """After every epoch; attach it behind the validation."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Keep what is due."""
        state = self.state
        state["epoch"] = engine.state.epoch
        if self._evaluator is not None:
            found = self._evaluator.state
            state["best_metric"], state["best_epoch"] = float(found.best_metric), int(found.best_metric_epoch)
            if state["best_epoch"] == engine.state.epoch:
                state["best_metrics"] = metric_values(found.metrics, self._labels)
                self._checkpoints.save_best(self._network, {"epoch": str(engine.state.epoch)})
        last = engine.state.epoch >= engine.state.max_epochs or engine.should_terminate
        self._checkpoints.save_if_due(state, now=last)


def metric_values(metrics: Mapping[str, Any], labels: Mapping[str, int]) -> dict[str, float]:
    """Metrics as plain numbers; one that has a value for each class becomes one for each structure.

    Args:
        metrics: As an engine has them.
        labels: The structures, name to class.
    """
    names = {index: name for name, index in labels.items()}
    values: dict[str, float] = {}
    for name, value in metrics.items():
        array = np.atleast_1d(np.asarray(value, dtype=float)).ravel()
        if array.size == 1:
            values[name] = float(array[0])
        else:
            # One for each class; the background has none.
            classes = range(max(names, default=0) + 1 - array.size, max(names, default=0) + 1)
            values.update({f"{name}_{names.get(i, i)}": float(v) for i, v in zip(classes, array, strict=True)})
    return values
