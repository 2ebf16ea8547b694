"""How an infer task runs: pre transforms, network, post transforms, and back to the image's grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from numpy.typing import NDArray

from jlabel.errors import JlabelError, TaskError
from jlabel.imaging.region import Region
from jlabel.models import ModelVersion
from jlabel.tasks.infer import IMAGE, MODEL, PRED, InferTask, Step
from jlabel.tasks.masks import smallest_unsigned, to_values
from jlabel.tasks.request import InferRequest, InferResult, Stopwatch
from jlabel.tasks.transforms import ImageInHand, detach, flatten, offer, restore_space, run_image_only, run_steps


def run(task: InferTask, request: InferRequest) -> InferResult:
    """See :meth:`jlabel.InferTask.__call__`."""
    watch = Stopwatch()
    data = {**request_data(task, request), MODEL: task.version_in_use()}
    with watch.stage("pre"):
        steps = flatten(task.pre_transforms(data))
        data, reference = _prepare(task, data, steps, request)
    request.check_cancelled()
    with watch.stage("inferer"):
        data = task.run_inferer(data, request.device)
    request.check_cancelled()
    with watch.stage("post"):
        chosen = task.inverse_transforms(data)
        if chosen is not None:
            backwards = list(chosen) or steps
            data[PRED] = restore_space(data[PRED], reference, backwards, request.image, IMAGE, nearest=False)
        data = run_steps(data, flatten(task.post_transforms(data)), "post")
        if PRED not in data:
            raise TaskError(f"{type(task).__name__}.post_transforms left no mask under 'pred'")
        pred = data[PRED]
        if chosen is None:
            pred = restore_space(pred, reference, steps, request.image, IMAGE)
        values, labels = _values(task, pred, request, data[MODEL])
    return InferResult(
        region=Region.whole(request.image.shape),
        values=values,
        shape=request.image.shape,
        labels=labels,
        latencies=watch.latencies(),
        image_id=request.image_id,
        info=dict(data["result"]) if isinstance(data.get("result"), Mapping) else {},
        version=None if data[MODEL] is None else data[MODEL].number,
    )


def run_network(task: InferTask, data: dict[str, Any], device: str) -> dict[str, Any]:
    """See :meth:`jlabel.InferTask.run_inferer`."""
    inferer = task.inferer(data)
    version = data.get(MODEL)
    network = task.load_network(device) if version is None else task.load_version(device, version)
    if network is None:
        return run_steps(data, flatten(inferer), "inferer")
    if not callable(inferer):
        raise TaskError(f"{type(task).__name__}.inferer must give something to call with input and network")
    inputs = data[IMAGE]
    tensor = inputs.as_tensor() if isinstance(inputs, MetaTensor) else torch.as_tensor(np.asarray(inputs))
    try:
        with torch.inference_mode():
            outputs = inferer(_batch(tensor, task.dimension).to(device), network)
    except JlabelError:
        raise
    except Exception as error:
        shape = tuple(tensor.shape)
        raise TaskError(f"the network {type(network).__name__} failed on input {shape}: {_reason(error)}") from error
    data[PRED] = outputs[0].cpu()
    return data


def request_data(task: InferTask, request: InferRequest) -> dict[str, Any]:
    """What a task's transforms find in ``data`` at the start."""
    return {
        **task.config,
        **request.params,
        **_image_data(request),
        "prompts": list(request.prompts),
        "label": request.label,
        "labels": dict(request.labels),
    }


def _image_data(request: InferRequest) -> dict[str, Any]:
    path = str(request.image.path or request.image_id)
    # No key begins with "image_": MONAI's Spacingd takes such a one for the image's meta data.
    return {IMAGE: path, "id": request.image_id, "device": request.device}


def _prepare(
    task: InferTask, data: dict[str, Any], steps: list[Step], request: InferRequest
) -> tuple[dict[str, Any], MetaTensor | None]:
    offer(steps, ImageInHand(request.image))
    # Another version may prepare images in another way.
    key = "pre" if data[MODEL] is None else f"pre-{data[MODEL].number}"
    kept = request.prepared.get(key, lambda: run_image_only(_image_data(request), steps, IMAGE))
    data = run_steps({**data, **detach(kept.data)}, steps[kept.done :], "pre")
    reference = data[IMAGE] if isinstance(data[IMAGE], MetaTensor) else kept.reference
    if isinstance(data[IMAGE], str):
        raise TaskError(f"{type(task).__name__}.pre_transforms do not load the image: begin with LoadImaged('image')")
    return data, reference


def _values(
    task: InferTask, pred: Any, request: InferRequest, version: ModelVersion | None
) -> tuple[NDArray[Any], dict[str, int]]:
    """Label values, and their names."""
    known = task.classes(version)
    classes = to_values(np.asarray(pred), request.image.ndim, len(known))
    if classes.shape != request.image.shape:
        raise TaskError(f"the mask has shape {classes.shape}, and the image {request.image.shape}")
    if version is None:
        answer = task.answer_labels(request)
        return smallest_unsigned(classes, {index: answer[name] for name, index in known.items()}), answer
    # The app may have other labels by now: a structure that it does not know any more is background.
    values = {name: request.labels.get(name, 0) for name in known}
    table = {index: values[name] for name, index in known.items()}
    return smallest_unsigned(classes, table), {name: value for name, value in values.items() if value}


def _batch(tensor: torch.Tensor, dimension: int) -> torch.Tensor:
    """With the channel and batch axes that a network wants, where they are missing."""
    missing = max(1, dimension + 2 - tensor.ndim) if tensor.ndim < dimension + 2 else 0
    return tensor[(None,) * missing]


def _reason(error: Exception) -> str:
    if isinstance(error, torch.cuda.OutOfMemoryError):
        return "the GPU is out of memory; use device='cpu' or a smaller region"
    return f"{type(error).__name__}: {error}"
