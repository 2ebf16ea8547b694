"""Measures of how well label maps of objects agree: each value but 0 is an object of its own."""

from jlabel.metrics.objects import PanopticQuality, aggregated_jaccard_index, panoptic_quality

__all__ = ["PanopticQuality", "aggregated_jaccard_index", "panoptic_quality"]
