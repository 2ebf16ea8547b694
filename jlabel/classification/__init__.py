"""A network that says what images as a whole show, planned from the data: its train task and its infer task."""

from jlabel.classification.infer import ClassificationInferTask
from jlabel.classification.plan import ClassificationPlan
from jlabel.classification.train import ClassificationTrainTask

__all__ = ["ClassificationInferTask", "ClassificationPlan", "ClassificationTrainTask"]
