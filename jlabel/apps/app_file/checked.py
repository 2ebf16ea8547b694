"""That what an app file gives is what an app takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.apps.app_file.ids import below
from jlabel.datastores import Datastore
from jlabel.errors import ConfigError, LabelError
from jlabel.labels.classification import Classification, make_classifications
from jlabel.labels.label import make_labels
from jlabel.tasks.infer import InferTask
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Strategy
from jlabel.tasks.train import TrainTask

#: What the parts of an app are, by the key of the file.
KINDS: dict[str, type] = {
    "infers": InferTask,
    "trainers": TrainTask,
    "strategies": Strategy,
    "scoring_methods": ScoringMethod,
}
_WORDS: dict[type, str] = {
    InferTask: "an infer task (jlabel.InferTask)",
    TrainTask: "a train task (jlabel.TrainTask)",
    Strategy: "a strategy (jlabel.Strategy)",
    ScoringMethod: "a scoring method (jlabel.ScoringMethod)",
    Datastore: "a datastore (jlabel.Datastore)",
}

Fault = Callable[[str, str], ConfigError]


def checked_parts(kind: str, value: Any, fault: Fault) -> dict[str, Any]:
    """Tasks, strategies or scoring methods by name; None stands for one of the app's that is left out.

    Args:
        kind: The key of the file, one of :data:`KINDS`.
        value: What was evaluated.
        fault: Makes the error from a reason and an id.

    Raises:
        ConfigError: It is no mapping, or one of them is of another type.
    """
    if not isinstance(value, Mapping):
        raise fault(f"expected a mapping of names to {_WORDS[KINDS[kind]]}, not {_shown(value)}", kind)
    for name, part in value.items():
        if not isinstance(name, str):
            raise fault(f"a name is a text, and {name!r} is none: put it in quotes", below(kind, name))
        if part is not None:
            checked_type(part, KINDS[kind], below(kind, name), fault)
    return dict(value)


def checked_type(value: Any, wanted: type, id: str, fault: Fault) -> None:
    """Raise where a value is of another type.

    Raises:
        ConfigError: It is.
    """
    if isinstance(value, wanted):
        return
    is_class = isinstance(value, type) and issubclass(value, wanted)
    hint = ", a class: give it as '_target_', with its arguments beside it" if is_class else ""
    raise fault(f"expected {_WORDS[wanted]}, not {_shown(value)}{hint}", id)


def checked_tags(value: Any, fault: Fault) -> tuple[Classification, ...]:
    """What images as a whole are told apart by.

    Args:
        value: What was evaluated: a mapping of names to classes.
        fault: Makes the error from a reason and an id.

    Raises:
        ConfigError: It is none, or a name or class cannot be used.
    """
    if not isinstance(value, Mapping):
        raise fault(f"expected a mapping of names to lists of classes, not {_shown(value)}", "tags")
    try:
        return make_classifications(value)
    except LabelError as error:
        raise fault(str(error), "tags") from error


def checked_bundles(id: str, value: Any, root: Path, fault: Fault) -> list[Path | InferTask]:
    """Folders of bundles as absolute paths, or tasks of bundles.

    Args:
        id: Of the item.
        value: What was evaluated: a list of texts, paths or tasks.
        root: From where relative ones count.
        fault: Makes the error from a reason and an id.

    Raises:
        ConfigError: It is no such list, or one of them is not there.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise fault(f"expected a list of folders, not {_shown(value)}", id)
    bundles: list[Path | InferTask] = []
    for number, one in enumerate(value):
        if not isinstance(one, str | Path | InferTask):
            raise fault(f"expected a folder, not {_shown(one)}", below(id, number))
        bundles.append(one if isinstance(one, InferTask) else root / Path(one).expanduser())
        if isinstance(one, str | Path) and not (root / Path(one).expanduser()).is_dir():
            raise fault(f"there is no folder {root / Path(one).expanduser()}", below(id, number))
    return bundles


def checked_labels(value: Any, fault: Fault) -> None:
    """Raise where no labels can be made of a value.

    Raises:
        ConfigError: They cannot.
    """
    try:
        make_labels(value)
    except LabelError as error:
        raise fault(str(error), "labels") from error
    except TypeError as error:
        wanted = "a list of names, or a mapping of names to values"
        raise fault(f"expected {wanted}, not {_shown(value)}", "labels") from error


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    said = repr(value)
    return said if len(said) < 60 else f"a value of type {type(value).__name__}"
