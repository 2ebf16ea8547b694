"""The network of an infer task: its files of weights, and the published version that is in use."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.errors import TaskError
from jlabel.registry import ModelVersion, PublishedModel

# torch takes seconds to import.
if TYPE_CHECKING:
    import torch


class TaskNetwork:
    """Loads the network of an infer task when it is needed, and again when there are other weights.

    Args:
        path: As for :class:`jlabel.InferTask`, and so are the others.
        network: The network.
        model_state_dict: The key of its weights in the file.
        published: The model whose version in use gives the weights.
        load_strict: Whether a file must fit the network in all of its parts.
        train_mode: Run the network in training mode.
    """

    def __init__(
        self,
        path: str | Path | Sequence[str | Path] | None,
        network: torch.nn.Module | None,
        model_state_dict: str | None,
        published: PublishedModel | None,
        load_strict: bool,
        train_mode: bool,
    ) -> None:
        self.paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path or ()]
        self.network = network
        self.model_state_dict = model_state_dict
        self.published = published
        self.load_strict = load_strict
        self.train_mode = train_mode
        self._loading = threading.Lock()
        self._loaded: tuple[Path, int] | None = None
        self._version: tuple[Path, torch.nn.Module] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_loading"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _loading=threading.Lock())

    @property
    def path(self) -> list[str]:
        """The files of weights, the newest last."""
        return [str(path) for path in self.paths]

    def is_valid(self) -> bool:
        """Whether the task can run: it needs no weights, or a file of weights or a published version exists."""
        if self.published is not None and not self.paths:
            with contextlib.suppress(TaskError):
                return self.published.in_use() is not None
            return False
        return not self.paths or any(path.is_file() for path in self.paths)

    def load_network(self, device: str) -> torch.nn.Module | None:
        """The network on the device with its newest weights; a file is read again only if it has changed.

        Raises:
            TaskError: None of the files exists, or the weights do not fit.
        """
        if self.network is None:
            if self.paths:
                raise TaskError(
                    f"{type(self).__name__} has weights, {self.paths[-1]}, and no network: give network=…; a "
                    "TorchScript file would run code, so none is loaded"
                )
            return None
        from jlabel.tasks.weights import load_weights

        with self._loading:
            found = next((path for path in reversed(self.paths) if path.is_file()), None)
            if self.paths and found is None:
                raise TaskError(f"no file of weights for {type(self).__name__}: {', '.join(map(str, self.paths))}")
            if found is not None:
                version = (found, found.stat().st_mtime_ns)
                if version != self._loaded:
                    load_weights(self.network, found, self.model_state_dict, self.load_strict)
                    self._loaded = version
            return self.network.to(device).train(self.train_mode)

    @property
    def learns_from(self) -> PublishedModel | None:
        """The published model whose newest version the task uses; None if it uses none."""
        return self.published

    def version_in_use(self) -> ModelVersion | None:
        """The version that the next call uses; None for a task without a published model.

        Raises:
            TaskError: Nothing has been trained yet, or the version is damaged.
        """
        version = None if self.published is None else self.published.in_use()
        if version is None and self.published is not None and not self.paths:
            name = self.published.name
            raise TaskError(f"model {name!r} has not been trained yet: manager.train({name!r})")
        return version

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The network of a published version, without its weights; by default a copy of the task's own."""
        if self.network is None:
            raise TaskError(f"{type(self).__name__} has no network: give one, or override make_network(version)")
        return copy.deepcopy(self.network)

    def load_version(self, device: str, version: ModelVersion) -> torch.nn.Module:
        """The network of a published version on the device; calls that run already are not affected.

        Raises:
            TaskError: The weights are gone or do not fit.
        """
        from jlabel.tasks.weights import load_weights

        with self._loading:
            if self._version is None or self._version[0] != version.file:
                network = self.make_network(version)
                load_weights(network, version.file)
                self._version = (version.file, network)
            return self._version[1].to(device).train(self.train_mode)


def default_device() -> str:
    """The first GPU, else the CPU."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
