"""What an app is made of: infer tasks, train tasks, strategies and scoring methods."""

from jlabel.tasks.basic_infer import BasicInferTask
from jlabel.tasks.crop import Crop
from jlabel.tasks.infer import InferTask
from jlabel.tasks.interactive import InteractiveTask
from jlabel.tasks.kinds import CallBackTypes, InferType
from jlabel.tasks.request import InferRequest, InferResult
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Choice, Strategy
from jlabel.tasks.train import TrainRun, TrainTask

__all__ = [
    "BasicInferTask",
    "CallBackTypes",
    "Choice",
    "Crop",
    "InferRequest",
    "InferResult",
    "InferTask",
    "InferType",
    "InteractiveTask",
    "ScoringMethod",
    "Strategy",
    "TrainRun",
    "TrainTask",
]
