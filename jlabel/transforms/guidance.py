"""Clicks as channels of a network's input, in the form of MONAI Label's 2D DeepEdit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, Randomizable
from scipy.ndimage import distance_transform_cdt, gaussian_filter
from scipy.ndimage import label as label_parts


class AddClickGuidanced(MapTransform):  # type: ignore[misc]
    """Gathers clicks: a list of points for each key.

    Args:
        keys: The keys of the clicks, usually ``("foreground", "background")``.
        allow_missing_keys: Whether a key may be missing; it counts as no clicks either way.
        guidance: Under which key they go.

    Examples:
        >>> from jlabel.transforms import AddClickGuidanced
        >>> AddClickGuidanced(("foreground", "background"))({"foreground": [[6, 5]], "background": []})["guidance"]
        [[[6, 5]], []]
    """

    def __init__(self, keys: KeysCollection, allow_missing_keys: bool = False, guidance: str = "guidance") -> None:
        super().__init__(keys, allow_missing_keys)
        self.guidance = guidance

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the clicks."""
        points = [[[int(index) for index in point] for point in data.get(key) or ()] for key in self.keys]
        return {**data, self.guidance: points}


class AddGuidanceSignald(MapTransform):  # type: ignore[misc]
    """Adds a channel for each list of clicks to an image: a Gaussian at each click, from 0 to 1.

    Args:
        keys: The images: shape ``(channel, ...)``.
        allow_missing_keys: As everywhere in MONAI.
        guidance: The key of the clicks: lists of points, or JSON of them. Points are the last indices of a voxel; one
            with a negative index is no click.
        sigma: The width of the Gaussian in voxels.
        number_intensity_ch: How many channels of the image are kept.

    Examples:
        >>> import torch
        >>> from jlabel.transforms import AddGuidanceSignald
        >>> data = {"image": torch.zeros(3, 16, 16), "guidance": [[[8, 4]], []]}
        >>> image = AddGuidanceSignald("image")(data)["image"]
        >>> tuple(image.shape), float(image[3, 8, 4]), float(image[4].max())
        ((5, 16, 16), 1.0, 0.0)
    """

    def __init__(
        self,
        keys: KeysCollection,
        allow_missing_keys: bool = False,
        guidance: str = "guidance",
        sigma: float = 2,
        number_intensity_ch: int = 3,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.guidance = guidance
        self.sigma = sigma
        self.number_intensity_ch = number_intensity_ch

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the images."""
        found = dict(data)
        given = found[self.guidance]
        lists = json.loads(given) if isinstance(given, str) else given
        for key in self.key_iterator(found):
            image = torch.as_tensor(found[key])[: self.number_intensity_ch]
            signals = [self.signal(tuple(image.shape[1:]), points) for points in lists]
            found[key] = torch.cat([image, *[signal.to(image) for signal in signals]])
        return found

    def signal(self, shape: tuple[int, ...], points: Sequence[Sequence[float]]) -> torch.Tensor:
        """The channel of a list of clicks: shape ``(1, ...)``."""
        channel = np.zeros(shape, np.float32)
        for point in points:
            place = tuple(int(index) for index in point[-len(shape) :])
            if min(int(index) for index in point) >= 0 and all(a < b for a, b in zip(place, shape, strict=True)):
                channel[place] = 1
        if channel.any():
            channel = gaussian_filter(channel, sigma=self.sigma)
            channel /= channel.max()
        return torch.from_numpy(channel)[None]


class AddInitialSeedPointd(Randomizable, MapTransform):  # type: ignore[misc]
    """Places a first simulated click in each of the largest parts of a label, more often in its depth.

    Args:
        keys: Under which keys the clicks go, as JSON: a list of clicks inside, and one of clicks outside that are none.
        allow_missing_keys: As everywhere in MONAI.
        label: The key of the label: shape ``(1, ...)``.
        connected_regions: In how many parts at most.

    Examples:
        >>> import json, numpy as np
        >>> from jlabel.transforms import AddInitialSeedPointd
        >>> label = np.zeros((1, 9, 9)); label[0, 2:7, 2:7] = 1
        >>> place = AddInitialSeedPointd("guidance").set_random_state(0)
        >>> inside, outside = json.loads(place({"label": label})["guidance"])
        >>> len(inside), outside
        (1, [[-1, -1, -1]])
    """

    def __init__(
        self,
        keys: KeysCollection,
        allow_missing_keys: bool = False,
        label: str = "label",
        connected_regions: int = 1,
    ) -> None:
        super().__init__(keys, allow_missing_keys)
        self.label = label
        self.connected_regions = connected_regions

    def randomize(self, data: Any = None) -> None:
        """Nothing beforehand: each click is drawn where it is placed."""

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the clicks."""
        return {**data, **{key: json.dumps(self._clicks(np.asarray(data[self.label]))) for key in self.keys}}

    def _clicks(self, label: Any) -> list[list[list[int]]]:
        parts, count = label_parts(label > 0)
        sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
        largest = (np.argsort(-sizes) + 1)[: self.connected_regions]
        inside = [self._click(parts == part) for part in largest]
        return [inside, [[-1] * label.ndim] * max(1, len(inside))]

    def _click(self, part: Any) -> list[int]:
        depth = distance_transform_cdt(part).astype(np.float64).ravel()
        weights = np.exp(np.minimum(depth, 50.0)) - 1
        place = self.R.choice(len(weights), p=weights / weights.sum())
        return [int(index) for index in np.unravel_index(place, part.shape)]


class ResizeGuidanced(MapTransform):  # type: ignore[misc]
    """Scales clicks from the size of the image that was read to that of the image now.

    Args:
        keys: The clicks: lists of points for each list, as :class:`AddClickGuidanced` gathers them.
        allow_missing_keys: As everywhere in MONAI.
        ref_image: The key of the image, a ``MetaTensor``.

    Examples:
        >>> import torch
        >>> from monai.data import MetaTensor
        >>> from jlabel.transforms import ResizeGuidanced
        >>> image = MetaTensor(torch.zeros(3, 64, 64), meta={"spatial_shape": [128, 256]})
        >>> ResizeGuidanced("guidance", ref_image="image")({"image": image, "guidance": [[[64, 64]], []]})["guidance"]
        [[[32, 16]], []]
    """

    def __init__(self, keys: KeysCollection, allow_missing_keys: bool = False, ref_image: str = "image") -> None:
        super().__init__(keys, allow_missing_keys)
        self.ref_image = ref_image

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the clicks."""
        found = dict(data)
        image = found[self.ref_image]
        now = np.asarray(image.shape[1:], dtype=float)
        before = np.asarray(image.meta["spatial_shape"], dtype=float).ravel()[: len(now)]
        for key in self.key_iterator(found):
            found[key] = [
                [np.floor(np.asarray(point[-len(now) :]) * now / before).astype(int).tolist() for point in points]
                for points in found[key]
            ]
        return found
