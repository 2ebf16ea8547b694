"""How far a training is, kept so that a kill at any moment costs seconds of it."""

from __future__ import annotations

import contextlib
import io
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save

from jlabel.errors import DatastoreError, TaskError
from jlabel.files.atomic import atomic_write
from jlabel.files.plain_files import open_file

LAST = "last.pt"
BEST = "best.safetensors"


def save_weights(network: torch.nn.Module, file: Path, metadata: Mapping[str, str] | None = None) -> None:
    """Write the network's weights as a safetensors file, atomically.

    Raises:
        DatastoreError: It cannot be written; what was there before is unchanged.
    """
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in network.state_dict().items()}
    content = save(tensors, dict(metadata or {}))
    atomic_write(file, lambda out: out.write(content))


def export_weights(network: torch.nn.Module, file: Path) -> None:
    """Write the network's weights for other programs: as safetensors, or for any other extension as torch saves them.

    Raises:
        DatastoreError: It cannot be written; what was there before is unchanged.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".safetensors":
        save_weights(network, file)
    else:
        _save(network.state_dict(), file)


class Checkpoints:
    """The checkpoints of one run.

    Args:
        folder: Where they are.
        parts: What is kept, by name: anything with ``state_dict`` and ``load_state_dict``.
        seconds: How much time may pass between two of them.
        note: Told where one cannot be written; the training goes on, and the one before is still there.
    """

    def __init__(self, folder: Path, parts: Mapping[str, Any], seconds: float, note: Callable[[str], None]) -> None:
        self._folder = folder
        self._parts = parts
        self._seconds = seconds
        self._note = note
        self._failed = False
        self._last = time.monotonic()

    def save_if_due(self, state: Mapping[str, Any], now: bool = False) -> None:
        """Keep the parts and ``state`` (plain values), unless that was done a moment ago."""
        if now or time.monotonic() - self._last >= self._seconds:
            self._last = time.monotonic()
            content = {"state": dict(state), "parts": {name: part.state_dict() for name, part in self._parts.items()}}
            self._try(lambda: _save(content, self._folder / LAST))

    def save_best(self, network: torch.nn.Module, metadata: Mapping[str, str]) -> None:
        """Keep the weights that did best so far."""
        self._try(lambda: save_weights(network, self._folder / BEST, metadata))

    def restore(self) -> dict[str, Any]:
        """Put the parts back as they were kept, and return the state; empty where nothing was kept.

        Raises:
            TaskError: What was kept does not fit, because the task has changed since.
        """
        file = self._folder / LAST
        if not file.is_file():
            return {}
        try:
            with os.fdopen(open_file(file), "rb") as opened:
                content = torch.load(opened, map_location="cpu", weights_only=True)
            for name, part in self._parts.items():
                part.load_state_dict(content["parts"][name])
            return dict(content["state"])
        except Exception as error:  # torch raises many kinds
            first = str(error).strip().splitlines()[:1]
            raise TaskError(f"{file}: this training cannot go on, begin a new one: {' '.join(first)}") from error

    def load_best(self, network: torch.nn.Module) -> None:
        """Give the network the weights that did best, where there are some."""
        with contextlib.suppress(FileNotFoundError), os.fdopen(open_file(self._folder / BEST), "rb") as opened:
            network.load_state_dict(load(opened.read()))

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
            self._failed = False
        except DatastoreError as error:
            if not self._failed:
                self._note(f"a checkpoint was not kept, the training goes on: {error}")
            self._failed = True


def _save(content: Mapping[str, Any], file: Path) -> None:
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    atomic_write(file, lambda out: out.write(buffer.getbuffer()))
