"""The tags of labels by MONAI Label's names."""

from __future__ import annotations

from enum import StrEnum

from jlabel.datastores import FINAL, ORIGINAL


class DefaultLabelTag(StrEnum):
    """Who made a label: a model, or a person."""

    ORIGINAL = ORIGINAL
    FINAL = FINAL
