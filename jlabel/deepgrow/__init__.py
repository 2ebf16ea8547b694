"""DeepGrow (Sakinis et al. 2019): a network that sees an image and the clicks, and grows the structure from them."""

from jlabel.deepgrow.infer import DeepGrow2D, DeepGrow3D
from jlabel.deepgrow.train import DeepGrow2DTrainTask, DeepGrow3DTrainTask

__all__ = ["DeepGrow2D", "DeepGrow2DTrainTask", "DeepGrow3D", "DeepGrow3DTrainTask"]
