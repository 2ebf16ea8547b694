"""Segmentation from prompts without a trained model: geodesic distances, graph cuts and random walks."""

from jlabel.interactive.clicks import ClassicClickSegment, ClassicClickSegment2D
from jlabel.interactive.scribble_tasks import GMMGraphCut, HistogramGraphCut

__all__ = ["ClassicClickSegment", "ClassicClickSegment2D", "GMMGraphCut", "HistogramGraphCut"]
