"""What becomes of a trained network: a new version of its model, in use where it is good enough."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Any, Protocol

import torch

from jlabel.errors import TaskError
from jlabel.files.file_operations import remove_file
from jlabel.registry import ModelStore, ModelVersion
from jlabel.tasks.weights import load_weights
from jlabel.training.checkpoints import export_weights, save_weights
from jlabel.training.engines import Engines
from jlabel.training.hooks import ask
from jlabel.training.train_context import Context

FINAL = "final.safetensors"


def begin_with_parent(context: Context, store: ModelStore | None) -> int | None:
    """Give the network the weights of the version in use, and return that version's number; None to begin anew."""
    if store is None or not context.request["pretrained"]:
        return None
    parent = store.in_use(context.name)
    if parent is None:
        return None
    if dict(parent.labels) != dict(context.labels):
        context.run.note(f"begun anew: version {parent.number} of {context.name!r} knows other labels")
        return None
    assert context.network is not None
    try:
        load_weights(context.network, parent.file)
    except TaskError as error:
        context.run.note(f"begun anew: {error}")
        return None
    return parent.number


class PublishingTask(Protocol):
    """What is asked of a train task whose network is published."""

    publish_path: Path | None
    shipped_words: str

    def network_config(self, context: Context) -> dict[str, Any]:
        """What a version keeps of its network."""

    def shipped_network(self, context: Context) -> torch.nn.Module | None:
        """The network with weights that were there before any training; None where there are none."""


def publish(
    task: PublishingTask, context: Context, engines: Engines, store: ModelStore, state: dict[str, Any]
) -> ModelVersion:
    """Publish the network's weights as they are now, and put them in use unless those in use are better.

    Both are judged by the same images: the version in use is judged again by those that are kept for it now.

    Args:
        task: The train task.
        context: The training, with the weights to publish in its network.
        engines: What judges.
        store: Where models are kept.
        state: ``metrics``, ``score`` and ``parent`` of the training.

    Raises:
        DatastoreError: It cannot be written.
    """
    assert context.network is not None
    name = context.name
    weights = context.run.checkpoints / FINAL
    save_weights(context.network, weights)
    score = state["score"]
    before = store.in_use(name)
    shipped = ask(task.shipped_network, context) if before is None else None
    good, note = True, "the first version"
    if before is not None:
        good, note = _compare(score, _score_again(context, engines, before), context, before.number)
    elif shipped is not None:
        context.network.load_state_dict(shipped.state_dict())
        good, note = _compare_with_shipped(score, _score_now(engines), task.shipped_words)
    version = ModelVersion(
        name=name,
        number=0,
        metric="" if engines.evaluator is None or score is None else str(engines.evaluator.state.key_metric_name),
        score=score,
        metrics=state["metrics"],
        parent=state["parent"],
        images={item["id"]: item["version"] for item in context.train_datalist},
        judged_by={item["id"]: item["version"] for item in context.val_datalist},
        labels=dict(context.labels),
        config={key: value for key, value in context.request.items() if key != "run"},
        network=ask(task.network_config, context),
        note=note,
        jlabel_version=importlib.metadata.version("jlabel"),
        torch_version=str(torch.__version__),
    )
    published = store.publish(version, weights)
    remove_file(weights)
    if good:
        published = store.use(name, published.number)
        if task.publish_path is not None:
            load_weights(context.network, published.file)
            export_weights(context.network, task.publish_path)
    context.run.note(f"version {published.number} of {name!r} is {'in use' if good else 'kept and not in use'}: {note}")
    return published


def _compare(score: float | None, other: float | None, context: Context, number: int) -> tuple[bool, str]:
    tolerance = float(context.request["publish_tolerance"])
    if score is None:
        return other is None, f"it could not be judged, version {number} was in use before"
    if other is None:
        return True, f"version {number} could not be judged"
    better = score >= other - tolerance
    return better, f"{score:.3f} against {other:.3f} of version {number}, judged by the same images"


def _compare_with_shipped(score: float | None, other: float | None, words: str) -> tuple[bool, str]:
    if score is None or other is None:
        return False, f"it could not be judged against {words}"
    return score > other, f"{score:.3f} against {other:.3f} of {words}, judged by the same images"


def _score_again(context: Context, engines: Engines, version: ModelVersion) -> float | None:
    if engines.evaluator is None:
        return version.score
    assert context.network is not None
    try:
        load_weights(context.network, version.file)
    except TaskError:
        # Another network: its own score, on the images that were kept when it was published, has to do.
        return version.score
    return _score_now(engines)


def _score_now(engines: Engines) -> float | None:
    if engines.evaluator is None:
        return None
    engines.evaluator.run()
    metrics = engines.evaluator.state.metrics
    return float(metrics[engines.evaluator.state.key_metric_name])
