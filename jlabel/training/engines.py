"""MONAI's engines for one training, with what a job needs attached to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import EarlyStopHandler, ValidationHandler
from monai.transforms import Compose

from jlabel.tasks.transforms import flatten
from jlabel.training.checkpoints import Checkpoints
from jlabel.training.datasets import ReadableItems
from jlabel.training.handlers import (
    BestWeights,
    EpochLoss,
    EpochSeed,
    PacedValidation,
    Report,
    ShownStructures,
)
from jlabel.training.hooks import ask
from jlabel.training.ignored_voxels import KnownVoxels, KnownVoxelsLoss
from jlabel.training.loaders import loader
from jlabel.training.process_group import World
from jlabel.training.recipe import TrainRecipe
from jlabel.training.stopping import CancelCheck, RankZeroSchedule, TimeLimit
from jlabel.training.tracking import make_tracker
from jlabel.training.train_context import Context


@dataclass(frozen=True)
class Engines:
    """A trainer, what judges it (None where no image is left for that), the checkpoints and who writes them.

    ``structures`` knows whether the network has been shown a voxel of any structure.
    """

    trainer: SupervisedTrainer
    evaluator: SupervisedEvaluator | None
    checkpoints: Checkpoints
    best_weights: BestWeights
    structures: ShownStructures


def make_engines(
    task: TrainRecipe, context: Context, data: ReadableItems, judged: ReadableItems | None, world: World
) -> Engines:
    """The engines of a training, ready to run; they are in the context too.

    Args:
        task: The train task.
        context: The training, with network and optimizer.
        data: What this process learns from.
        judged: What to judge by; None where no image is left for that, and in all processes but rank 0.
        world: The training's processes.
    """
    amp = task.amp and context.device.type == "cuda"
    evaluator = None if judged is None else _make_evaluator(task, context, judged, amp)
    context.evaluator = evaluator
    context.train_data = (data, world)
    metric, further = ask(task.train_key_metric, context), ask(task.train_additional_metrics, context)
    # What no metric looks at is not made.
    looked_at = bool(metric or further)
    trainer = SupervisedTrainer(
        device=context.device,
        max_epochs=context.max_epochs,
        train_data_loader=ask(task.train_data_loader, context),
        network=context.network,
        optimizer=context.optimizer,
        loss_function=_loss(task, context),
        inferer=ask(task.train_inferer, context),
        iteration_update=ask(task.train_iteration_update, context),
        postprocessing=_postprocessing(task, ask(task.train_post_transforms, context)) if looked_at else None,
        decollate=looked_at,
        key_train_metric=metric or further or None,
        additional_metrics=further if metric and further else None,
        amp=amp,
    )
    context.trainer = trainer
    parts = {"network": context.network, "optimizer": context.optimizer}
    if trainer.scaler is not None:
        parts["scaler"] = trainer.scaler
    stopping = _stopping(context, evaluator, trainer)
    if stopping is not None:
        parts["stopping"] = stopping
    seconds = float(context.request["checkpoint_seconds"])
    checkpoints = Checkpoints(context.run.checkpoints, parts, seconds, context.run.note)
    assert context.network is not None
    best_weights = BestWeights(checkpoints, evaluator, context.network, context.labels)
    engines = Engines(trainer, evaluator, checkpoints, best_weights, ShownStructures())
    _attach(task, context, engines, data, world)
    return engines


def _attach(task: TrainRecipe, context: Context, engines: Engines, data: ReadableItems, world: World) -> None:
    # In this order: the validation of an epoch comes before what is told and kept of it.
    losses = EpochLoss(world)
    seeds = EpochSeed(context.seed, data.items.transform, world.rank)
    handlers: list[Any] = [seeds, CancelCheck(context.run, world), losses, engines.structures]
    limit = context.request["max_seconds"]
    if limit is not None:
        handlers.append(TimeLimit(float(limit), world))
    if world.rank == 0:
        handlers += _watching(context, engines, losses)
        handlers += _author_savers(task, context, engines)
    scheduler = ask(task.lr_scheduler_handler, context)
    handlers += ask(task.train_handlers, context)
    if scheduler is not None:
        handlers.append(scheduler)
    if world.size > 1:
        handlers.append(RankZeroSchedule(context.optimizer, world))
    for handler in handlers:
        handler.attach(engines.trainer)


def _watching(context: Context, engines: Engines, losses: EpochLoss) -> list[Any]:
    """What judges, tells and keeps; rank 0 does that for all."""
    handlers: list[Any] = []
    if engines.evaluator is not None:
        interval = context.request["val_interval"]
        paced = interval is None
        handlers.append(PacedValidation(engines.evaluator) if paced else ValidationHandler(interval, engines.evaluator))
    report = Report(context.run, losses, engines.evaluator, context.labels, context.request["max_seconds"])
    handlers += [report, engines.best_weights]
    tracker = make_tracker(context, lambda: report.row)
    return handlers if tracker is None else [*handlers, tracker]


def _author_savers(task: TrainRecipe, context: Context, engines: Engines) -> list[Any]:
    """What writes the files that the author has asked for."""
    trained, judged = task.files.savers(context, task.model_dir or context.run.folder)
    if judged is not None and engines.evaluator is not None:
        judged.attach(engines.evaluator)
    return [] if trained is None else [trained]


def _make_evaluator(task: TrainRecipe, context: Context, judged: ReadableItems, amp: bool) -> SupervisedEvaluator:
    return SupervisedEvaluator(
        device=context.device,
        val_data_loader=loader(context, judged, context.val_batch_size, None),
        network=context.network,
        inferer=ask(task.val_inferer, context),
        iteration_update=ask(task.val_iteration_update, context),
        postprocessing=_postprocessing(task, ask(task.val_post_transforms, context)),
        key_val_metric=ask(task.val_key_metric, context),
        additional_metrics=ask(task.val_additional_metrics, context),
        val_handlers=[CancelCheck(context.run), *ask(task.val_handlers, context)],
        amp=amp,
    )


def _stopping(context: Context, evaluator: Any, trainer: SupervisedTrainer) -> Any:
    patience = int(context.request["early_stop_patience"])
    if evaluator is None or patience < 1:
        return None
    handler = EarlyStopHandler(patience, lambda engine: engine.state.metrics[engine.state.key_metric_name], trainer)
    handler.attach(evaluator)
    return handler._handler  # what Ignite keeps of it: the best score and how long ago that was


def _loss(task: TrainRecipe, context: Context) -> Any:
    loss = ask(task.loss_function, context)
    return loss if task.ignore is None else KnownVoxelsLoss(loss)


def _postprocessing(task: TrainRecipe, steps: Any) -> Compose:
    known = [] if task.ignore is None else [KnownVoxels()]
    return Compose([*known, *flatten(steps)])
