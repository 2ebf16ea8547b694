"""What ``jlabel`` offers; import it from there."""

import jlabel.simulation  # noqa: F401 - jlabel.simulation.run needs no import of its own
from jlabel.app import LabelApp
from jlabel.apps import BundleApp, MONAILabelApp, RadiologyApp, TaskConfig, app_from_config, open_app
from jlabel.bundles import BundleInferTask, BundleTrainTask
from jlabel.click import ClickSegment, ClickSegment2D, ClickTrainTask
from jlabel.datastores import Datastore, LocalDatastore, Score
from jlabel.deepedit import DeepEdit, DeepEditAuto, DeepEditTrainTask
from jlabel.deepgrow import DeepGrow2D, DeepGrow2DTrainTask, DeepGrow3D, DeepGrow3DTrainTask
from jlabel.errors import (
    Cancelled,
    ConfigError,
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
from jlabel.interactive import ClassicClickSegment, ClassicClickSegment2D, GMMGraphCut, HistogramGraphCut
from jlabel.jobs import Job
from jlabel.labels import Label
from jlabel.prompts import Box, Click, InitialMask, Lasso, Prompt, Scribble
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.selection import (
    BALD,
    Appearance,
    ClaSP,
    CoreSet,
    Disagreement,
    Entropy,
    Epistemic,
    First,
    ForegroundRandom,
    Last,
    PowerNoise,
    Random,
    ScoreStrategy,
    TypiClust,
)
from jlabel.selection.review import Suspicion
from jlabel.selection.scoring import BALDScoring, DisagreementScoring, EntropyScoring, EpistemicScoring
from jlabel.tasks import (
    BasicInferTask,
    CallBackTypes,
    Choice,
    InferRequest,
    InferResult,
    InferTask,
    InferType,
    InteractiveTask,
    ScoringMethod,
    Strategy,
    TrainTask,
)
from jlabel.training import BasicTrainTask, Context
from jlabel.widget import AppManager, Labeler

__all__ = [
    "BALD",
    "AppManager",
    "Appearance",
    "BALDScoring",
    "BasicInferTask",
    "BasicTrainTask",
    "Box",
    "BundleApp",
    "BundleInferTask",
    "BundleTrainTask",
    "CallBackTypes",
    "Cancelled",
    "Choice",
    "ClaSP",
    "ClassicClickSegment",
    "ClassicClickSegment2D",
    "Click",
    "ClickSegment",
    "ClickSegment2D",
    "ClickTrainTask",
    "ConfigError",
    "Context",
    "CoreSet",
    "Datastore",
    "DatastoreError",
    "DeepEdit",
    "DeepEditAuto",
    "DeepEditTrainTask",
    "DeepGrow2D",
    "DeepGrow2DTrainTask",
    "DeepGrow3D",
    "DeepGrow3DTrainTask",
    "Disagreement",
    "DisagreementScoring",
    "EditError",
    "Entropy",
    "EntropyScoring",
    "Epistemic",
    "EpistemicScoring",
    "First",
    "ForegroundRandom",
    "GMMGraphCut",
    "HistogramGraphCut",
    "Image",
    "ImageError",
    "InferRequest",
    "InferResult",
    "InferTask",
    "InferType",
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
    "Last",
    "LocalDatastore",
    "MONAILabelApp",
    "ModelVersion",
    "PowerNoise",
    "Prompt",
    "PromptError",
    "PublishedModel",
    "RadiologyApp",
    "Random",
    "Score",
    "ScoreStrategy",
    "ScoringMethod",
    "Scribble",
    "Segmentation",
    "SegmentationTrainTask",
    "Strategy",
    "Suspicion",
    "TaskConfig",
    "TaskError",
    "TrainTask",
    "TypiClust",
    "app_from_config",
    "open_app",
    "read_image",
    "read_label",
    "write_label",
]
