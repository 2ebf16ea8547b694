"""Simulated annotators, the sessions in which they correct masks, and whole projects without a person: to measure."""

from jlabel.annotators import (
    SCRIBBLES,
    Annotator,
    Cvpr25,
    FirstPrompts,
    HumanLike,
    HumanLikeParameters,
    Robot,
    StoppingAnnotator,
    centre_line,
    contour,
    dice,
    line,
    loose_box,
    middle_slice_box,
    next_click,
)
from jlabel.metrics import surface_dice
from jlabel.simulation.first_masks import FIRST_MASKS, grown, half_missing, shifted
from jlabel.simulation.outcome import SimulatedProject
from jlabel.simulation.project import run
from jlabel.simulation.session import Session, Step, cvpr25, run_session, simulate

__all__ = [
    "FIRST_MASKS",
    "SCRIBBLES",
    "Annotator",
    "Cvpr25",
    "FirstPrompts",
    "HumanLike",
    "HumanLikeParameters",
    "Robot",
    "Session",
    "SimulatedProject",
    "Step",
    "StoppingAnnotator",
    "centre_line",
    "contour",
    "cvpr25",
    "dice",
    "grown",
    "half_missing",
    "line",
    "loose_box",
    "middle_slice_box",
    "next_click",
    "run",
    "run_session",
    "shifted",
    "simulate",
    "surface_dice",
]
