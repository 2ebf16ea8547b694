"""What every process of a training does: prepare images and network, go on where the last attempt was, and learn."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from jlabel.errors import JlabelError, TaskError, ran_out_of_memory
from jlabel.files.folder_handle import FolderHandle
from jlabel.tasks.meta_dicts import with_meta_dicts
from jlabel.tasks.train import TrainRun
from jlabel.tasks.transforms import flatten, offer
from jlabel.training.datasets import MEMORY, ReadableItems, explained, make_dataset, reason
from jlabel.training.engines import Engines, make_engines
from jlabel.training.first_weights import load_first_weights
from jlabel.training.hooks import ask
from jlabel.training.labelled_images import LabelledImage
from jlabel.training.meta_tracking import PlainTensors
from jlabel.training.process_group import World, joined
from jlabel.training.reader import StudiesReader
from jlabel.training.recipe import TrainRecipe
from jlabel.training.train_context import Context


@dataclass(frozen=True)
class RankTraining:
    """What a further process of a training does: it learns with the others, and judges and keeps nothing.

    Attributes:
        task: The train task.
        context: The training as rank 0 has set it up.
        images: The labelled images.
    """

    task: TrainRecipe
    context: Context
    images: Sequence[LabelledImage]

    def __call__(self, run: TrainRun) -> dict[str, Any]:
        """Learn; returns ``left_out``, the images that could not be used and why."""
        torch.set_num_threads(run.threads)
        context = replace(self.context, run=run)
        with joined(run, peer_timeout(context)) as world:
            data = training_data(self.task, context, StudiesReader(self.images), cache_budget(context))
            make_network(self.task, context)
            engines = make_engines(self.task, context, data, None, world)
            restore(engines, context)
            fit(engines, context, world)
        return {"left_out": data.left_out}


def training_data(task: TrainRecipe, context: Context, reader: StudiesReader, budget: int) -> ReadableItems:
    """The images to learn from, of which ``budget`` bytes may be kept in memory.

    Raises:
        TaskError: None of them can be used.
    """
    steps = prepared_steps(ask(task.train_pre_transforms, context), reader, context.disable_meta_tracking)
    cache = context.run.checkpoints / "cache"
    with FolderHandle.reach(cache.parent) as folder, contextlib.suppress(FileExistsError):
        folder.mkdir(cache.name, 0o700)
    return make_dataset(context.train_datalist, steps, cache, budget, context.run.note)


def prepared_steps(steps: Any, reader: StudiesReader, plain: bool = False) -> list[Any]:
    """An author's steps as a list, reading images and labels as jlabel does.

    Args:
        steps: A transform or several.
        reader: Reads images and labels.
        plain: Whether tensors come without meta data at the end.
    """
    flat = with_meta_dicts(flatten(steps))
    offer(flat, reader)
    return [*flat, PlainTensors()] if plain else flat


def cache_budget(context: Context) -> int:
    """How many bytes of prepared images each process of the training may keep in memory."""
    given = context.request["cache_bytes"]
    return (MEMORY if given is None else int(given)) // len(context.run.devices)


def peer_timeout(context: Context) -> float:
    """For how many seconds the processes of the training wait for each other."""
    return float(context.request["peer_timeout"])


def make_network(task: TrainRecipe, context: Context) -> None:
    """Give the context its network, on the process's device, and its optimizer."""
    torch.manual_seed(context.seed)
    context.network = ask(task.network, context).to(context.device)
    load_first_weights(task, context)
    context.optimizer = ask(task.optimizer, context)


def restore(engines: Engines, context: Context) -> bool:
    """Go on where an earlier attempt was, with as many processes or others; returns whether there was one.

    Raises:
        TaskError: What it kept does not fit.
    """
    state = engines.checkpoints.restore()
    if not state:
        return False
    engines.best_weights.state.update(state)
    trainer = engines.trainer
    trainer.state.epoch = int(state["epoch"])
    trainer.state.iteration = trainer.state.epoch * trainer.state.epoch_length
    if engines.evaluator is not None and "best_metric" in state:
        engines.evaluator.state.best_metric = state["best_metric"]
        engines.evaluator.state.best_metric_epoch = state["best_epoch"]
    if context.rank == 0:
        context.run.note(f"going on after epoch {state['epoch']}")
    return True


def fit(engines: Engines, context: Context, world: World, begin: Callable[[], object] | None = None) -> None:
    """Run the epochs that are left.

    Args:
        engines: The training.
        context: What it is about.
        world: Its processes.
        begin: Runs the trainer, whose network the processes share already; its own ``run`` if not given.

    Raises:
        Cancelled: Someone wants it to stop.
        TaskError: Something in it failed.
    """
    trainer = engines.trainer
    if trainer.state.epoch >= context.max_epochs:
        return
    try:
        assert context.network is not None
        if begin is None:
            trainer.network = world.wrap(context.network, bool(context.request["find_unused_parameters"]))
        (begin or trainer.run)()
    except JlabelError:
        raise
    except torch.cuda.OutOfMemoryError as error:
        raise TaskError(f"the GPU is out of memory: use smaller patches or train_batch_size=1 ({error})") from error
    except Exception as error:
        if ran_out_of_memory(error):
            raise TaskError(f"out of memory: use smaller patches or train_batch_size=1 ({reason(error)})") from error
        world.explain(error)
        raise TaskError(f"the training failed: {explained(error)}") from error
