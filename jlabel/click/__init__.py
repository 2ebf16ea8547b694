"""Clicks answered by small trained networks, on any computer; no download, no graphics card."""

from jlabel.click.infer import ClickSegment, ClickSegment2D
from jlabel.click.train import ClickTrainTask

__all__ = ["ClickSegment", "ClickSegment2D", "ClickTrainTask"]
