"""How a bundle is trained: its own engines, with what a job needs attached to them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch

from jlabel.bundles.bundle import Bundle
from jlabel.bundles.configuration import Configuration, explained
from jlabel.bundles.inference_parts import load_own_weights
from jlabel.bundles.metadata import Expected
from jlabel.bundles.training_ids import TrainingIds, find_training
from jlabel.bundles.training_preparation import (
    BundleReader,
    loaded_pair,
    name_process,
    prepare_training,
    private_copy,
    working_in,
)
from jlabel.bundles.usable_images import unusable
from jlabel.datastores import Datastore
from jlabel.errors import Cancelled, JlabelError, TaskError
from jlabel.files.file_operations import remove_tree
from jlabel.registry import ModelStore
from jlabel.registry.version import WEIGHTS
from jlabel.tasks.train import TrainRun
from jlabel.training.checkpoints import Checkpoints, save_weights
from jlabel.training.engines import Engines
from jlabel.training.fitting import fit, peer_timeout, restore
from jlabel.training.handlers import BestWeights, EpochLoss, EpochSeed, Report, ShownStructures
from jlabel.training.label_contents import check_structures
from jlabel.training.labelled_images import LabelledImage, labelled_images
from jlabel.training.options import merge_options
from jlabel.training.process_group import World, joined
from jlabel.training.publishing import PublishingTask, begin_with_parent, publish
from jlabel.training.split import split_images
from jlabel.training.stopping import CancelCheck, TimeLimit
from jlabel.training.train_context import Context

_COPY = "bundle"
#: The id of the values in label files and their classes, in a training that jlabel has exported.
LABEL_VALUES = "label_values"


class TrainableBundle(PublishingTask, Protocol):
    """What is asked of a :class:`jlabel.BundleTrainTask`, where it is documented."""

    bundle: Bundle
    config: dict[str, Any]
    channels: tuple[str, ...]
    expected: Expected

    def configuration(self, bundle: Bundle, device: str, *, several: bool = False) -> Configuration:
        """The configuration of the training."""

    def learnt_labels(self, values: Mapping[str, int]) -> dict[str, int]:
        """The labels to learn."""


def train_bundle(task: TrainableBundle, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
    """See :meth:`jlabel.BundleTrainTask.__call__`."""
    run = request["run"]
    torch.set_num_threads(run.threads)
    context, images = _set_up(task, request, datastore)
    attempt = _Attempt(task, context, images)
    if len(run.devices) > 1:
        left_out = attempt.unusable()
        _leave_out(context, left_out, task.bundle.name)
        run.start_ranks(BundleRank(task, context, images))
        result = attempt.train()
        run.join_ranks()
        return {**result, "left_out": left_out}
    try:
        return {**attempt.train(), "left_out": {}}
    except Cancelled:
        raise
    except JlabelError:
        # A dataset of MONAI ends at the first image that fails: which ones do is only asked where one did.
        left_out = attempt.unusable()
        if not left_out:
            raise
        _leave_out(context, left_out, task.bundle.name)
        return {**_Attempt(task, context, images).train(), "left_out": left_out}


@dataclass(frozen=True)
class BundleRank:
    """What a further process of a training does: it learns with the others, and judges and keeps nothing.

    Attributes:
        task: The train task.
        context: The training as rank 0 has set it up.
        images: The labelled images.
    """

    task: TrainableBundle
    context: Context
    images: Sequence[LabelledImage]

    def __call__(self, run: TrainRun) -> dict[str, Any]:
        """Learn."""
        torch.set_num_threads(run.threads)
        return _Attempt(self.task, replace(self.context, run=run), self.images).train()


class _Attempt:
    """A training with the images that are in the context."""

    def __init__(self, task: TrainableBundle, context: Context, images: Sequence[LabelledImage]) -> None:
        self._task, self._context, self._images = task, context, images

    def train(self) -> dict[str, Any]:
        context = self._context
        with joined(context.run, peer_timeout(context)) as world:
            config, ids, copy, _ = self._prepared()
            with working_in(copy.root), config.active():
                return _train(self._task, context, config, ids, copy, world)

    def unusable(self) -> dict[str, str]:
        context = self._context
        config, ids, copy, (image, label) = self._prepared()
        items = {
            side: [{"id": one["id"], image: one["image"], label: one["label"]} for one in listed]
            for side, listed in (("train_data", context.train_datalist), ("val_data", context.val_datalist))
        }
        with working_in(copy.root), config.active():
            return unusable(config, ids, items, context.run)

    def _prepared(self) -> tuple[Configuration, TrainingIds, Bundle, tuple[str, str]]:
        task, context = self._task, self._context
        run = context.run
        reader = BundleReader(self._images, run.note, task.expected, task.channels, task.bundle.name)
        copy = private_copy(task.bundle, run.checkpoints / f"{_COPY}-{run.rank}")
        config = task.configuration(copy, run.device, several=len(run.devices) > 1)
        ids, keys = find_training(copy, config), loaded_pair(copy, config.parser.get())
        _set(config, ids, context, keys)
        judges = bool(context.val_datalist) and run.rank == 0
        prepare_training(config, reader, run.checkpoints / f"output-{run.rank}", judges=judges)
        name_process(run)
        return config, ids, copy, keys


def _set_up(
    task: TrainableBundle, request: Mapping[str, Any], datastore: Datastore
) -> tuple[Context, list[LabelledImage]]:
    run = request["run"]
    options = merge_options(task.config, request)
    values = {str(name): int(value) for name, value in dict(request.get("labels", {})).items()}
    labels = task.learnt_labels(values)
    unknown = [name for name in values if name not in labels]
    if unknown:
        run.note(f"bundle {task.bundle.name!r} does not know {', '.join(unknown)}: background in this training")
    images = labelled_images(datastore, labels, values, None, run.note)
    learnt, judged = split_images(datastore, [image.id for image in images], float(options["val_split"]))
    if not learnt:
        raise TaskError("every labelled image is kept to judge models by: label one more to learn from")
    check_structures([image for image in images if image.id in set(learnt)], labels)
    items = {image.id: image.item() for image in images}
    context = Context(
        name=str(request["name"]),
        request=options,
        run=run,
        datastore=datastore,
        labels=labels,
        train_datalist=[items[image_id] for image_id in learnt],
        val_datalist=[items[image_id] for image_id in judged],
        output_dir=run.checkpoints,
        max_epochs=options["max_epochs"] or 1,
        train_batch_size=options["train_batch_size"] or 1,
        val_batch_size=1,
        seed=int(options["seed"]),
    )
    return context, images


def _leave_out(context: Context, found: Mapping[str, str], bundle: str) -> None:
    """Go on without these images."""
    for image_id, why in found.items():
        context.run.note(f"image {image_id!r} is left out: {why}")
    context.train_datalist = [item for item in context.train_datalist if item["id"] not in found]
    context.val_datalist = [item for item in context.val_datalist if item["id"] not in found]
    if not context.train_datalist:
        raise TaskError(f"bundle {bundle!r} can learn from none of the labelled images: {next(iter(found.values()))}")


def _set(config: Configuration, ids: TrainingIds, context: Context, keys: tuple[str, str]) -> None:
    """Put the images and the options of the caller into the configuration."""
    image, label = keys

    def listed(items: list[dict[str, Any]]) -> list[dict[str, str]]:
        return [{image: item["image"], label: item["label"]} for item in items]

    config.parser[ids.train_data] = listed(context.train_datalist)
    if LABEL_VALUES in config:
        # Bundles that jlabel has exported turn the values of label files into classes; the reader has done so.
        config.parser[LABEL_VALUES] = [[index, index] for index in sorted(set(context.labels.values()))]
    if ids.val_data is not None:
        # A loader of no images cannot be made; nobody asks it where there is none to judge by.
        config.parser[ids.val_data] = listed(context.val_datalist or context.train_datalist[:1])
    for option in ("max_epochs", "train_batch_size", "learning_rate", "val_interval"):
        value = context.request[option]
        if value is None:
            continue
        if option not in ids.settings:
            raise TaskError(f"the bundle's configuration has no place for {option}: give it as an override")
        config.parser[ids.settings[option]] = value


def _train(
    task: TrainableBundle, context: Context, config: Configuration, ids: TrainingIds, copy: Bundle, world: World
) -> dict[str, Any]:
    # What comes first draws first: as monai.bundle does it, so that a seed means the same.
    if not context.val_datalist:
        context.run.note("no image is left to judge by: the last epoch's weights are taken. Label one more image")
    if "initialize" in config:
        config.make("initialize")
    trainer = config.make(ids.trainer)
    judges = ids.evaluator is not None and bool(context.val_datalist) and world.rank == 0
    evaluator = config.make(ids.evaluator) if judges and ids.evaluator is not None else None
    shared = isinstance(trainer.network, torch.nn.parallel.DistributedDataParallel)
    context.trainer, context.evaluator = trainer, evaluator
    context.network = trainer.network.module if shared else trainer.network
    if evaluator is not None:
        # The network that the processes share would wait for the others, who do not judge.
        evaluator.network = context.network
    context.optimizer, context.max_epochs = trainer.optimizer, int(trainer.state.max_epochs)
    engines, store = _engines(context, config), _store(context)
    _begin_with(engines, context, store, copy)
    _attach(context, engines, world)
    begun = time.monotonic()
    with explained(task.bundle, "its training"):
        fit(engines, context, world, _entry(config, ids, trainer))
    remove_tree(copy.root, ignore_errors=True)
    if world.rank > 0:
        return {}
    assert context.network is not None
    if evaluator is not None:
        engines.checkpoints.load_best(context.network)
    summary = _summary(engines, context, time.monotonic() - begun)
    return {**summary, **_published(task, context, engines, store)}


def _begin_with(engines: Engines, context: Context, store: ModelStore | None, copy: Bundle) -> None:
    """Go on where an earlier attempt was, else with the version in use, else with the bundle's own weights."""
    if restore(engines, context):
        EpochSeed(context.seed, context.trainer.data_loader.dataset.transform, context.rank)(context.trainer)
        return
    parent = engines.best_weights.state["parent"] = begin_with_parent(context, store)
    assert context.network is not None
    if context.request["pretrained"] and parent is None and load_own_weights(copy, context.network):
        context.run.note("begins with the bundle's own weights")


