"""Training with MONAI's engines: what an author says about it, and all around that."""

from jlabel.training.task import BasicTrainTask
from jlabel.training.train_context import Context

__all__ = ["BasicTrainTask", "Context"]
