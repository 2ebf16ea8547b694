"""Small changes of an image's data."""

from __future__ import annotations

from typing import Any

from monai.config import KeysCollection
from monai.data import ImageReader, MetaTensor
from monai.transforms import LoadImaged, MapTransform, Transform


class LoadImageExd(LoadImaged):  # type: ignore[misc]
    """MONAI's ``LoadImaged``, which leaves an image that is an array already, with its channels last, as it is.

    Examples:
        >>> import numpy as np
        >>> from jlabel.transforms import LoadImageExd
        >>> image = LoadImageExd("image")({"image": np.zeros((8, 6, 3))})["image"]
        >>> tuple(image.shape), image.meta["original_channel_dim"]
        ((8, 6, 3), -1)
    """

    def __call__(self, data: dict[str, Any], reader: ImageReader | None = None) -> dict[str, Any]:
        """The data with the images."""
        found = dict(data)
        given = [key for key in self.keys if not isinstance(found[key], str)]
        for key in given:
            meta = {"spatial_shape": found[key].shape[:-1], "original_channel_dim": -1, "original_affine": None}
            found[key] = MetaTensor(found[key], meta=meta)
        return found if given else dict(super().__call__(found, reader))


class NormalizeLabeld(MapTransform):  # type: ignore[misc]
    """Gives all that is labelled one value.

    Args:
        keys: The labels.
        allow_missing_keys: As everywhere in MONAI.
        value: The value.

    Examples:
        >>> import numpy as np
        >>> from jlabel.transforms import NormalizeLabeld
        >>> NormalizeLabeld("label")({"label": np.array([0, 3, 7])})["label"].tolist()
        [0, 1, 1]
    """

    def __init__(self, keys: KeysCollection, allow_missing_keys: bool = False, value: int = 1) -> None:
        super().__init__(keys, allow_missing_keys)
        self.value = value

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the labels."""
        found = dict(data)
        for key in self.key_iterator(found):
            label = found[key].clone() if hasattr(found[key], "clone") else found[key].copy()
            label[label > 0] = self.value
            found[key] = label
        return found


class RenameKeyd(Transform):  # type: ignore[misc]
    """Puts what is under one key under another one.

    Args:
        source_key: Where it is.
        target_key: Where it goes.

    Examples:
        >>> from jlabel.transforms import RenameKeyd
        >>> RenameKeyd("type_map", "pred")({"type_map": 3})
        {'pred': 3}
    """

    def __init__(self, source_key: str, target_key: str) -> None:
        self.source_key = source_key
        self.target_key = target_key

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with the new key."""
        found = dict(data)
        found[self.target_key] = found.pop(self.source_key)
        return found