def _engines(context: Context, config: Configuration) -> Engines:
    trainer, network = context.trainer, context.network
    assert network is not None
    parts: dict[str, Any] = {"network": network, "optimizer": context.optimizer}
    if getattr(trainer, "scaler", None) is not None:
        parts["scaler"] = trainer.scaler
    for number, scheduler in enumerate(config.made(torch.optim.lr_scheduler.LRScheduler)):
        parts[f"lr_scheduler_{number}"] = scheduler
    seconds = float(context.request["checkpoint_seconds"])
    checkpoints = Checkpoints(context.run.checkpoints, parts, seconds, context.run.note)
    best = BestWeights(checkpoints, context.evaluator, network, context.labels)
    return Engines(trainer, context.evaluator, checkpoints, best, ShownStructures())


def _attach(context: Context, engines: Engines, world: World) -> None:
    """Behind the bundle's own handlers: its validation comes before what is told and kept of an epoch."""
    losses, limit = EpochLoss(world), context.request["max_seconds"]
    handlers: list[Any] = [CancelCheck(context.run, world), losses, engines.structures]
    if limit is not None:
        handlers.append(TimeLimit(float(limit), world))
    if world.rank == 0:
        handlers += [Report(context.run, losses, engines.evaluator, context.labels, limit), engines.best_weights]
    for handler in handlers:
        handler.attach(engines.trainer)
    if engines.evaluator is not None:
        CancelCheck(context.run).attach(engines.evaluator)


