"""Training with MONAI's engines: what an author says about it, and all around that."""

from jlabel.training.context import Context
from jlabel.training.task import BasicTrainTask

__all__ = ["BasicTrainTask", "Context"]
