"""Running MONAI transforms for an infer task: what depends on the image alone is done once, and space is put back."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from monai.data import ImageReader, MetaTensor
from monai.transforms import Compose, Invertd, LoadImaged, RandomizableTrait, Transform, reset_ops_id
from monai.utils import MetaKeys, SpaceKeys

from jlabel.errors import Cancelled, JlabelError, TaskError
from jlabel.imaging.finite import filled
from jlabel.imaging.image import Image
from jlabel.tasks.failing_step import failure
from jlabel.tasks.keys import Step


class ImageInMemory(ImageReader):  # type: ignore[misc]
    """Gives MONAI's ``LoadImaged`` an image that is already in memory, whatever file it was read from."""

    def __init__(self, image: Image) -> None:
        self._image = image

    def verify_suffix(self, filename: Any) -> bool:
        """Every name: this reader is only ever asked for its own image."""
        return True

    def read(self, data: Any, **kwargs: Any) -> Image:
        """The image."""
        return self._image

    def get_data(self, img: Image) -> tuple[np.ndarray[Any, Any], dict[str, Any]]:
        """The voxels in the image's axis order, all finite, and the meta data that MONAI's spatial transforms need.

        Voxels that are not finite, or padding, count as the lowest other one: a single NaN would make all of a
        normalized image NaN.
        """
        meta = {
            MetaKeys.AFFINE: img.affine.copy(),
            MetaKeys.ORIGINAL_AFFINE: img.affine.copy(),
            MetaKeys.SPACE: SpaceKeys.RAS,
            MetaKeys.SPATIAL_SHAPE: np.asarray(img.shape),
            MetaKeys.ORIGINAL_CHANNEL_DIM: -1 if img.channels == "rgb" else "no_channel",
        }
        # A copy: the image is shared and read-only, and a transform may write into what it is given.
        array = filled(img.array, padding=img.padding)
        return array.copy(order="K") if array is img.array else array, meta


def flatten(steps: Iterable[Step] | Step | None) -> list[Step]:
    """One flat list of transforms, with every ``Compose`` opened."""
    if steps is None:
        return []
    flat: list[Step] = []
    for step in [steps] if callable(steps) else steps:
        flat.extend(flatten(getattr(step, "transforms", ())) if type(step) is Compose else [step])
    return flat


def chosen_steps(chosen: Iterable[Any], steps: Sequence[Step]) -> list[Step]:
    """What was chosen of the steps: transforms as they are, or by class or name, then in the order of the steps.

    Raises:
        TaskError: None of the steps is of a class that was chosen.
    """
    given = list(chosen)
    names = [one if isinstance(one, str) else one.__name__ for one in given if isinstance(one, str | type)]
    absent = [name for name in names if name not in {type(step).__name__ for step in steps}]
    if absent:
        raise TaskError(f"inverse_transforms names {absent[0]}, and there is no such transform in pre_transforms")
    return given if not names else [step for step in steps if type(step).__name__ in names]


def offer(steps: Iterable[Step], reader: ImageReader) -> None:
    """Let every ``LoadImaged`` that chooses its reader by itself take this one."""
    for step in steps:
        if isinstance(step, LoadImaged) and step._loader.auto_select:
            step.register(reader)


def run_steps(data: dict[str, Any], steps: Sequence[Step], stage: str, done: int = 0) -> dict[str, Any]:
    """Run the steps one after the other.

    Args:
        data: What they work on.
        steps: The steps.
        stage: What they are for.
        done: How many of them were run before.

    Raises:
        TaskError: A step failed; says which, and has the original exception as its cause.
    """
    for position, step in enumerate(steps[done:], done + 1):
        try:
            data = dict(step(data))
        except (Cancelled, JlabelError):
            raise
        except Exception as error:
            raise TaskError(f"{stage} {failure(step, position, len(steps), data, error)}") from error
    return data