def _entry(config: Configuration, ids: TrainingIds, trainer: Any) -> Callable[[], object]:
    """What begins the training: the bundle's own entry, else the trainer."""
    entry = ids.entry

    def begin() -> None:
        if entry is None:
            trainer.run()
            return
        try:
            config.parser.get_parsed_content(entry)
        except RuntimeError as error:
            # What an expression raises comes out of MONAI's parser in one of its own.
            cause = error.__cause__
            raise error if not isinstance(cause, Exception) else cause from None

    return begin


def _store(context: Context) -> ModelStore | None:
    folder = context.datastore.workspace.models_folder()
    return None if folder is None else ModelStore(folder)


def _summary(engines: Engines, context: Context, seconds: float) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "epochs": int(engines.trainer.state.epoch),
        "seconds": round(seconds, 2),
        "train_images": len(context.train_datalist),
        "val_images": len(context.val_datalist),
    }
    if engines.evaluator is not None:
        found = engines.evaluator.state
        summary |= {
            "metric": str(found.key_metric_name),
            "best_metric": float(found.best_metric),
            "best_epoch": int(found.best_metric_epoch),
        }
    return summary


def _published(task: TrainableBundle, context: Context, engines: Engines, store: ModelStore | None) -> dict[str, Any]:
    assert context.network is not None
    if store is None:
        save_weights(context.network, Path(context.run.folder) / WEIGHTS)
        context.run.note(f"the datastore has no place for models: the weights are in the job's folder, {WEIGHTS}")
        return {}
    state = engines.best_weights.state
    judged = engines.evaluator is not None and state.get("best_epoch", -1) > 0
    score = {
        "parent": state.get("parent"),
        "score": state["best_metric"] if judged else None,
        "metrics": state.get("best_metrics", {}) if judged else {},
    }
    version = publish(task, context, engines, store, score)
    return {"version": version.number, "in_use": version.in_use, "note": version.note}
