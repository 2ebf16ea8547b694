"""Gives MONAI's older transforms the dictionary of meta data that they write into, such as ``image_meta_dict``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monai.data import MetaTensor
from monai.transforms import Transform

from jlabel.tasks.keys import Step

_OLDER = "monai.apps.deepgrow."


class MetaDictd(Transform):  # type: ignore[misc]
    """Puts a copy of each image's meta data under the key that the next transform looks for.

    Args:
        names: The images' keys and those of their meta data.
    """

    is_added = True  # not a step of the author's

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        self._names = list(names)

    def __call__(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with what was missing."""
        missing = {
            meta: dict(data[key].meta)
            for key, meta in self._names
            if meta not in data and isinstance(data.get(key), MetaTensor)
        }
        return {**data, **missing}


def with_meta_dicts(steps: Sequence[Step]) -> list[Step]:
    """The steps, with one before each of MONAI's DeepGrow transforms that looks for such a dictionary."""
    found: list[Step] = []
    for step in steps:
        names = _names(step) if type(step).__module__.startswith(_OLDER) else []
        found += [MetaDictd(names), step] if names else [step]
    return found


def _names(step: Any) -> list[tuple[str, str]]:
    """The keys of images, and of the meta data that the step reads or writes of them."""
    postfix = getattr(step, "meta_key_postfix", None) or "meta_dict"
    images = [*map(str, getattr(step, "keys", ())), *(str(getattr(step, name, "") or "") for name in _IMAGES)]
    postfixes = [str(postfix)] * len(images) if isinstance(postfix, str) else [str(one) for one in postfix]
    postfixes += ["meta_dict"] * (len(images) - len(postfixes))
    return [(image, f"{image}_{end}") for image, end in zip(images, postfixes, strict=False) if image]


_IMAGES = ("ref_image", "source_key")
