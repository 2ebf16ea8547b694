"""Simulated annotators: where a mask is wrong, where somebody clicks, and the boxes and scribbles that they draw."""

from jlabel.annotators.annotator import Annotator, FirstPrompts, Robot, StoppingAnnotator, next_click
from jlabel.annotators.boxes import loose_box, middle_slice_box
from jlabel.annotators.challenge import Cvpr25
from jlabel.annotators.hand import HumanLike, HumanLikeParameters
from jlabel.annotators.scribbles import SCRIBBLES, centre_line, contour, line
from jlabel.metrics.dice import dice

__all__ = [
    "SCRIBBLES",
    "Annotator",
    "Cvpr25",
    "FirstPrompts",
    "HumanLike",
    "HumanLikeParameters",
    "Robot",
    "StoppingAnnotator",
    "centre_line",
    "contour",
    "dice",
    "line",
    "loose_box",
    "middle_slice_box",
    "next_click",
]
