"""Infer tasks: from an image to a mask, made of MONAI transforms, an inferer and a network."""

from __future__ import annotations

import contextlib
import copy
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.errors import TaskError
from jlabel.models import ModelVersion, PublishedModel
from jlabel.tasks.request import InferRequest, InferResult

# torch and MONAI take seconds to import: a notebook has its labeler on screen before, and warms up meanwhile.
if TYPE_CHECKING:
    import torch

    from jlabel.imaging.image import Image

Step = Callable[[dict[str, Any]], Any]
IMAGE = "image"
PRED = "pred"
MODEL = "model"


class InferTask(ABC):
    """A way to get a mask from an image.

    An author says what happens before, in and after the network; the rest (reading, caching, devices, geometry, errors)
    is done here. The image comes in its own voxel grid, and the answer goes back to it even where ``pre_transforms``
    turn, resample or crop the image, unless ``post_transforms`` have done so already.

    Args:
        path: A file of weights, or several of which the last that exists is used; None to use the network as it is.
        network: The network; None for a task whose ``inferer`` gives transforms instead.
        type: What kind of task this is, such as ``"segmentation"`` or ``"deepgrow"``.
        labels: What the task finds: a name, names in the order of the network's classes from 1 on, or name to class.
        dimension: 2 or 3, the axes that the network sees.
        description: For people.
        model_state_dict: Where in the file the network's weights are, if not under a usual name.
        config: Values that a call starts with and may override.
        published: The model that a train task publishes: its version in use is taken up between two calls.
    """

    #: Whether the task needs prompts.
    interactive = False
    #: Whether the task never uses a GPU: then it does not wait for torch to be imported, nor for another task's GPU.
    cpu_only = False
    #: Whether the task can start from an ``InitialMask`` and cut from it.
    takes_mask = False

    def __init__(
        self,
        path: str | Path | Sequence[str | Path] | None = None,
        network: torch.nn.Module | None = None,
        type: str = "segmentation",
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        dimension: int = 3,
        description: str = "",
        model_state_dict: str | None = None,
        config: Mapping[str, Any] | None = None,
        published: PublishedModel | None = None,
    ) -> None:
        self.paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path or ()]
        self.network = network
        self.type = type
        self.labels = class_indices(labels)
        self.dimension = dimension
        self.description = description
        self.model_state_dict = model_state_dict
        self.config = dict(config or {})
        self._loading = threading.Lock()
        self._loaded: tuple[Path, int] | None = None
        self.published = published
        self._version: tuple[Path, torch.nn.Module] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_loading"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _loading=threading.Lock())

    @abstractmethod
    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """MONAI transforms that make the network's input under ``"image"``.

        ``data`` has ``image`` (a path, for ``LoadImaged``), ``id``, ``label``, ``labels``, ``prompts``, ``device``,
        ``model`` (the :class:`jlabel.ModelVersion` in use, None where the model is not a published one) and what the
        caller gave by name. The first of the transforms, as far as they are MONAI's own, not random and need the image
        alone, are run once for each image and kept.
        """

    @abstractmethod
    def inferer(self, data: dict[str, Any]) -> Callable[..., Any] | Sequence[Step]:
        """A MONAI inferer, called with input (batch, channel, …) and network; without a network, transforms to run."""

    @abstractmethod
    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """MONAI transforms that make a mask under ``"pred"``: class indices, or one channel per class."""

    def inverse_transforms(self, data: dict[str, Any]) -> Sequence[Step] | None:
        """Transforms to invert on the raw prediction, before ``post_transforms``.

        None (the default) puts the finished mask back by itself with nearest-neighbour interpolation; an empty list
        inverts all ``pre_transforms`` first, which interpolates probabilities instead.
        """
        return None

    def info(self) -> dict[str, Any]:
        """What an interface shows of the task."""
        return {
            "type": self.type,
            "labels": dict(self.labels),
            "dimension": self.dimension,
            "description": self.description,
            "interactive": self.interactive,
            "valid": self.is_valid(),
            "config": dict(self.config),
        }

    def is_valid(self) -> bool:
        """Whether the task can run: it needs no weights, or one of its files or a published version is there."""
        if self.published is not None and not self.paths:
            with contextlib.suppress(TaskError):
                return self.published.in_use() is not None
            return False
        return not self.paths or any(path.is_file() for path in self.paths)

    def __call__(self, request: InferRequest) -> InferResult:
        """Run the task.

        Raises:
            TaskError: The weights cannot be loaded, or a transform or the network failed; says which.
            Cancelled: Nobody waits for the answer any more.
        """
        from jlabel.tasks import pipeline

        return pipeline.run(self, request)

    def run_inferer(self, data: dict[str, Any], device: str) -> dict[str, Any]:
        """Put the network's raw output for ``data["image"]``, without the batch axis, under ``"pred"``."""
        from jlabel.tasks import pipeline

        return pipeline.run_network(self, data, device)

    def load_network(self, device: str) -> torch.nn.Module | None:
        """The network on the device with its newest weights; files are read again only when they changed.

        Raises:
            TaskError: None of the files exists, or the weights do not fit.
        """
        if self.network is None:
            return None
        from jlabel.tasks.weights import load_weights

        with self._loading:
            found = next((path for path in reversed(self.paths) if path.is_file()), None)
            if self.paths and found is None:
                raise TaskError(f"no file of weights for {type(self).__name__}: {', '.join(map(str, self.paths))}")
            if found is not None:
                version = (found, found.stat().st_mtime_ns)
                if version != self._loaded:
                    load_weights(self.network, found, self.model_state_dict)
                    self._loaded = version
            return self.network.to(device).eval()

    def warm_up(self, image: Image) -> None:  # noqa: B027 (a task need not)
        """Begin to load what the first call on such an image will need, beside the caller; nothing by default."""

    @property
    def learns_from(self) -> PublishedModel | None:
        """The model whose newest version a call takes, where a training publishes one for the task."""
        return self.published

    def version_in_use(self) -> ModelVersion | None:
        """The version to take for the next call; None for a task whose model is not published by a training.

        Raises:
            TaskError: Nothing has been trained yet, or the version is damaged.
        """
        version = None if self.published is None else self.published.in_use()
        if version is None and self.published is not None and not self.paths:
            name = self.published.name
            raise TaskError(f"model {name!r} has not been trained yet: manager.train({name!r})")
        return version

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """A network for a published version, without its weights: a copy of the task's own if not overridden."""
        if self.network is None:
            raise TaskError(f"{type(self).__name__} has no network: give one, or override make_network(version)")
        return copy.deepcopy(self.network)

    def load_version(self, device: str, version: ModelVersion) -> torch.nn.Module:
        """The network of a published version on the device; a call that is still at work keeps the one it has.

        Raises:
            TaskError: The weights are gone or do not fit.
        """
        from jlabel.tasks.weights import load_weights

        with self._loading:
            if self._version is None or self._version[0] != version.file:
                network = self.make_network(version)
                load_weights(network, version.file)
                self._version = (version.file, network)
            return self._version[1].to(device).eval()

    def classes(self, version: ModelVersion | None) -> dict[str, int]:
        """Names to classes in the network's answer: those of the published version where there is one."""
        return dict(self.labels if version is None or not version.labels else version.labels)

    def answer_labels(self, request: InferRequest) -> dict[str, int]:
        """Names to values in the answer: the app's value for a label that it has, else the task's own class."""
        if not self.labels:
            return dict(request.labels)
        return {name: request.labels.get(name, index) for name, index in self.labels.items()}


def class_indices(labels: str | Sequence[str] | Mapping[str, int] | None) -> dict[str, int]:
    """Names to classes from 1 on; a background of class 0 is left out."""
    if labels is None:
        return {}
    if isinstance(labels, Mapping):
        return {name: int(index) for name, index in labels.items() if int(index) != 0}
    return {name: i for i, name in enumerate([labels] if isinstance(labels, str) else labels, start=1)}
