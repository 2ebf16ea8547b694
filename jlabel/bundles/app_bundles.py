"""The bundles of an app: its models and train tasks by name, and the labels that they bring."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from jlabel.bundles.infer import BundleInferTask
from jlabel.bundles.metadata import workflow_class
from jlabel.bundles.train import BundleTrainTask
from jlabel.errors import TaskError
from jlabel.labels.names import alike
from jlabel.registry import ModelStore, PublishedModel
from jlabel.tasks.infer import InferTask

BundleOrFolder = str | Path | BundleInferTask
_AUTOMATIC = "_auto"


def open_bundles(bundles: Iterable[BundleOrFolder]) -> dict[str, BundleInferTask]:
    """The infer tasks of bundles, by the names of their folders.

    One that takes clicks has a second task, ``<name>_auto``, which segments without them.

    Args:
        bundles: Their folders, or tasks that were made with arguments of their own.

    Raises:
        TaskError: One is no bundle, cannot label images, or has the name of another one.
    """
    found: dict[str, BundleInferTask] = {}
    for one in [bundles] if isinstance(bundles, str | Path) else bundles:
        task = one if isinstance(one, BundleInferTask) else BundleInferTask(one)
        if task.name in found:
            other = found[task.name].bundle.root
            raise TaskError(f"two bundles are called {task.name!r}: {other} and {task.bundle.root}; rename one folder")
        found[task.name] = task
        if task.interactive:
            found[f"{task.name}{_AUTOMATIC}"] = task.without_clicks()
    return found


def add_bundles(infers: Mapping[str, InferTask], bundles: Mapping[str, BundleInferTask]) -> dict[str, InferTask]:
    """The models of an app with those of its bundles.

    Raises:
        TaskError: A bundle has the name of a model that the app has already.
    """
    taken = next((name for name in bundles if name in infers), None)
    if taken is not None:
        folder = bundles[taken].bundle.root
        raise TaskError(f"the app has a model {taken!r} already, and a bundle has its name: rename the folder {folder}")
    return {**infers, **bundles}


def brought_labels(tasks: Mapping[str, InferTask]) -> dict[str, int]:
    """The labels of all of them, name to value: a task's own value where it is free."""
    values: dict[str, int] = {}
    for task in tasks.values():
        for name, value in task.labels.items():
            if alike(name) in map(alike, values):
                continue
            free = value not in values.values()
            values[name] = value if free else max(values.values()) + 1
    return values


def use_versions(tasks: Mapping[str, BundleInferTask], store: ModelStore | None) -> None:
    """Let the tasks answer with what their train tasks have published, once there is something."""
    for task in tasks.values():
        if task.published is None and store is not None:
            task.published = PublishedModel(store, model_name(task.name))


def train_tasks(tasks: Mapping[str, BundleInferTask]) -> dict[str, BundleTrainTask]:
    """The train tasks of those bundles that have a configuration of a training."""
    trained: dict[str, BundleTrainTask] = {}
    for task in tasks.values():
        if task.classification is not None:
            continue  # what it would learn from are masks here, and not tags
        trainable = task.bundle.configuration("train") is not None or workflow_class(task.bundle)
        if trainable and model_name(task.name) not in trained:
            made = BundleTrainTask(task.bundle.root, labels=task.labels, channels=task.channels)
            trained[model_name(task.name)] = made
    return trained


def model_name(bundle: str) -> str:
    """The name of a bundle's model among the published ones: its own, without what cannot be in a folder's name."""
    plain = re.sub(r"[^\w .-]", "_", bundle)
    return plain if re.match(r"\w", plain) else f"bundle{plain}"
