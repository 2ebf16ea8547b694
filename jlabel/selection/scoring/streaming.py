"""An image through a network part by part, so that what the network says of all of it is never held at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from monai.inferers import SimpleInferer, SlidingWindowInferer
from monai.inferers.inferer import SlidingWindowInfererAdapt
from monai.utils import fall_back_tuple

from jlabel.errors import JlabelError
from jlabel.selection.scoring.image_tiles import Tile, make_tiles
from jlabel.selection.scoring.passes import Passes
from jlabel.tasks.infer import InferTask
from jlabel.tasks.pipeline import NetworkInput, input_batch, network_failed

# A core keeps this part of a window from its edges, where less of the image is seen.
_HALO = 1 / 8
# Voxels at once of an answer that is there as a whole.
_SLAB = 1 << 21

Part = tuple[Tile, Iterator[torch.Tensor]]


def grid(task: InferTask, given: NetworkInput) -> tuple[int, ...]:
    """The spatial axes of what the network sees of an image."""
    return tuple(input_batch(task, given.data).shape[2:])


def stream(
    task: InferTask, given: NetworkInput, passes: Passes, device: str, check: Callable[[], None]
) -> Iterator[Part]:
    """The parts of an image, and for each the outputs of all passes in its window, ``(channel, ...)``.

    A task with MONAI's ``SlidingWindowInferer`` is asked window by window, of the same size; windows overlap by what
    the inferer says, and by a quarter at most. One with ``SimpleInferer`` is asked once. For any other inferer the
    whole answer is made and given slab by slab.

    Args:
        task: The task.
        given: The image as its network sees it.
        passes: What is asked.
        device: Where.
        check: Called before each part; raises where nobody wants to know any more.

    Raises:
        TaskError: The network failed; says on what input.
    """
    batch = input_batch(task, given.data)
    inferer = task.inferer(given.data)
    shape = tuple(batch.shape[2:])
    sizes = _sizes(inferer, shape) if _is_plain(task, batch) else None
    if sizes is None:
        yield from _slabs(task, given, passes, device, check)
        return
    window, halo = sizes
    batch = _with_margin(batch, window, inferer)
    for number, tile in enumerate(make_tiles(shape, window, halo)):
        check()
        part = batch[(slice(None), slice(None), *tile.window)].to(device)
        yield tile, _outputs(passes, part, number)


def _outputs(passes: Passes, part: torch.Tensor, number: int) -> Iterator[torch.Tensor]:
    try:
        for output in passes.over(part, number):
            yield output[0]
    except JlabelError:
        raise
    except Exception as error:
        raise network_failed(passes.network, part, error) from error


def _slabs(
    task: InferTask, given: NetworkInput, passes: Passes, device: str, check: Callable[[], None]
) -> Iterator[Part]:
    check()
    outputs = []
    for output in passes.whole(task, given.data, device):
        outputs.append(output)
        check()
    shape = tuple(outputs[0].shape[1:])
    thick = max(1, _SLAB // max(1, outputs[0][0].numel() // max(1, shape[0])))
    rest = [slice(0, size) for size in shape[1:]]
    for start in range(0, shape[0], thick):
        window = (slice(start, min(shape[0], start + thick)), *rest)
        inside = tuple(slice(0, side.stop - side.start) for side in window)
        yield Tile(window, window, inside), iter([output[(slice(None), *window)] for output in outputs])


def _is_plain(task: InferTask, batch: torch.Tensor) -> bool:
    """Whether a network of the image's own dimension is applied in the usual way."""
    usual = type(task).run_inferer is InferTask.run_inferer
    return usual and batch.shape[0] == 1 and batch.ndim == task.dimension + 2


def _sizes(inferer: Any, shape: Sequence[int]) -> tuple[list[int], list[int]] | None:
    """The size of a window, and how far cores keep from its edges; None for an inferer that is not known."""
    if type(inferer) is SimpleInferer:
        return list(shape), [0] * len(shape)
    if type(inferer) not in (SlidingWindowInferer, SlidingWindowInfererAdapt):
        return None
    window = [int(size) for size in fall_back_tuple(inferer.roi_size, shape)]
    overlap = inferer.overlap
    shares = list(overlap) if isinstance(overlap, Sequence) else [overlap] * len(window)
    halo = [int(size * min(_HALO, share / 2)) for size, share in zip(window, shares, strict=True)]
    return window, halo


def _with_margin(batch: torch.Tensor, window: Sequence[int], inferer: object) -> torch.Tensor:
    """The image made as large as a window, as MONAI's inferer makes it."""
    missing = [max(0, wide - size) for wide, size in zip(window, batch.shape[2:], strict=True)]
    if not any(missing):
        return batch
    ends = [end for more in reversed(missing) for end in (more // 2, more - more // 2)]
    mode = str(getattr(inferer, "padding_mode", "constant"))
    value = float(getattr(inferer, "cval", 0.0)) if mode == "constant" else None
    return torch.nn.functional.pad(batch, ends, mode=mode, value=value)
