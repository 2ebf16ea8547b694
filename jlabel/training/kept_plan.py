"""The plan of a network: made once for a run, and taken over from the version that a training goes on from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from jlabel.files.atomic import atomic_write
from jlabel.registry import ModelStore, ModelVersion
from jlabel.training.train_context import Context

PLAN_FILE = "plan.json"


class NetworkPlan(Protocol):
    """What a network is made for."""

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""


P = TypeVar("P", bound=NetworkPlan)


def kept_plan(context: Context, read: Callable[[Mapping[str, Any]], P], make: Callable[[], P]) -> P:
    """The plan of a run; a resumed run keeps the one that it began with.

    Args:
        context: The training.
        read: Makes a plan of its JSON values.
        make: Makes the plan, where the run has none yet.

    Raises:
        TaskError: No plan can be made.
    """
    file = context.output_dir / PLAN_FILE
    if file.is_file():
        return read(json.loads(file.read_text(encoding="utf-8")))
    plan = make()
    content = json.dumps(plan.to_json()).encode()
    atomic_write(file, lambda out: out.write(content))
    return plan


def version_to_go_on_from(context: Context, store: ModelStore | None) -> ModelVersion | None:
    """The version in use, where the training goes on from it: where it has learnt the same labels; else None."""
    if store is None or not context.request["pretrained"]:
        return None
    parent = store.in_use(context.name)
    return parent if parent is not None and dict(parent.labels) == dict(context.labels) else None
