"""An image with its current label, for whoever goes through all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jlabel.datastores.label_version import LabelVersion


@dataclass(frozen=True)
class LabelledImage:
    """An image and its current label of one tag.

    Attributes:
        image_id: The image.
        image_uri: Its path, as :func:`jlabel.read_image` takes it.
        label_uri: The path of the label.
        version: The label's version.
        info: What is noted of the image.
    """

    image_id: str
    image_uri: str
    label_uri: str
    version: LabelVersion
    info: Mapping[str, Any] = field(default_factory=dict)
