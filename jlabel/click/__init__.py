"""Clicks answered by small trained networks, on any computer; no download, no graphics card."""

from jlabel.click.tool import ClickSegment, ClickSegment2D

__all__ = ["ClickSegment", "ClickSegment2D"]
