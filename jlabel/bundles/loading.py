"""Loading a bundle's image: from memory, whatever reader the bundle would have used."""

from __future__ import annotations

import copy
from typing import Any

from monai.data import ImageReader
from monai.transforms import LoadImage, LoadImaged

from jlabel.tasks.keys import Step


def from_memory(step: Step, reader: ImageReader | None) -> Step:
    """The step; of a ``LoadImaged`` a copy without readers of its own, which takes what it is offered.

    Args:
        step: A transform of a bundle.
        reader: The only one that a ``LoadImaged`` gets; None where another may be offered to it.
    """
    if not isinstance(step, LoadImaged):
        return step
    loader: Any = copy.copy(step)
    given = loader._loader
    arguments: dict[str, Any] = {
        name: getattr(given, name)
        for name in ("image_only", "dtype", "ensure_channel_first", "simple_keys")
        if hasattr(given, name)
    }
    loader._loader = LoadImage(**arguments)
    if reader is not None:
        loader._loader.readers, loader._loader.auto_select = [reader], False
    taking: Step = loader
    return taking
