"""What ``jlabel`` offers; import it from there."""

import jlabel.simulation  # noqa: F401 - jlabel.simulation.run needs no import of its own
from jlabel.active_learning import AnnotationLoop, LoopSettings, LoopStatus, PullReport, SendReport
from jlabel.app import LabelApp
from jlabel.apps import (
    BundleApp,
    EndoscopyApp,
    MONAILabelApp,
    PathologyApp,
    RadiologyApp,
    TaskConfig,
    app_from_config,
    open_app,
)
from jlabel.bundles import BundleInferTask, BundleTrainTask
from jlabel.classification import ClassificationInferTask, ClassificationTrainTask
from jlabel.click import ClickSegment, ClickSegment2D, ClickTrainTask
from jlabel.cvat import Cvat
from jlabel.datastores import Datastore, ImageTag, LocalDatastore, RemoteDatastore, Score, set_annotator
from jlabel.deepedit import DeepEdit, DeepEditAuto, DeepEditTrainTask
from jlabel.deepgrow import DeepGrow2D, DeepGrow2DTrainTask, DeepGrow3D, DeepGrow3DTrainTask
from jlabel.dicomweb import DicomWebDatastore
from jlabel.errors import (
    Cancelled,
    ConfigError,
    CvatError,
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
from jlabel.jobs.dask import DaskRunner
from jlabel.labels import Classification, Label
from jlabel.nuclick import NuClick, NuClickTrainTask
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
    "AnnotationLoop",
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
    "Classification",
    "ClassificationInferTask",
    "ClassificationTrainTask",
    "Click",
    "ClickSegment",
    "ClickSegment2D",
    "ClickTrainTask",
    "ConfigError",
    "Context",
    "CoreSet",
    "Cvat",
    "CvatError",
    "DaskRunner",
    "Datastore",
    "DatastoreError",
    "DeepEdit",
    "DeepEditAuto",
    "DeepEditTrainTask",
    "DeepGrow2D",
    "DeepGrow2DTrainTask",
    "DeepGrow3D",
    "DeepGrow3DTrainTask",
    "DicomWebDatastore",
    "Disagreement",
    "DisagreementScoring",
    "EditError",
    "EndoscopyApp",
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
    "ImageTag",
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
    "LoopSettings",
    "LoopStatus",
    "MONAILabelApp",
    "ModelVersion",
    "NuClick",
    "NuClickTrainTask",
    "PathologyApp",
    "PowerNoise",
    "Prompt",
    "PromptError",
    "PublishedModel",
    "PullReport",
    "RadiologyApp",
    "Random",
    "RemoteDatastore",
    "Score",
    "ScoreStrategy",
    "ScoringMethod",
    "Scribble",
    "Segmentation",
    "SegmentationTrainTask",
    "SendReport",
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
    "set_annotator",
    "write_label",
]
