"""Prompts to masks: segmentation that needs no trained model, DeepGrow and DeepEdit."""

from jlabel.interactive.clicks import ClassicClickSegment, ClassicClickSegment2D, GMMGraphCut, HistogramGraphCut
from jlabel.interactive.deepedit import DeepEdit, DeepEditAuto
from jlabel.interactive.deepgrow import DeepGrow2D, DeepGrow3D
from jlabel.interactive.guidance import guidance_map

__all__ = [
    "ClassicClickSegment",
    "ClassicClickSegment2D",
    "DeepEdit",
    "DeepEditAuto",
    "DeepGrow2D",
    "DeepGrow3D",
    "GMMGraphCut",
    "HistogramGraphCut",
    "guidance_map",
]
