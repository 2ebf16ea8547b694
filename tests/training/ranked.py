"""Train tasks that leave signs in a folder: what each of several processes has seen, and who it is."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import torch
from ignite.engine import Events

from jlabel.deepedit import DeepEditTrainTask
from tests.training.tasks import BallTask


class RankedTask(BallTask):
    """Nothing random, a loss whose mean over processes is that of all images, and a sign for every iteration."""

    def __init__(self, signs: Path, pause: float = 0.0, **options) -> None:
        super().__init__(labels=["ball"], **options)
        self.signs = signs
        self.pause = pause

    def loss_function(self, context):
        entropy = torch.nn.CrossEntropyLoss()
        return lambda pred, label: entropy(pred.as_tensor(), label.as_tensor()[:, 0].long())

    def train_pre_transforms(self, context):
        return self.val_pre_transforms(context)

    def train_handlers(self, context):
        return [Signs(self.signs, context, self.pause)]


class Signs:
    def __init__(self, signs, context, pause):
        self.signs, self.context, self.pause = signs, context, pause
        (signs / f"pid-{context.rank}").write_text(str(os.getpid()))

    def attach(self, engine):
        engine.add_event_handler(Events.ITERATION_COMPLETED, self.note_iteration)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self.end_if_asked)
        engine.add_event_handler(Events.COMPLETED, self.note_weights)

    def note_iteration(self, engine):
        state, network = engine.state, self.context.network
        seen = {"epoch": state.epoch, "iteration": state.iteration, "ids": list(state.batch["id"])}
        if "clicks_left" in state.batch:
            seen["clicks"] = state.batch["image"][:, 1:].sum(dim=(1, 2, 3, 4)).tolist()
        if state.iteration == 1:
            seen["gradient"] = [p.grad.flatten().tolist() for p in network.parameters()]
        with (self.signs / f"seen-{self.context.rank}").open("a") as file:
            file.write(json.dumps(seen) + "\n")
        time.sleep(self.pause)

    def end_if_asked(self, engine):
        # Only rank 0 looks: the others hear of it.
        if self.context.rank == 0 and (self.signs / "end").exists():
            engine.terminate()

    def note_weights(self, engine):
        weights = [p.detach().flatten().tolist() for p in self.context.network.parameters()]
        (self.signs / f"weights-{self.context.rank}").write_text(json.dumps(weights))


class SilentTask(RankedTask):
    """Its second process does nothing any more from the second iteration on."""

    def train_handlers(self, context):
        return [Silence(context)]


class Silence:
    def __init__(self, context):
        self.context = context

    def attach(self, engine):
        engine.add_event_handler(Events.ITERATION_STARTED(once=2), self.hang)

    def hang(self, engine):
        if self.context.rank == 1:
            time.sleep(600)


class SpoiltTask(RankedTask):
    """Its second process comes to a loss that is no number."""

    def loss_function(self, context):
        loss = super().loss_function(context)
        return lambda pred, label: loss(pred, label) * (float("nan") if context.rank == 1 else 1.0)


class RankedDeepEdit(DeepEditTrainTask):
    """DeepEdit that leaves the same signs."""

    def __init__(self, signs: Path) -> None:
        super().__init__()
        self.signs = signs

    def train_handlers(self, context):
        return [*super().train_handlers(context), Signs(self.signs, context, 0.0)]
