"""How an infer task runs: pre transforms, network, post transforms, and back to the image's grid."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Invertd
from numpy.typing import NDArray

from jlabel.datastores.spelling import canonical
from jlabel.errors import JlabelError, TaskError
from jlabel.imaging.region import Region
from jlabel.labels.classification import Classification
from jlabel.registry import ModelVersion
from jlabel.tasks.author_hook import call_hook
from jlabel.tasks.author_lines import author_lines
from jlabel.tasks.clicks_by_name import clicks_by_name
from jlabel.tasks.detecting import run_detector
from jlabel.tasks.keys import MODEL, Step
from jlabel.tasks.kinds import CLICKED, WITHOUT_MASK, CallBackTypes, InferType
from jlabel.tasks.masks import smallest_unsigned, to_values
from jlabel.tasks.meta_dicts import with_meta_dicts
from jlabel.tasks.quick_argmax import quick_argmax
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.stages import NO_CALLBACKS, Callbacks, Stages
from jlabel.tasks.transforms import (
    ImageInMemory,
    chosen_steps,
    detach,
    flatten,
    offer,
    restore_space,
    run_image_only,
    run_steps,
)
from jlabel.types import Probabilities


class RunnableTask(Protocol):
    """What is asked of a task: the hooks of :class:`jlabel.InferTask`, where they are documented."""

    type: str
    labels: dict[str, int]
    config: dict[str, Any]
    dimension: int
    image_key: str
    input_key: str
    output_label_key: str
    skip_writer: bool
    classification: Classification | None

    @property
    def makes_masks(self) -> bool:
        """Whether its answer is a mask."""

    def image_tags(self, data: dict[str, Any]) -> dict[str, dict[str, float]]:
        """What it says of the image as a whole."""

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step] | Step:
        """What prepares the image."""

    def inferer(self, data: dict[str, Any]) -> Any:
        """What applies the network."""

    def detector(self, data: dict[str, Any]) -> Any:
        """What finds boxes."""

    def writer(self, data: dict[str, Any], extension: str | None = None, dtype: Any = None) -> tuple[Any, Any]:
        """What to tell beside the mask."""

    def inverse_transforms(self, data: dict[str, Any]) -> Sequence[Step] | None:
        """What takes the answer back to the image's grid."""

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step] | Step:
        """What makes the mask."""

    def run_inferer(self, data: dict[str, Any], convert_to_batch: bool = True, device: str = "cpu") -> dict[str, Any]:
        """Apply the network."""

    def load_network(self, device: str) -> torch.nn.Module | None:
        """The network, ready to be used."""

    def load_version(self, device: str, version: ModelVersion) -> torch.nn.Module:
        """The network of a version."""

    def version_in_use(self) -> ModelVersion | None:
        """The version to take."""

    def classes(self, version: ModelVersion | None) -> dict[str, int]:
        """What it finds, name to class."""

    def answer_labels(self, request: InferRequest) -> dict[str, int]:
        """The labels' values in its answer."""

    def network_axes(self, version: ModelVersion | None) -> int:
        """How many spatial axes the network of a version sees."""

    def object_class(self, version: ModelVersion | None) -> int:
        """The class whose objects it tells apart, or 0."""

    def class_probabilities(self, data: dict[str, Any], outputs: torch.Tensor) -> torch.Tensor | None:
        """The probability of each class."""


@dataclass(frozen=True)
class NetworkInput:
    """An image as a task's network sees it.

    Attributes:
        data: What the task's transforms work on, with the input under ``"image"`` and the version under ``"model"``.
        steps: The transforms that made it.
        reference: The input with its history of transforms, where it has one.
    """

    data: dict[str, Any]
    steps: list[Step]
    reference: MetaTensor | None


def prepare(task: RunnableTask, request: InferRequest, version: ModelVersion | None) -> NetworkInput:
    """Run the task's pre transforms on the request's image, for a version of its model.

    Raises:
        TaskError: One of them failed; says which.
    """
    data = {**request_data(task, request), MODEL: version}
    steps = with_meta_dicts(flatten(call_hook(task.pre_transforms, data)))
    data, reference = _prepare(task, data, steps, request)
    return NetworkInput(data, steps, reference)


def run(task: RunnableTask, request: InferRequest, callbacks: Callbacks = NO_CALLBACKS) -> InferResult:
    """See :meth:`jlabel.InferTask.__call__`."""
    watch, stages = Stopwatch(), Stages(callbacks)
    with watch.stage("pre"):
        given = prepare(task, request, task.version_in_use())
        data = stages.after(CallBackTypes.PRE_TRANSFORMS, given.data)
    request.check_cancelled()
    with watch.stage("inferer"):
        data = call_hook(task.run_inferer, data, device=request.device)
        data = stages.after(CallBackTypes.INFERER, data)
    request.check_cancelled()
    sure, classes = None, tuple[str, ...]()
    if request.probabilities:
        with watch.stage("probabilities"):
            sure, classes = _probabilities(task, data, given, request)
    with watch.stage("post"):
        values, labels, info, tags = _finish(task, data, given, request, stages)
    return InferResult(
        region=Region.whole(request.image.shape),
        values=values,
        shape=request.image.shape,
        labels=labels,
        latencies=watch.latencies(),
        image_id=request.image_id,
        info=info,
        tags=tags,
        version=None if given.data[MODEL] is None else given.data[MODEL].number,
        probabilities=sure,
        classes=classes,
    )


