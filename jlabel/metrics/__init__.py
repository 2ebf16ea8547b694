"""Measures of how well label maps agree: of objects, each value of which is one, and of surfaces."""

from jlabel.metrics.objects import PanopticQuality, aggregated_jaccard_index, panoptic_quality
from jlabel.metrics.surface_dice import surface_dice

__all__ = ["PanopticQuality", "aggregated_jaccard_index", "panoptic_quality", "surface_dice"]
