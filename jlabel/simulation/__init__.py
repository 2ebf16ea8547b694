"""Simulated annotators, and the sessions in which they correct masks click by click: to measure interactive tasks."""

from jlabel.simulation.annotator import Annotator, Robot, next_click
from jlabel.simulation.first_masks import FIRST_MASKS, grown, half_missing, shifted
from jlabel.simulation.hand import HandParameters, HumanLike
from jlabel.simulation.overlap import dice
from jlabel.simulation.session import Session, Step, run_session, simulate

__all__ = [
    "FIRST_MASKS",
    "Annotator",
    "HandParameters",
    "HumanLike",
    "Robot",
    "Session",
    "Step",
    "dice",
    "grown",
    "half_missing",
    "next_click",
    "run_session",
    "shifted",
    "simulate",
]
