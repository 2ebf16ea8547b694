"""From what a bundle's network and transforms give to its mask."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor

from jlabel.errors import TaskError
from jlabel.tasks.image_classes import class_chances
from jlabel.tasks.keys import PRED


def with_meta(outputs: Any, image: Any) -> Any:
    """A network's output with the meta data of its input, for transforms that go by them."""
    if isinstance(outputs, Mapping):
        return {name: with_meta(output, image) for name, output in outputs.items()}
    if not isinstance(outputs, torch.Tensor) or not isinstance(image, MetaTensor):
        return outputs
    return MetaTensor(outputs, meta=copy.copy(image.meta), applied_operations=list(image.applied_operations))


class ClassChances:
    """The only transform behind a bundle that classifies: the scores under ``"pred"`` become probabilities.

    Those of a bundle's own would leave which class is the likeliest, and not how likely it is.

    Args:
        classes: The names, in the order of the scores.
    """

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = classes

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with a probability for each class, shape ``(class,)``.

        Raises:
            TaskError: There is not one score for each class.
        """
        return {**data, PRED: torch.tensor(list(class_chances(data[PRED], self._classes).values()))}


class Answer:
    """The last of a bundle's transforms: puts its mask under ``"pred"``, and checks the values in it.

    A bundle that finds one structure may tell its instances apart, or have another value for it (255): all of them
    are that structure.

    Args:
        keys: The keys that may hold the mask; the first one that is there does.
        labels: What the bundle finds, name to value.
        bundle: Its name, for errors.
        by_channel: Whether the labels are names of channels, not of values in a label map.
    """

    def __init__(
        self, keys: Sequence[str], labels: Mapping[str, int], bundle: str, *, by_channel: bool = False
    ) -> None:
        self._keys, self._labels, self._bundle, self._by_channel = keys, labels, bundle, by_channel

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data with the mask under ``"pred"``.

        Raises:
            TaskError: There is no mask, or it has values that no label has.
        """
        found = next((data[key] for key in self._keys if isinstance(data.get(key), torch.Tensor | np.ndarray)), None)
        if found is None:
            raise TaskError(f"bundle {self._bundle!r} leaves no mask under {' or '.join(map(repr, self._keys))}")
        mask = found.cpu() if isinstance(found, torch.Tensor) else MetaTensor(found)
        return {**data, PRED: self._named(mask) if mask.shape[0] == 1 else mask}

    def _named(self, mask: torch.Tensor) -> torch.Tensor:
        if self._by_channel:
            raise TaskError(
                f"bundle {self._bundle!r} makes one label map of its regions ({', '.join(self._labels)}), and does not "
                "say what the values in it are: give labels={'name': value}"
            )
        if len(self._labels) == 1:
            (value,) = self._labels.values()
            return torch.where(mask > 0, value, 0).to(torch.int32)
        highest = max(self._labels.values())
        if float(mask.max()) <= highest and float(mask.min()) >= 0:
            return mask
        odd = sorted(set(torch.unique(mask).tolist()) - {0, *self._labels.values()})
        named = ", ".join(f"{name!r} is {value}" for name, value in list(self._labels.items())[:8])
        values = ", ".join(f"{value:g}" for value in odd[:8])
        raise TaskError(
            f"bundle {self._bundle!r} gives values that no label has ({values}; {named}): say what they "
            "are with labels={'name': value}"
        )
