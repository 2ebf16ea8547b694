"""Settings of a loop with CVAT under the names that MONAI Label has for them, as ``--conf`` gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import typer

_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
#: The environment variables that say where annotations are made, and what they say of CVAT.
DATASTORE = ("JLABEL_DATASTORE", "MONAI_LABEL_DATASTORE")
CVAT = "cvat"


def loop_conf(conf: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """What of the settings is the app's, and what is the loop's.

    Args:
        conf: As typed, by key.

    Raises:
        BadParameter: A value makes no sense.
    """
    rest, found = dict(conf), dict[str, Any]()
    for key, (name, read) in _CONF.items():
        if key in rest:
            found[name] = read(key, rest.pop(key))
    if "epistemic_enabled" in rest:
        found["strategy"] = "epistemic" if _truth("epistemic_enabled", rest.pop("epistemic_enabled")) else "random"
    for key in _NOTHING_TO_DO:
        rest.pop(key, None)
    return rest, found


def _truth(key: str, value: str) -> bool:
    if value.lower() in (*_TRUE, *_FALSE):
        return value.lower() in _TRUE
    raise typer.BadParameter(f"--conf {key}: true or false, not {value!r}")


def _number(key: str, value: str) -> int:
    if not value.isdecimal():
        raise typer.BadParameter(f"--conf {key}: a whole number, not {value!r}")
    return int(value)


def _name(key: str, value: str) -> str:
    return value.strip()


def _first_model(key: str, value: str) -> str | None:
    """One model learns here; of several that are named the first."""
    return value.partition(",")[0].strip() or None


def _interval(key: str, value: str) -> tuple[float, float]:
    seconds = float(max(1, _number(key, value)))
    return min(5.0, seconds), seconds


_CONF: dict[str, tuple[str, Callable[[str, str], Any]]] = {
    "epistemic_top_k": ("top_k", _number),
    "auto_finetune_models": ("train", _first_model),
    "auto_finetune_check_interval": ("poll", _interval),
    "cvat_project": ("project", _name),
    "cvat_segment_size": ("segment_size", _number),
}
# Tasks have no number in their names here, and pictures go out as they are.
_NOTHING_TO_DO = ("cvat_task_prefix", "cvat_image_quality", "cvat_normalize_label")
