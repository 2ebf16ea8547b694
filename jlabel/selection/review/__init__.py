"""Finished labels that look wrong, found by comparing them with each other and with what a model finds."""

from jlabel.selection.review.kept_measures import KeptMeasures, LabelKey
from jlabel.selection.review.label_measures import Gap, LabelMeasures, StructureMeasures
from jlabel.selection.review.measuring import measure_label
from jlabel.selection.review.prediction_checks import Prediction
from jlabel.selection.review.suspicion import Finding, Suspicion, compare_labels

__all__ = [
    "Finding",
    "Gap",
    "KeptMeasures",
    "LabelKey",
    "LabelMeasures",
    "Prediction",
    "StructureMeasures",
    "Suspicion",
    "compare_labels",
    "measure_label",
]
