"""A 3D segmentation network that plans itself from the data: its train task and its infer task."""

from jlabel.segmentation.infer import Segmentation
from jlabel.segmentation.plan import Plan
from jlabel.segmentation.train import SegmentationTrainTask

__all__ = ["Plan", "Segmentation", "SegmentationTrainTask"]
