"""Measures of how well label maps agree: of masks, of objects, each value of which is one, and of surfaces."""

from jlabel.metrics.consensus import Consensus, majority, staple
from jlabel.metrics.dice import dice
from jlabel.metrics.objects import PanopticQuality, aggregated_jaccard_index, panoptic_quality
from jlabel.metrics.pair_agreement import PairAgreement, pair_agreement
from jlabel.metrics.surface_dice import surface_dice

__all__ = [
    "Consensus",
    "PairAgreement",
    "PanopticQuality",
    "aggregated_jaccard_index",
    "dice",
    "majority",
    "pair_agreement",
    "panoptic_quality",
    "staple",
    "surface_dice",
]