def _finish(
    task: RunnableTask, data: dict[str, Any], given: NetworkInput, request: InferRequest, stages: Stages
) -> tuple[NDArray[Any], dict[str, int], dict[str, Any], dict[str, dict[str, float]]]:
    """The mask, its labels, what else there is to tell, and what the image shows as a whole."""
    key, steps, version = task.output_label_key, given.steps, given.data[MODEL]
    chosen = call_hook(task.inverse_transforms, data)
    if chosen is not None:
        backwards = chosen_steps(chosen, steps) or steps
        data[key] = restore_space(data[key], given.reference, backwards, request.image, task.image_key, nearest=False)
    data = stages.after(CallBackTypes.INVERT_TRANSFORMS, data)
    post = [quick_argmax(step) for step in with_meta_dicts(flatten(call_hook(task.post_transforms, data)))]
    if any(isinstance(step, Invertd) for step in post) and type(data.get(key)) is torch.Tensor:
        data[key] = MetaTensor(data[key])  # MONAI inverts nothing else, and only warns
    data = stages.after(CallBackTypes.POST_TRANSFORMS, run_steps(data, post, "post"))
    info: dict[str, Any] = {}
    if not (task.skip_writer or data.get("skip_writer")):
        file, told = call_hook(task.writer, data)
        info = {**told, **({} if file is None else {"file": str(file)})}
        stages.after(CallBackTypes.WRITER, data)
    if task.type in WITHOUT_MASK:
        labels = {} if task.classification is not None else task.answer_labels(request)
        return np.zeros(request.image.shape, np.uint8), labels, info, call_hook(task.image_tags, data)
    if key not in data:
        raise TaskError(f"{type(task).__name__}.post_transforms left no mask under {key!r}")
    pred = data[key]
    if chosen is None:
        pred = restore_space(pred, given.reference, steps, request.image, task.image_key)
    values, labels = _values(task, pred, request, version)
    return values, labels, info, {}


def run_network(task: RunnableTask, data: dict[str, Any], device: str, convert_to_batch: bool = True) -> dict[str, Any]:
    """See :meth:`jlabel.InferTask.run_inferer`."""
    detects = task.type == InferType.DETECTION
    inferer = call_hook(task.detector if detects else task.inferer, data)
    version = data.get(MODEL)
    network = task.load_network(device) if version is None else task.load_version(device, version)
    if network is None:
        return run_steps(data, flatten(inferer), "inferer")
    if not callable(inferer):
        hook = "detector" if detects else "inferer"
        raise TaskError(f"{type(task).__name__}.{hook} must give something to call with input and network")
    batch = input_batch(task, data) if convert_to_batch else torch.as_tensor(data[task.input_key])
    outputs: Any
    try:
        with torch.inference_mode():
            outputs = (
                run_detector(inferer, batch.to(device), network) if detects else inferer(batch.to(device), network)
            )
    except JlabelError:
        raise
    except Exception as error:
        raise network_failed(network, batch, error) from error
    if detects:
        return {**data, **outputs}
    data[task.output_label_key] = _first_of_batch(outputs) if convert_to_batch else outputs
    return data


def input_batch(task: RunnableTask, data: Mapping[str, Any]) -> torch.Tensor:
    """The network's input, ``(batch, channel, ...)``."""
    inputs = data[task.input_key]
    tensor = inputs.as_tensor() if isinstance(inputs, MetaTensor) else torch.as_tensor(np.asarray(inputs))
    return _batch(tensor, task.network_axes(data.get(MODEL)))


def network_failed(network: torch.nn.Module, batch: torch.Tensor, error: Exception) -> TaskError:
    """What to say of a network that failed on a batch."""
    shape = tuple(batch.shape[1:])
    return TaskError(
        f"the network {type(network).__name__} failed on input {shape}: {_reason(error)}{author_lines(error)}"
    )


def request_data(task: RunnableTask, request: InferRequest) -> dict[str, Any]:
    """What a task's transforms find in ``data`` at the start."""
    return {
        **task.config,
        **request.params,
        **_image_data(task, request),
        "prompts": list(request.prompts),
        "label": request.label,
        "labels": dict(request.labels),
        **(clicks_by_name(request.prompts, request.label, task.labels) if task.type in CLICKED else {}),
    }


