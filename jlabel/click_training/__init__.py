"""Train tasks of the networks that see clicks: they learn from clicks that are simulated."""

from jlabel.click_training.click import ClickTrainTask
from jlabel.click_training.deepedit import DeepEditTrainTask
from jlabel.click_training.deepgrow import DeepGrow2DTrainTask, DeepGrow3DTrainTask

__all__ = ["ClickTrainTask", "DeepEditTrainTask", "DeepGrow2DTrainTask", "DeepGrow3DTrainTask"]
