"""How fine, how large and how deep: what a segmentation network is made for, planned from the images.

The rules follow nnU-Net (Isensee et al., "nnU-Net: a self-configuring method for deep learning-based biomedical image
segmentation", Nature Methods 2021) where they do not need its hardware: the median spacing, a patch as large as the
device can take, and a network that halves an axis for as long as there is something left to halve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from jlabel.errors import TaskError
from jlabel.imaging import Image
from jlabel.imaging.finite import finite_values

# Below this there is nothing but air in CT, and no other kind of image goes there.
_AIR = -300.0
_SMALLEST_AXIS = 4  # voxels of an axis in the deepest stage
_MOST_STAGES = 5
_WINDOWS = 24  # how many patches an image may be worth
# More than any device takes.
_MOST_PATCH = 8192
_MOST_PATCH_VOXELS = 2**28
_MOST_CHANNELS = 4096


@dataclass(frozen=True)
class Plan:
    """What a network is made for.

    Attributes:
        spacing: mm between voxels, in RAS order.
        patch: Voxels that the network sees at once.
        strides: For each stage after the first, by how much it coarsens each axis.
        channels: Features of each stage.
        window: For CT, the values (HU) that become 0 and 1; None where each image is brought to mean 0 and deviation 1.
        colours: Channels of the image that the network sees: 3 where it learnt from pictures in colours, else 1.
        dropout: The share of features that training drops after the first stage.
        dimension: 3 for volumes, 2 for pictures; the third axis of a picture's plan is passed by.
        objects: The class whose objects the network tells apart; 0 where it tells classes alone.
        mirrored: Whether the training has seen images mirrored.
        click_network: Whether it is a network like that of the click tool, which begins with the weights of that.
    """

    spacing: tuple[float, float, float]
    patch: tuple[int, int, int]
    strides: tuple[tuple[int, int, int], ...]
    channels: tuple[int, ...]
    window: tuple[float, float] | None
    colours: int = 1
    dropout: float = 0.0
    dimension: int = 3
    objects: int = 0
    mirrored: bool = False
    click_network: bool = False

    @property
    def window_size(self) -> tuple[int, ...]:
        """Voxels that the network sees at once, along its own axes."""
        return self.patch[: self.dimension]

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @staticmethod
    def from_json(content: Mapping[str, Any]) -> Plan:
        """The plan that :meth:`to_json` made.

        Raises:
            TaskError: It is none.
        """
        try:
            window = content["window"]
            plan = Plan(
                spacing=_three(content["spacing"], float),
                patch=_three(content["patch"], int),
                strides=tuple(_three(stride, int) for stride in content["strides"]),
                channels=tuple(int(channel) for channel in content["channels"]),
                window=None if window is None else (float(window[0]), float(window[1])),
                # Plans of before there were these do not say them.
                colours=int(content.get("colours", 1)),
                dropout=float(content.get("dropout", 0.0)),
                dimension=int(content.get("dimension", 3)),
                objects=int(content.get("objects", 0)),
                mirrored=bool(content.get("mirrored", False)),
                click_network=bool(content.get("click_network", False)),
            )
            plan._check()
        except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
            raise TaskError(f"this is no plan of a segmentation network: {error!r}") from error
        return plan

    def _check(self) -> None:
        """Refuse what no plan comes to: a file that says so would fill the memory, whoever wrote it."""
        strides = [step for stride in self.strides for step in stride]
        limits: tuple[tuple[str, Sequence[float], float, float], ...] = (
            ("spacing", self.spacing, 1e-4, 1e4),
            ("patch", self.patch, 1, _MOST_PATCH),
            ("strides", strides, 1, 8),
            ("channels", self.channels, 1, _MOST_CHANNELS),
            ("window", self.window or (), -1e9, 1e9),
        )
        for name, values, least, most in limits:
            if not all(least <= value <= most for value in values):
                raise ValueError(f"{name} lies between {least} and {most}")
        if not 0 <= self.dropout < 1:
            raise ValueError("dropout is a share below 1")
        if self.dimension not in (2, 3) or self.objects < 0:
            raise ValueError("a network is for 2 or 3 axes, and tells the objects of one class apart")
        if self.click_network and self.dimension != 2:
            raise ValueError("the click tool's network is for two axes here")
        if self.colours not in (1, 3):
            raise ValueError("an image has one channel, or three of colours")
        if not 0 < len(self.channels) <= 2 * _MOST_STAGES or len(self.strides) > 2 * _MOST_STAGES:
            raise ValueError("a network has a few stages")
        if math.prod(self.patch) > _MOST_PATCH_VOXELS:
            raise ValueError(f"a patch has at most {_MOST_PATCH_VOXELS} voxels")


@dataclass(frozen=True)
class Fingerprint:
    """What the plan must know of an image: its size in voxels and mm, both in RAS order, intensities and channels."""

    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    low: float
    high: float
    colours: int = 1

    def coarsened(self, factor: float) -> Fingerprint:
        """That of the same image in voxels so many times as large."""
        shape = tuple(max(1, round(n / factor)) for n in self.shape)
        return replace(self, shape=shape, spacing=tuple(step * factor for step in self.spacing))


def fingerprint(image: Image) -> Fingerprint:
    """The fingerprint of a volume.

    Raises:
        TaskError: It is a picture, or has colours.
    """
    if image.ndim != 3 or image.channels != "scalar":
        raise TaskError(f"{image.path}: this network is for volumes of one value a voxel, not for pictures")
    # The array's axis that runs mostly along each of the patient's axes.
    order = np.argmax(np.abs(image.affine[:3, :3]) / np.asarray(image.spacing), axis=1)
    if sorted(order.tolist()) != [0, 1, 2]:
        order = np.arange(3)
    sample = image.array[::2, ::2, ::2] if image.array.size > 1_000_000 else image.array
    values = finite_values(sample, image.padding)
    is_ct = bool(values.size) and float(values.min()) < _AIR
    body = values[values > _AIR] if is_ct else values
    low, high = np.percentile(body, (0.5, 99.5)) if body.size else (0.0, 1.0)
    return Fingerprint(
        tuple(image.shape[axis] for axis in order),
        tuple(image.spacing[axis] for axis in order),
        float(low) if is_ct else float("nan"),
        float(high),
    )


def make_plan(images: Sequence[Fingerprint], patch_voxels: int, features: int = 16) -> Plan:
    """Plan a network.

    Args:
        images: Of the images to learn from; at least one.
        patch_voxels: How many voxels the device can take at once.
        features: Of the first stage; each stage after it has twice as many.
    """
    spacings = np.array([image.spacing for image in images])
    extents = spacings * np.array([image.shape for image in images])
    spacing = np.median(spacings, axis=0)
    extent = np.median(extents, axis=0)
    while np.prod(extent / spacing) > _WINDOWS * patch_voxels:
        # The finest axes first: a thick slice is not made thicker while the others are still finer.
        spacing = np.where(spacing <= spacing.min() * 1.05, spacing * 1.05, spacing)
    # What holds nine images of ten whole, if the device can take it.
    patch = np.ceil(np.percentile(extents, 90, axis=0) / spacing)
    while np.prod(patch) > patch_voxels:
        largest = np.argmax(patch * np.sqrt(spacing / spacing.min()))
        patch[largest] = np.floor(patch[largest] * 0.95)
    strides = _strides(patch, spacing)
    divisor = np.prod(np.array(strides), axis=0) if strides else np.ones(3)
    patch = np.maximum(1, np.ceil(patch / divisor)) * divisor
    channels = tuple(min(features * 2**stage, 256) for stage in range(len(strides) + 1))
    ct = all(np.isfinite(image.low) for image in images)
    window = (float(min(i.low for i in images)), float(max(i.high for i in images))) if ct else None
    colours = max(image.colours for image in images)
    return Plan(_three(spacing.round(4), float), _three(patch, int), strides, channels, window, colours)


def _strides(patch: np.ndarray[Any, Any], spacing: np.ndarray[Any, Any]) -> tuple[tuple[int, int, int], ...]:
    """Halve each axis while it is long enough, and only once it is about as fine as the others."""
    size, step = patch.copy(), spacing.copy()
    strides: list[tuple[int, int, int]] = []
    while len(strides) < _MOST_STAGES - 1:
        halved = (size >= 2 * _SMALLEST_AXIS) & (step <= step.min() * 2)
        if not halved.any():
            break
        strides.append(_three(np.where(halved, 2, 1), int))
        size, step = np.where(halved, size / 2, size), np.where(halved, step * 2, step)
    return tuple(strides) or ((1, 1, 1),)


def _three(values: Any, kind: type) -> Any:
    first, second, third = (kind(value) for value in values)
    return first, second, third
