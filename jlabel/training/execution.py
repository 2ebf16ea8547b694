"""How a train task runs: what is learnt from, the engines, and what is kept."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.files.file_operations import remove_tree
from jlabel.registry.version import WEIGHTS
from jlabel.tasks.author_hook import call_hook
from jlabel.tasks.train import TrainRun
from jlabel.training.checkpoints import save_weights
from jlabel.training.datasets import ReadableItems, make_dataset, readable
from jlabel.training.engines import Engines, make_engines
from jlabel.training.fitting import (
    RankTraining,
    cache_budget,
    fit,
    make_network,
    peer_timeout,
    prepared_steps,
    restore,
    training_data,
)
from jlabel.training.hooks import ask
from jlabel.training.labelled_images import LabelledImage
from jlabel.training.options import merge_options
from jlabel.training.process_group import joined
from jlabel.training.publishing import begin_with_parent, publish
from jlabel.training.reader import StudiesReader
from jlabel.training.recipe import TrainRecipe
from jlabel.training.train_context import Context
from jlabel.training.unused_hooks import unused_hooks


def train(task: TrainRecipe, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
    """See :meth:`jlabel.TrainRecipe.__call__`."""
    run: TrainRun = request["run"]
    torch.set_num_threads(run.threads)
    for sentence in unused_hooks(task):
        run.note(sentence)
    try:
        summary = _train(task, request, datastore)
    finally:
        call_hook(task.cleanup, request)
    task.files.write_stats(summary)
    return summary


def _train(task: TrainRecipe, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
    run: TrainRun = request["run"]
    context, images = _set_up(task, request, datastore)
    data, judged = _datasets(task, context, images)
    if len(run.devices) > 1:
        run.start_ranks(RankTraining(task, context, images))
    make_network(task, context)
    store = task.model_store(datastore)
    with joined(run, peer_timeout(context)) as world:
        engines = make_engines(task, context, data, judged, world)
        engines.structures.seen = restore(engines, context)
        if not engines.structures.seen:
            engines.best_weights.state["parent"] = begin_with_parent(context, store)
        begun = time.monotonic()
        fit(engines, context, world)
    if images and not engines.structures.seen and len(run.devices) == 1:
        raise TaskError(
            f"the training saw no voxel of {', '.join(context.labels)}, so nothing is published: the labels have them, "
            "and the transforms of the images lose them"
        )
    others = run.join_ranks()
    network = context.network
    assert network is not None
    if judged is not None:
        engines.checkpoints.load_best(network)
    remove_tree(run.checkpoints / "cache", ignore_errors=True)
    summary = _summary(engines, context, data, judged, time.monotonic() - begun)
    for other in others:
        summary["left_out"].update(other["left_out"])
    if store is None:
        save_weights(network, run.folder / WEIGHTS)
        run.note(f"the datastore has no place for models: the weights are in the job's folder, {WEIGHTS}")
        return summary
    version = publish(task, context, engines, store, _score(engines))
    return {**summary, "version": version.number, "in_use": version.in_use, "note": version.note}


def _set_up(
    task: TrainRecipe, request: Mapping[str, Any], datastore: Datastore
) -> tuple[Context, Sequence[LabelledImage]]:
    run: TrainRun = request["run"]
    options = merge_options(task.config, request)
    found = task.learning_set(request, float(options["val_split"]), datastore, run.note)
    context = Context(
        name=str(request["name"]),
        request=options,
        run=run,
        datastore=datastore,
        labels=found.labels,
        train_datalist=found.train,
        val_datalist=found.val,
        output_dir=run.checkpoints,
        max_epochs=options["max_epochs"],
        train_batch_size=options["train_batch_size"],
        val_batch_size=options["val_batch_size"],
        seed=int(options["seed"]),
        disable_meta_tracking=task.disable_meta_tracking,
    )
    return context, found.images


def _datasets(
    task: TrainRecipe, context: Context, images: Sequence[LabelledImage]
) -> tuple[ReadableItems, ReadableItems | None]:
    note = context.run.note
    cache = context.run.checkpoints / "cache"
    budget = cache_budget(context)
    reader = StudiesReader(images, note)
    data = training_data(task, context, reader, budget)
    budget -= data.memory
    steps = prepared_steps(ask(task.val_pre_transforms, context), reader, context.disable_meta_tracking)
    judged: ReadableItems | None = None
    if context.val_datalist:
        try:
            judged = make_dataset(context.val_datalist, steps, cache, budget, note)
        except TaskError as error:
            note(f"no image to judge by can be used: {error}")
    if judged is not None:
        # A metric over fewer images is another metric: what cannot be read is found out before the first epoch.
        kept = readable(context.val_datalist, judged)
        if len(kept) < len(context.val_datalist):
            context.val_datalist = [context.val_datalist[index] for index in kept]
            left_out = judged.left_out
            judged = make_dataset(context.val_datalist, steps, cache, budget, note) if kept else None
            if judged is not None:
                judged.left_out.update(left_out)
    if judged is None:
        note("no image is left to judge by: the last epoch's weights are taken. Label one more image")
    return data, judged


def _score(engines: Engines) -> dict[str, Any]:
    """What the weights that are taken have come to."""
    state = engines.best_weights.state
    judged = engines.evaluator is not None and state.get("best_epoch", -1) > 0
    return {
        "parent": state.get("parent"),
        "score": state["best_metric"] if judged else None,
        "metrics": state.get("best_metrics", {}) if judged else {},
    }


def _summary(
    engines: Engines, context: Context, data: ReadableItems, judged: ReadableItems | None, seconds: float
) -> dict[str, Any]:
    state = engines.trainer.state
    summary: dict[str, Any] = {
        "epochs": int(state.epoch),
        "seconds": round(seconds, 2),
        "train_images": len(data) - len(data.left_out),
        "val_images": len(context.val_datalist) if judged is not None else 0,
        "left_out": {**data.left_out, **(judged.left_out if judged is not None else {})},
    }
    if engines.evaluator is not None:
        found = engines.evaluator.state
        summary |= {
            "metric": str(found.key_metric_name),
            "best_metric": float(found.best_metric),
            "best_epoch": int(found.best_metric_epoch),
        }
    return summary
