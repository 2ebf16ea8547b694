"""Takes a mask back to the size, and where asked for the orientation, of the image that was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.config import KeysCollection
from monai.data import MetaTensor
from monai.transforms import MapTransform, Orientation, Resize
from monai.utils import ensure_tuple_rep


class Restored(MapTransform):  # type: ignore[misc]
    """Resizes a mask to the size that the image had when it was read.

    jlabel takes masks back to the image's grid by itself; an app that has this step gets the same mask.

    Args:
        keys: The masks: shape ``(channel, ...)``.
        ref_image: The key of the image, whose meta data have its size.
        has_channel: If False, the masks have no channel axis.
        invert_orient: Whether to turn the axes back as well.
        mode: The interpolation.
        config_labels: Names to values that classes 1, 2, … become, in this order.
        align_corners: As for MONAI's ``Resize``.
        meta_key_postfix: Where the meta data are if the image is no ``MetaTensor``.

    Examples:
        >>> import torch
        >>> from monai.data import MetaTensor
        >>> from jlabel.transforms import Restored
        >>> image = MetaTensor(torch.zeros(1, 4, 4, 4), meta={"spatial_shape": [8, 8, 8]})
        >>> pred = torch.ones(1, 4, 4, 4)
        >>> tuple(Restored("pred", ref_image="image")({"image": image, "pred": pred})["pred"].shape)
        (8, 8, 8)
    """

    def __init__(
        self,
        keys: KeysCollection,
        ref_image: str,
        has_channel: bool = True,
        invert_orient: bool = False,
        mode: str = "nearest",
        config_labels: Mapping[str, int] | None = None,
        align_corners: Sequence[bool | None] | bool | None = None,
        meta_key_postfix: str = "meta_dict",
    ) -> None:
        super().__init__(keys)
        self.ref_image = ref_image
        self.has_channel = has_channel
        self.invert_orient = invert_orient
        self.config_labels = config_labels
        self.mode = ensure_tuple_rep(mode, len(self.keys))
        self.align_corners = ensure_tuple_rep(align_corners, len(self.keys))
        self.meta_key_postfix = meta_key_postfix

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the masks."""
        found = dict(data)
        image = found.get(self.ref_image)
        meta = image.meta if isinstance(image, MetaTensor) else found.get(f"{self.ref_image}_{self.meta_key_postfix}")
        meta = meta or {}
        for key, mode, align in self.key_iterator(found, self.mode, self.align_corners):
            mask = found[key] if self.has_channel else found[key][None]
            mask = self._resized(mask, meta, mode, align)
            if self.invert_orient and meta.get("original_affine") is not None:
                mask = _turned_back(mask, meta)
            if self.config_labels is not None:
                mask = self._named(mask)
            found[key] = mask[0] if mask.shape[0] == 1 else mask
            known = found.get(f"{key}_{self.meta_key_postfix}") or {}
            found[f"{key}_{self.meta_key_postfix}"] = {**known, "affine": meta.get("original_affine")}
        return found

    def _resized(self, mask: Any, meta: Mapping[str, Any], mode: str, align: bool | None) -> Any:
        now = tuple(mask.shape[1:])
        wanted = tuple(int(length) for length in np.asarray(meta.get("spatial_shape", now)).ravel()[-len(now) :])
        if self.invert_orient and meta.get("original_affine") is not None:
            axes = nib.orientations.io_orientation(np.asarray(meta["original_affine"]))[: len(now), 0]
            # The image's sizes along the axes that the mask has now.
            wanted = tuple(wanted[int(np.flatnonzero(axes == axis)[0])] for axis in range(len(now)))
        return mask if now == wanted else Resize(spatial_size=wanted, mode=mode, align_corners=align)(mask)

    def _named(self, mask: Any) -> Any:
        named = torch.zeros_like(mask) if isinstance(mask, torch.Tensor) else np.zeros_like(mask)
        for index, (name, value) in enumerate((self.config_labels or {}).items(), start=1):
            if name != "background":
                named[mask == index] = value
        return named


def _turned_back(mask: Any, meta: Mapping[str, Any]) -> Any:
    codes = nib.orientations.aff2axcodes(np.asarray(meta["original_affine"]))
    turn = Orientation(axcodes="".join(codes))
    with turn.trace_transform(False):
        return turn(mask)