@dataclass(frozen=True)
class ImageOnly:
    """What could be worked out from the image alone: the data, how many steps that took, and the last input that knew
    its history (a later ``ToNumpyd`` drops it)."""

    data: dict[str, Any]
    done: int
    reference: MetaTensor | None


def run_image_only(data: dict[str, Any], steps: Sequence[Step], key: str) -> ImageOnly:
    """Run the first steps on data that has the image but not the request.

    Stops at a random step, at one that is not MONAI's, and where a step asks for a key that is not there.
    """
    reference: MetaTensor | None = None
    count = 0
    for step in steps:
        if not isinstance(step, Transform) or isinstance(step, RandomizableTrait):
            break
        try:
            data = dict(step(data))
        except KeyError:
            break
        except JlabelError:
            raise
        except Exception as error:
            raise TaskError(f"pre {failure(step, count + 1, len(steps), data, error)}") from error
        count += 1
        if isinstance(data.get(key), MetaTensor):
            reference = data[key]
    # A task makes its transforms anew at every call: any instance of them may take an answer back.
    for value in (*data.values(), reference):
        reset_ops_id(value if isinstance(value, MetaTensor) else None)
    return ImageOnly(data, count, reference)


def detach(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same data with its own meta data and history, so that further transforms leave the kept one as it was."""
    return {key: _own(value) for key, value in data.items()}


def _own(value: Any) -> Any:
    if isinstance(value, MetaTensor):
        return MetaTensor(
            value.as_tensor(), meta=copy.copy(value.meta), applied_operations=list(value.applied_operations)
        )
    return copy.copy(value) if isinstance(value, dict | list) else value


def restore_space(
    pred: Any, reference: MetaTensor | None, steps: Sequence[Step], image: Image, key: str, nearest: bool = True
) -> Any:
    """Put a prediction back into the image's grid, where the transforms before it changed the grid.

    Args:
        pred: Channel first or without channels; left as it is where it already has the image's grid.
        reference: The network's input with its history of transforms.
        steps: The transforms that made it.
        image: The image whose grid is wanted.
        key: Under which key the steps know the image.
        nearest: Whether each voxel takes the value nearest to it, as a mask must; otherwise as the image was resampled.

    Raises:
        TaskError: It is in another grid, and the transforms say nothing about how to come back.
    """
    moved = reference is not None and _moved(reference, image)
    if tuple(pred.shape[-image.ndim :]) == image.shape and not moved:
        return pred
    if reference is None or not reference.applied_operations:
        raise TaskError(
            f"the prediction has shape {tuple(pred.shape)} and the image {image.shape}; "
            "let post_transforms bring it back to the image's grid"
        )
    if _already_back(pred, reference, image):
        return pred
    # Invertd passes by what is no MetaTensor, with a warning only.
    tensor = MetaTensor(pred if isinstance(pred, torch.Tensor) else torch.as_tensor(np.asarray(pred)))
    channels = tensor.ndim > image.ndim
    inverter = Invertd(keys="pred", transform=Compose(steps), orig_keys=key, nearest_interp=nearest, to_tensor=True)
    try:
        restored = inverter({key: reference, "pred": tensor if channels else tensor[None]})["pred"]
    except Exception as error:
        raise TaskError(f"the prediction could not be put back into the image's grid: {error}") from error
    return restored if channels else restored[0]


def _moved(reference: MetaTensor, image: Image) -> bool:
    size = image.ndim + 1
    same_shape = tuple(reference.shape[-image.ndim :]) == image.shape
    here = np.asarray(reference.affine, dtype=float)
    return (
        not same_shape
        or here.shape != (4, 4)
        or not np.allclose(here[:size, :size], image.affine[:size, :size], atol=1e-4)
    )


def _already_back(pred: Any, reference: MetaTensor, image: Image) -> bool:
    if tuple(pred.shape[-image.ndim :]) != image.shape:
        return False
    if isinstance(pred, MetaTensor):
        return not _moved(pred, image)
    return tuple(reference.shape[-image.ndim :]) != image.shape
