"""What an app is made of: prompts, infer tasks, train tasks, strategies and scoring methods."""

from jlabel.tasks.infer import InferTask
from jlabel.tasks.interactive import Crop, InteractiveTask
from jlabel.tasks.label_set import LabelSet
from jlabel.tasks.labels import Label, label_values, make_labels
from jlabel.tasks.prompts import (
    Box,
    Click,
    InitialMask,
    Lasso,
    Prompt,
    Scribble,
    prompt_from_json,
    prompt_to_json,
)
from jlabel.tasks.request import InferRequest, InferResult
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Strategy
from jlabel.tasks.train import TrainRun, TrainTask

__all__ = [
    "Box",
    "Click",
    "Crop",
    "InferRequest",
    "InferResult",
    "InferTask",
    "InitialMask",
    "InteractiveTask",
    "Label",
    "LabelSet",
    "Lasso",
    "Prompt",
    "ScoringMethod",
    "Scribble",
    "Strategy",
    "TrainRun",
    "TrainTask",
    "label_values",
    "make_labels",
    "prompt_from_json",
    "prompt_to_json",
]
