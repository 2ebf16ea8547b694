"""The weights that a training begins with where no version is in use yet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jlabel.errors import TaskError
from jlabel.training.train_context import Context

if TYPE_CHECKING:
    import torch


class Beginning(Protocol):
    """What is asked of a train task."""

    load_path: Path | None
    load_dict: Mapping[str, torch.nn.Module] | None
    load_strict: bool
    publish_path: Path | None


def load_first_weights(task: Beginning, context: Context) -> None:
    """Load the task's file of weights into the context's network, or into the networks of its ``load_dict``.

    A file that the training itself is to publish need not be there yet.

    Raises:
        TaskError: It is not there, or does not fit.
    """
    path = task.load_path
    if path is None:
        return
    if path == task.publish_path and not path.exists():
        context.run.note(f"begun anew: {path} is not there yet")
        return
    from jlabel.tasks.weights import load_weights

    assert context.network is not None
    if task.load_dict is None:
        load_weights(context.network, path, strict=task.load_strict)
        return
    for key, network in task.load_dict.items():
        load_weights(network, path, key, task.load_strict)


def check_load_dict(load_dict: Mapping[str, Any] | None) -> None:
    """Refuse anything but networks: what else a file has, an optimizer's state, is not loaded.

    Raises:
        TaskError: There is something else in it.
    """
    import torch

    for key, value in (load_dict or {}).items():
        if not isinstance(value, torch.nn.Module):
            raise TaskError(
                f"load_dict[{key!r}] is {type(value).__name__}, and only networks are loaded: a training that was "
                "stopped goes on with its optimizer by itself"
            )
