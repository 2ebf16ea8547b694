"""What is kept of a network's answer to an image: the uncertainty of each voxel and its likeliest class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from jlabel.errors import TaskError
from jlabel.selection.scoring.measures import Measure
from jlabel.selection.scoring.passes import Passes
from jlabel.selection.scoring.streaming import grid, stream
from jlabel.tasks.infer import InferTask
from jlabel.tasks.pipeline import NetworkInput


class NoProbabilitiesError(TaskError):
    """The network's answer has no channel for each class."""


@dataclass(frozen=True)
class Maps:
    """What a network says of an image, in the network's own grid.

    Attributes:
        uncertainty: Of each voxel.
        predicted: The likeliest class of each voxel, 0 for the background.
        probability: The mean probability of each class where it is the likeliest; classes that are nowhere left out.
        unclear: Whether there were voxels whose probabilities are not numbers.
    """

    uncertainty: NDArray[np.float16]
    predicted: NDArray[np.unsignedinteger]
    probability: Mapping[int, float]
    unclear: bool = False


def make_maps(
    task: InferTask,
    given: NetworkInput,
    passes: Passes,
    measure: Measure,
    device: str,
    check: Callable[[], None] = lambda: None,
) -> Maps:
    """Ask a network about an image, and keep what is wanted of it part by part.

    Args:
        task: The task that knows the network.
        given: The image as the network sees it.
        passes: What is asked.
        measure: From the passes to the uncertainty of each voxel.
        device: Where.
        check: Called before each part; raises where nobody wants to know any more.

    Raises:
        NoProbabilitiesError: The network gives none.
        TaskError: It failed.
    """
    shape = grid(task, given)
    uncertainty, predicted = np.zeros(shape, np.float16), np.zeros(shape, np.uint8)
    sums = counts = torch.zeros(0)
    for tile, outputs in stream(task, given, passes, device, check):
        unsure, mean = measure(distributions(task, given, outputs, tile.inside))
        highest, likeliest = _likeliest(mean)
        classes = mean.shape[0]
        if classes > 256 and predicted.dtype == np.uint8:
            predicted = predicted.astype(np.uint16)
        uncertainty[tile.core] = unsure.half().cpu().numpy()
        predicted[tile.core] = likeliest.cpu().numpy()
        flat = likeliest.flatten()
        some = torch.bincount(flat, weights=highest.flatten().double(), minlength=classes).cpu()
        many = torch.bincount(flat, minlength=classes).cpu()
        sums, counts = (some, many) if not len(counts) else (sums + some, counts + many)
    probability = {n: float(sums[n] / counts[n]) for n in range(1, len(counts)) if counts[n]}
    return Maps(uncertainty, predicted, probability, bool(sums.isnan().any()))


def _likeliest(probabilities: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The highest probability of each voxel and its class; class by class, which is several times as quick as max."""
    highest = probabilities[0]
    kind = torch.uint8 if len(probabilities) <= 256 else torch.int32
    likeliest = torch.zeros(highest.shape, dtype=kind, device=highest.device)
    for index, one in enumerate(probabilities[1:], start=1):
        likeliest.masked_fill_(one > highest, index)
        highest = torch.maximum(highest, one)
    return highest, likeliest


def distributions(
    task: InferTask, given: NetworkInput, outputs: Iterable[torch.Tensor], inside: tuple[slice, ...]
) -> Iterator[torch.Tensor]:
    """The probabilities of each pass in a part of its window.

    Raises:
        NoProbabilitiesError: The task has none.
    """
    for output in outputs:
        found = task.class_probabilities(given.data, output[(slice(None), *inside)])
        if found is None:
            raise NoProbabilitiesError(
                f"{type(task).__name__} gives no probabilities: its network needs a channel for each class, or "
                "override class_probabilities(data, outputs)"
            )
        yield found
