"""MONAI's engines for one training, with what a job needs attached to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from monai.data import DataLoader, ThreadDataLoader
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import EarlyStopHandler, ValidationHandler
from monai.transforms import Compose
from torch.utils.data import RandomSampler

from jlabel.tasks.transforms import flatten
from jlabel.training.asking import ask
from jlabel.training.checkpoints import Checkpoints
from jlabel.training.context import Context
from jlabel.training.datasets import ReadableItems
from jlabel.training.handlers import CancelCheck, EpochSeed, Keeper, LossWatch, PacedValidation, Report, TimeLimit
from jlabel.training.ignoring import KnownVoxels, KnownVoxelsLoss
from jlabel.training.tracking import make_tracker

if TYPE_CHECKING:
    from jlabel.training.task import BasicTrainTask


@dataclass(frozen=True)
class Engines:
    """A trainer, what judges it (None where no image is left for that), the checkpoints and who writes them."""

    trainer: SupervisedTrainer
    evaluator: SupervisedEvaluator | None
    checkpoints: Checkpoints
    keeper: Keeper


def make_engines(task: BasicTrainTask, context: Context, data: ReadableItems, judged: ReadableItems | None) -> Engines:
    """The engines of a training, ready to run; they are in the context too."""
    amp = task.amp and context.device.type == "cuda"
    evaluator = None if judged is None else _make_evaluator(task, context, judged, amp)
    context.evaluator = evaluator
    metric = ask(task.train_key_metric, context)
    # What no metric looks at is not made.
    looked_at = bool(metric)
    trainer = SupervisedTrainer(
        device=context.device,
        max_epochs=context.max_epochs,
        train_data_loader=_loader(context, data, context.train_batch_size, _sampler(context, data)),
        network=context.network,
        optimizer=context.optimizer,
        loss_function=_loss(task, context),
        inferer=ask(task.train_inferer, context),
        iteration_update=ask(task.train_iteration_update, context),
        postprocessing=_postprocessing(task, ask(task.train_post_transforms, context)) if looked_at else None,
        decollate=looked_at,
        key_train_metric=metric or None,
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
    keeper = Keeper(checkpoints, evaluator, trainer.network, context.labels)
    engines = Engines(trainer, evaluator, checkpoints, keeper)
    _attach(task, context, engines, data)
    return engines


def _attach(task: BasicTrainTask, context: Context, engines: Engines, data: ReadableItems) -> None:
    # In this order: the validation of an epoch comes before what is told and kept of it.
    losses = LossWatch()
    handlers: list[Any] = [EpochSeed(context.seed, data.items.transform), CancelCheck(context.run), losses]
    limit = context.request["max_seconds"]
    if limit is not None:
        handlers.append(TimeLimit(float(limit)))
    if engines.evaluator is not None:
        interval = context.request["val_interval"]
        paced = interval is None
        handlers.append(PacedValidation(engines.evaluator) if paced else ValidationHandler(interval, engines.evaluator))
    report = Report(context.run, losses, engines.evaluator, context.labels, limit)
    handlers += [report, engines.keeper]
    tracker = make_tracker(context, lambda: report.row)
    if tracker is not None:
        handlers.append(tracker)
    for handler in [*handlers, *ask(task.train_handlers, context)]:
        handler.attach(engines.trainer)


def _make_evaluator(task: BasicTrainTask, context: Context, judged: ReadableItems, amp: bool) -> SupervisedEvaluator:
    return SupervisedEvaluator(
        device=context.device,
        val_data_loader=_loader(context, judged, context.val_batch_size, None),
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


def _loss(task: BasicTrainTask, context: Context) -> Any:
    loss = ask(task.loss_function, context)
    return loss if task.ignore is None else KnownVoxelsLoss(loss)


def _postprocessing(task: BasicTrainTask, steps: Any) -> Compose:
    known = [] if task.ignore is None else [KnownVoxels()]
    return Compose([*known, *flatten(steps)])


def _sampler(context: Context, data: ReadableItems) -> RandomSampler:
    wanted = context.request["samples_per_epoch"]
    if wanted is None or int(wanted) == len(data):
        return RandomSampler(data)
    return RandomSampler(data, replacement=int(wanted) > len(data), num_samples=int(wanted))


def _loader(context: Context, data: ReadableItems, batch_size: int, sampler: RandomSampler | None) -> DataLoader:
    # On a GPU the next batch is made while the network works on this one; on a CPU that would only take its cores.
    kind = ThreadDataLoader if context.device.type == "cuda" else DataLoader
    return kind(data, batch_size=batch_size, sampler=sampler, num_workers=int(context.request["num_workers"]))
