"""A label that is to be saved, for whoever saves many of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.imaging.image import Image


@dataclass(frozen=True, eq=False)
class NewLabel:
    """A label to be saved.

    Attributes:
        image_id: The image.
        label: Label values of shape ``(i, j, k)`` or ``(i, j)``, or the path of a label file, which is copied.
        info: Information to save with it, JSON values.
        author: Who made it; who saves it if not given.
        image: The image as it was read, if the caller has it.
    """

    image_id: str
    label: NDArray[np.generic] | Path
    info: Mapping[str, Any] = field(default_factory=dict)
    author: str | None = None
    image: Image | None = None
