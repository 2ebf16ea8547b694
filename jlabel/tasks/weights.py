"""Loading a network's weights: tensors only, never code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from jlabel.errors import TaskError
from jlabel.files.plain_files import open_file

# Keys under which training tools file a network's own state beside an optimizer's and others.
_WRAPPERS = ("model", "state_dict", "network", "net")


def load_weights(network: torch.nn.Module, path: Path | str, key: str | None = None, strict: bool = True) -> None:
    """Put the weights in a file into a network.

    Args:
        network: Changed in place.
        path: A ``.safetensors`` file, or a file that ``torch.save`` wrote with tensors in it. Anything that would run
            code when loaded is refused.
        key: Where in the file's dictionary the network's weights are; found by itself for the usual names.
        strict: Whether all of the network's weights must be there, and no others. If not, those that are stay.

    Raises:
        TaskError: The file is missing, is not a file of tensors, or does not fit the network.
    """
    path = Path(path)
    state = _strip(_unwrap(_read(path), key, path))
    if not strict and not set(state) & set(network.state_dict()):
        raise TaskError(f"{path}: none of these weights is of {type(network).__name__}, so none was loaded")
    try:
        network.load_state_dict(state, strict=strict)
    except RuntimeError as error:
        first = str(error).splitlines()[1:2] or [str(error)]
        raise TaskError(
            f"{path}: these weights are of another network than {type(network).__name__}: {first[0].strip()}"
        ) from error


def _read(path: Path) -> Any:
    if not path.is_file():
        raise TaskError(f"{path}: no such file of weights")
    try:
        with os.fdopen(open_file(path), "rb") as file:
            if path.suffix == ".safetensors":
                from safetensors.torch import load

                return load(file.read())
            return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # both libraries raise many kinds, safetensors one of its own
        raise TaskError(f"{path}: not a file of tensors, so it was not loaded ({_first_line(error)})") from error


def _unwrap(content: Any, key: str | None, path: Path) -> Mapping[str, Any]:
    if key is not None and isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
        return dict(content[key])
    if isinstance(content, Mapping):
        for name in _WRAPPERS:
            if isinstance(content.get(name), Mapping):
                return dict(content[name])
        return dict(content)
    raise TaskError(f"{path}: holds a {type(content).__name__}, not a dictionary of tensors")


def _strip(state: Mapping[str, Any]) -> dict[str, Any]:
    """Without the prefix that DataParallel puts before every name."""
    if state and all(name.startswith("module.") for name in state):
        return {name.removeprefix("module."): value for name, value in state.items()}
    return dict(state)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
