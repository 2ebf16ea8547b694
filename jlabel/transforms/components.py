"""Keeps the largest part of each channel."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from monai.config import KeysCollection
from monai.transforms import MapTransform, get_largest_connected_component_mask


class LargestCCd(MapTransform):  # type: ignore[misc]
    """Keeps the largest connected part of each channel of a mask; voxels that touch by a face are connected.

    Args:
        keys: The masks: shape ``(channel, ...)``.
        has_channel: If False, the masks have no channel axis.

    Examples:
        >>> import numpy as np
        >>> from jlabel.transforms import LargestCCd
        >>> mask = np.array([[[1, 0, 1, 1], [1, 0, 0, 1]]])
        >>> LargestCCd("pred")({"pred": mask})["pred"].tolist()
        [[[0, 0, 1, 1], [0, 0, 0, 1]]]
    """

    def __init__(self, keys: KeysCollection, has_channel: bool = True) -> None:
        super().__init__(keys)
        self.has_channel = has_channel

    @staticmethod
    def get_largest_cc(label: Any) -> Any:
        """The largest part of each channel: shape ``(channel, ...)``, of the same kind as the mask."""
        channels = [get_largest_connected_component_mask(channel != 0, connectivity=1) for channel in label]
        if isinstance(label, torch.Tensor):
            return torch.stack([torch.as_tensor(channel) for channel in channels]).to(label)
        return np.stack([np.asarray(channel) for channel in channels]).astype(label.dtype)

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the masks."""
        found = dict(data)
        for key in self.key_iterator(found):
            mask = found[key]
            found[key] = self.get_largest_cc(mask) if self.has_channel else self.get_largest_cc(mask[None])[0]
        return found
