"""Infer tasks: from an image to a mask, made of MONAI transforms, an inferer and a network."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from numpy.typing import NDArray

from jlabel.errors import JlabelError, TaskError
from jlabel.imaging.region import Region
from jlabel.tasks.masks import smallest_unsigned, to_values
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.transforms import (
    Step,
    detach,
    flatten,
    offer,
    restore_space,
    run_image_only,
    run_steps,
)
from jlabel.tasks.weights import load_weights

IMAGE = "image"
PRED = "pred"


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
    """

    #: Whether the task needs prompts.
    interactive = False
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
    ) -> None:
        self.paths = [Path(path)] if isinstance(path, str | Path) else [Path(p) for p in path or ()]
        self.network = network
        self.type = type
        self.labels = _classes(labels)
        self.dimension = dimension
        self.description = description
        self.model_state_dict = model_state_dict
        self.config = dict(config or {})
        self._loading = threading.Lock()
        self._loaded: tuple[Path, int] | None = None

    @abstractmethod
    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """MONAI transforms that make the network's input under ``"image"``.

        ``data`` has ``image`` (a path, for ``LoadImaged``), ``id``, ``label``, ``labels``, ``prompts``,
        ``device`` and what the caller gave by name. The first of the transforms, as far as they are MONAI's own, not
        random and need the image alone, are run once for each image and kept.
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
        """Whether the task can run: without weights to load, or with one of its files there."""
        return not self.paths or any(path.is_file() for path in self.paths)

    def __call__(self, request: InferRequest) -> InferResult:
        """Run the task.

        Raises:
            TaskError: The weights cannot be loaded, or a transform or the network failed; says which.
            Cancelled: Nobody waits for the answer any more.
        """
        watch = Stopwatch()
        data = self._data(request)
        with watch.stage("pre"):
            steps = flatten(self.pre_transforms(data))
            data, reference = self._prepare(data, steps, request)
        request.check_cancelled()
        with watch.stage("inferer"):
            data = self.run_inferer(data, request.device)
        request.check_cancelled()
        with watch.stage("post"):
            data = self._invert_first(data, reference, steps, request)
            data = run_steps(data, flatten(self.post_transforms(data)), "post")
            values = self._values(data, reference, steps, request)
        return InferResult(
            region=Region.whole(request.image.shape),
            values=values,
            shape=request.image.shape,
            labels=self.answer_labels(request),
            latencies=watch.latencies(),
            image_id=request.image_id,
            info=dict(data["result"]) if isinstance(data.get("result"), Mapping) else {},
        )

    def run_inferer(self, data: dict[str, Any], device: str) -> dict[str, Any]:
        """Put the network's raw output for ``data["image"]``, without the batch axis, under ``"pred"``."""
        inferer = self.inferer(data)
        network = self.load_network(device)
        if network is None:
            return run_steps(data, flatten(inferer), "inferer")
        if not callable(inferer):
            raise TaskError(f"{type(self).__name__}.inferer must give something to call with input and network")
        inputs = data[IMAGE]
        tensor = inputs.as_tensor() if isinstance(inputs, MetaTensor) else torch.as_tensor(np.asarray(inputs))
        try:
            with torch.inference_mode():
                outputs = inferer(_batch(tensor, self.dimension).to(device), network)
        except JlabelError:
            raise
        except Exception as error:
            raise TaskError(
                f"the network {type(network).__name__} failed on input {tuple(tensor.shape)}: {_reason(error)}"
            ) from error
        data[PRED] = outputs[0].cpu()
        return data

    def load_network(self, device: str) -> torch.nn.Module | None:
        """The network on the device with its newest weights; files are read again only when they changed.

        Raises:
            TaskError: None of the files exists, or the weights do not fit.
        """
        if self.network is None:
            return None
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

    def answer_labels(self, request: InferRequest) -> dict[str, int]:
        """Names to values in the answer: the app's value for a label that it has, else the task's own class."""
        if not self.labels:
            return dict(request.labels)
        return {name: request.labels.get(name, index) for name, index in self.labels.items()}

    def _data(self, request: InferRequest) -> dict[str, Any]:
        return {
            **self.config,
            **request.params,
            **self._image_data(request),
            "prompts": list(request.prompts),
            "label": request.label,
            "labels": dict(request.labels),
        }

    @staticmethod
    def _image_data(request: InferRequest) -> dict[str, Any]:
        path = str(request.image.path or request.image_id)
        # No key begins with "image_": MONAI's Spacingd takes such a one for the image's meta data.
        return {IMAGE: path, "id": request.image_id, "device": request.device}

    def _prepare(
        self, data: dict[str, Any], steps: list[Step], request: InferRequest
    ) -> tuple[dict[str, Any], MetaTensor | None]:
        offer(steps, request.image)
        kept = request.prepared.get("pre", lambda: run_image_only(self._image_data(request), steps, IMAGE))
        data = run_steps({**data, **detach(kept.data)}, steps[kept.done :], "pre")
        reference = data[IMAGE] if isinstance(data[IMAGE], MetaTensor) else kept.reference
        if isinstance(data[IMAGE], str):
            raise TaskError(
                f"{type(self).__name__}.pre_transforms do not load the image: begin with LoadImaged('image')"
            )
        return data, reference

    def _invert_first(
        self, data: dict[str, Any], reference: MetaTensor | None, steps: list[Step], request: InferRequest
    ) -> dict[str, Any]:
        chosen = self.inverse_transforms(data)
        if chosen is None:
            return data
        wanted = list(chosen) or steps
        return {**data, PRED: restore_space(data[PRED], reference, wanted, request.image, IMAGE)}

    def _values(
        self, data: dict[str, Any], reference: MetaTensor | None, steps: list[Step], request: InferRequest
    ) -> NDArray[Any]:
        if PRED not in data:
            raise TaskError(f"{type(self).__name__}.post_transforms left no mask under 'pred'")
        pred = data[PRED]
        if self.inverse_transforms(data) is None:
            pred = restore_space(pred, reference, steps, request.image, IMAGE)
        classes = to_values(np.asarray(pred), request.image.ndim, len(self.labels))
        if classes.shape != request.image.shape:
            raise TaskError(f"the mask has shape {classes.shape}, and the image {request.image.shape}")
        answer = self.answer_labels(request)
        table = {index: answer[name] for name, index in self.labels.items()}
        return smallest_unsigned(classes, table)


def _classes(labels: str | Sequence[str] | Mapping[str, int] | None) -> dict[str, int]:
    if labels is None:
        return {}
    if isinstance(labels, Mapping):
        return {name: int(index) for name, index in labels.items() if int(index) != 0}
    return {name: i for i, name in enumerate([labels] if isinstance(labels, str) else labels, start=1)}


def _batch(tensor: torch.Tensor, dimension: int) -> torch.Tensor:
    """With the channel and batch axes that a network wants, where they are missing."""
    missing = max(1, dimension + 2 - tensor.ndim) if tensor.ndim < dimension + 2 else 0
    return tensor[(None,) * missing]


def _reason(error: Exception) -> str:
    if isinstance(error, torch.cuda.OutOfMemoryError):
        return "the GPU is out of memory; use device='cpu' or a smaller region"
    return f"{type(error).__name__}: {error}"