def _image_data(task: RunnableTask, request: InferRequest) -> dict[str, Any]:
    path = str(request.image.path or request.image_id)
    # No key begins with "image_": MONAI's Spacingd takes such a one for the image's meta data.
    return {task.image_key: path, "id": request.image_id, "device": request.device}


def _prepare(
    task: RunnableTask, data: dict[str, Any], steps: list[Step], request: InferRequest
) -> tuple[dict[str, Any], MetaTensor | None]:
    name = task.image_key
    offer(steps, ImageInMemory(request.image))
    # Another version may prepare images in another way.
    key = "pre" if data[MODEL] is None else f"pre-{data[MODEL].number}"
    kept = request.prepared.get(key, lambda: run_image_only(_image_data(task, request), steps, name))
    data = run_steps({**data, **detach(kept.data)}, steps, "pre", kept.done)
    reference = data[name] if isinstance(data.get(name), MetaTensor) else kept.reference
    if isinstance(data.get(task.input_key), str | None):
        raise TaskError(f"{type(task).__name__}.pre_transforms do not load the image: begin with LoadImaged({name!r})")
    return data, reference


def _values(
    task: RunnableTask, pred: Any, request: InferRequest, version: ModelVersion | None
) -> tuple[NDArray[Any], dict[str, int]]:
    """Label values, and their names."""
    known = task.classes(version)
    classes = to_values(np.asarray(pred), request.image.ndim, len(known))
    if classes.shape != request.image.shape:
        raise TaskError(f"the mask has shape {classes.shape}, and the image {request.image.shape}")
    if version is None:
        answer = task.answer_labels(request)
        table = {index: answer.get(name, 0) for name, index in known.items()}
        return smallest_unsigned(classes, _with_objects(task, classes, table, request, version)), answer
    # The app may have other labels by now: a structure that it does not know any more is background.
    given = {canonical(name): value for name, value in request.labels.items()}
    values = {name: given.get(canonical(name), 0) for name in known}
    table = _with_objects(task, classes, {index: values[name] for name, index in known.items()}, request, version)
    return smallest_unsigned(classes, table), {name: value for name, value in values.items() if value}


def _with_objects(
    task: RunnableTask,
    classes: NDArray[Any],
    table: dict[int, int],
    request: InferRequest,
    version: ModelVersion | None,
) -> dict[int, int]:
    """Classes to values, with those of the objects that the task tells apart."""
    index = task.object_class(version)
    if not index:
        return table
    first, highest = table[index], max(table)
    taken = (set(request.labels.values()) | set(table.values())) - {first}
    free = (value for value in itertools.count(first) if value not in taken)
    objects = range(highest + 1, int(classes.max(initial=0)) + 1)
    # The app may not have the label any more.
    return {**table, **{number: next(free) if first else 0 for number in objects}}


def _probabilities(
    task: RunnableTask, data: dict[str, Any], given: NetworkInput, request: InferRequest
) -> tuple[Probabilities | None, tuple[str, ...]]:
    """The probabilities of the labels that the app has, in the image's grid, and their names."""
    outputs, known = data.get(task.output_label_key), task.classes(data[MODEL])
    if not isinstance(outputs, torch.Tensor):
        return None, ()
    tensor = outputs.as_tensor() if isinstance(outputs, MetaTensor) else outputs
    found = task.class_probabilities(data, tensor) if tensor.ndim == request.image.ndim + 1 else None
    if found is None:
        return None, ()
    # Those of other labels than the app's are nobody's, as their voxels in the mask are background.
    there = set(map(canonical, request.labels))
    names = tuple(name for name in known if data[MODEL] is None or canonical(name) in there)
    if not names:
        return None, ()
    backwards = chosen_steps(task.inverse_transforms(data) or (), given.steps) or given.steps
    chosen = found[[known[name] for name in names]]
    back = restore_space(chosen, given.reference, backwards, request.image, task.image_key, nearest=False)
    return np.clip(np.asarray(back), 0, 1).astype(np.float16), names


def _batch(tensor: torch.Tensor, dimension: int) -> torch.Tensor:
    """With the channel and batch axes that a network wants, where they are missing."""
    missing = max(1, dimension + 2 - tensor.ndim) if tensor.ndim < dimension + 2 else 0
    return tensor[(None,) * missing]


def _first_of_batch(outputs: Any) -> Any:
    """What a network gave for the only image of a batch: a tensor, or tensors by name."""
    if isinstance(outputs, Mapping):
        return {name: _first_of_batch(output) for name, output in outputs.items()}
    return outputs[0].cpu()


def _reason(error: Exception) -> str:
    if isinstance(error, torch.cuda.OutOfMemoryError):
        return "the GPU is out of memory; use device='cpu' or a smaller region"
    return f"{type(error).__name__}: {error}"
