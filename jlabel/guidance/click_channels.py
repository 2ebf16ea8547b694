"""Clicks as images: the extra input channels that tell a network where a person pointed.

Sakinis et al. 2019, "Interactive segmentation of medical images through fully convolutional neural networks"
(arXiv:1903.08205): one channel for positive and one for negative clicks, a Gaussian at each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import PromptError
from jlabel.prompts.prompt import Click, Position, Prompt, Scribble

_REACH = 3.0


def guidance_map(positions: Iterable[Sequence[float]], shape: Sequence[int], sigma: float = 2.0) -> NDArray[np.float32]:
    """A Gaussian of height 1 at each position; the largest where several overlap.

    Args:
        positions: In voxels of the map; may lie between voxels.
        shape: Of the map.
        sigma: In voxels; the map is 0 further than three sigma from every position along any axis.
    """
    if not sigma > 0:
        raise ValueError(f"sigma is a number of voxels above 0, not {sigma}")
    guidance = np.zeros(tuple(shape), dtype=np.float32)
    for position in positions:
        box, bells = [], []
        for axis, (centre, n) in enumerate(zip(position, shape, strict=True)):
            low = max(0, int(np.floor(centre - _REACH * sigma)))
            up = max(low, min(n, int(np.ceil(centre + _REACH * sigma)) + 1))
            bell = np.exp(-0.5 * ((np.arange(low, up) - centre) / sigma) ** 2).astype(np.float32)
            box.append(slice(low, up))
            bells.append(bell.reshape([-1 if a == axis else 1 for a in range(len(shape))]))
        part = guidance[tuple(box)]
        np.maximum(part, np.prod(np.broadcast_arrays(*bells), axis=0), out=part)
    return guidance


def pointed_positions(prompts: Iterable[Prompt]) -> tuple[list[Position], list[Position]]:
    """The positive and the negative positions of clicks and scribbles.

    Raises:
        PromptError: There is another kind of prompt, which guidance maps cannot show.
    """
    positive: list[Position] = []
    negative: list[Position] = []
    for prompt in prompts:
        if isinstance(prompt, Click):
            (positive if prompt.positive else negative).append(prompt.position)
        elif isinstance(prompt, Scribble):
            (positive if prompt.positive else negative).extend(prompt.positions)
        else:
            raise PromptError(f"this model takes clicks and scribbles, not a {type(prompt).__name__.lower()}")
    return positive, negative


class AddGuidance:
    """Appends the two guidance maps to an image, as a step among MONAI's dictionary transforms.

    Takes ``data[key]`` of shape ``(channel, ...)`` and the positions ``data["positive"]`` and ``data["negative"]`` in
    voxels of a grid of shape ``data["crop_shape"]``; they are scaled where the image was resized since.

    Args:
        key: Where the image is.
        sigma: Of the Gaussians, in voxels of the image as it is now.
    """

    def __init__(self, key: str = "image", sigma: float = 2.0) -> None:
        self.key = key
        self.sigma = sigma

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the maps appended to the image: first positive, then negative."""
        import torch

        image = torch.as_tensor(data[self.key])
        shape = tuple(image.shape[1:])
        scale = [new / old for new, old in zip(shape, data["crop_shape"], strict=True)]
        maps = []
        for kind in ("positive", "negative"):
            # Centres of voxels stay centres of voxels: the first one's centre is at half a voxel.
            placed = [[(p + 0.5) * s - 0.5 for p, s in zip(position, scale, strict=True)] for position in data[kind]]
            maps.append(torch.from_numpy(guidance_map(placed, shape, self.sigma)))
        return {**data, self.key: torch.cat([image, torch.stack(maps).to(image.dtype)])}
