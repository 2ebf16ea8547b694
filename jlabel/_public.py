"""What ``jlabel`` offers; import it from there."""

from jlabel.app import LabelApp
from jlabel.apps import RadiologyApp
from jlabel.click import ClickSegment, ClickSegment2D
from jlabel.click_training import ClickTrainTask, DeepEditTrainTask, DeepGrow2DTrainTask, DeepGrow3DTrainTask
from jlabel.datastores import Datastore, LocalDatastore
from jlabel.errors import (
    Cancelled,
    DatastoreError,
    EditError,
    ImageError,
    JlabelError,
    JobError,
    KeyMapError,
    LabelError,
    PromptError,
    TaskError,
)
from jlabel.imaging import Image, read_image, read_label, write_label
from jlabel.interactive import (
    ClassicClickSegment,
    ClassicClickSegment2D,
    DeepEdit,
    DeepEditAuto,
    DeepGrow2D,
    DeepGrow3D,
    GMMGraphCut,
    HistogramGraphCut,
)
from jlabel.jobs import Job
from jlabel.manager import AppManager
from jlabel.models import ModelVersion, PublishedModel
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.selection import First, Random
from jlabel.tasks import (
    Box,
    Click,
    InferRequest,
    InferResult,
    InferTask,
    InitialMask,
    InteractiveTask,
    Label,
    Lasso,
    Prompt,
    ScoringMethod,
    Scribble,
    Strategy,
    TrainTask,
)
from jlabel.training import BasicTrainTask, Context
from jlabel.widget import Labeler

__all__ = [
    "AppManager",
    "BasicTrainTask",
    "Box",
    "Cancelled",
    "ClassicClickSegment",
    "ClassicClickSegment2D",
    "Click",
    "ClickSegment",
    "ClickSegment2D",
    "ClickTrainTask",
    "Context",
    "Datastore",
    "DatastoreError",
    "DeepEdit",
    "DeepEditAuto",
    "DeepEditTrainTask",
    "DeepGrow2D",
    "DeepGrow2DTrainTask",
    "DeepGrow3D",
    "DeepGrow3DTrainTask",
    "EditError",
    "First",
    "GMMGraphCut",
    "HistogramGraphCut",
    "Image",
    "ImageError",
    "InferRequest",
    "InferResult",
    "InferTask",
    "InitialMask",
    "InteractiveTask",
    "JlabelError",
    "Job",
    "JobError",
    "KeyMapError",
    "Label",
    "LabelApp",
    "LabelError",
    "Labeler",
    "Lasso",
    "LocalDatastore",
    "ModelVersion",
    "Prompt",
    "PromptError",
    "PublishedModel",
    "RadiologyApp",
    "Random",
    "ScoringMethod",
    "Scribble",
    "Segmentation",
    "SegmentationTrainTask",
    "Strategy",
    "TaskError",
    "TrainTask",
    "read_image",
    "read_label",
    "write_label",
]
