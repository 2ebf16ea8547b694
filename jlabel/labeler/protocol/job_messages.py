"""What runs in the background: trainings, first masks, and the scoring of images for strategies."""

from __future__ import annotations

from typing import Literal

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.values import Value

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class JobInfo(Value, frozen=True, kw_only=True):
    """How a job stands.

    Attributes:
        id: Its id.
        kind: "train", "infer", "tag" or "score".
        name: Of the task.
        title: For people.
        state: Where it stands.
        progress: 0 to 1.
        left: Seconds that it will take yet, where that is known.
        device: Where it runs.
        begun: Seconds since 1970.
        epoch: The last one.
        loss: Of that epoch.
        score: Of that epoch.
        score_name: What the score is.
        outcome: What came of it, in words.
        error: What went wrong, in words.
        notes: What it said, the newest last.
        can_resume: It can go on from where it ended.
    """

    id: str
    kind: str
    name: str
    title: str
    state: JobState
    progress: float
    left: float | None
    device: str | None
    begun: float | None
    epoch: int | None
    loss: float | None
    score: float | None
    score_name: str | None
    outcome: str
    error: str
    notes: list[str]
    can_resume: bool


class ReadinessInfo(Value, frozen=True, kw_only=True):
    """Whether what a strategy goes by is there.

    Attributes:
        text: In words; empty where it needs nothing.
        method: The scoring method that computes what is missing; empty where nothing is.
        obstacle: Why that cannot be done now; empty where it can.
    """

    text: str
    method: str
    obstacle: str


class TrainerInfo(Value, frozen=True, kw_only=True):
    """A train task: its name, and what it does in words.

    Attributes:
        name: Its name.
        description: What it does.
        obstacle: Why it cannot be trained now; empty where it can.
        suits: It is for images such as these; where it is not, no label that is saved helps.
    """

    name: str
    description: str
    obstacle: str
    suits: bool


class TrainingInfo(Value, frozen=True, kw_only=True):
    """What can be trained, and what the trainings came to.

    Attributes:
        trainers: What can be trained.
        trainer: The one that is chosen; empty where there is none.
        auto: Trainings begin by themselves.
        due_at: With how many saved labels the next one does.
        versions: The versions that models would take now.
        dice: The validated Dice of those that were judged by it.
    """

    trainers: list[TrainerInfo]
    trainer: str
    auto: bool
    due_at: int | None
    versions: dict[str, int]
    dice: dict[str, float]


class PreAnnotationInfo(Value, frozen=True, kw_only=True):
    """The model that makes first masks.

    Attributes:
        model: Its name.
        hint: What to do where there is none yet.
        poor: That its masks will be poor, where its version was judged to be; else empty.
    """

    model: str | None
    hint: str
    poor: str


class Train(Incoming, frozen=True, kw_only=True, tag="train"):
    """Begin a training in the background; refused while one runs or waits."""

    name: str


class CancelTraining(Incoming, frozen=True, kw_only=True, tag="cancel_training"):
    """Stop the training; what it has learnt is kept."""


class ResumeTraining(Incoming, frozen=True, kw_only=True, tag="resume_training"):
    """Go on with the training that is shown, which failed or was cancelled."""


class AutoTrain(Incoming, frozen=True, kw_only=True, tag="auto_train"):
    """Begin trainings by themselves, or not."""

    on: bool


class ChooseTrainer(Incoming, frozen=True, kw_only=True, tag="choose_trainer"):
    """Choose what is trained."""

    name: str


class MakeFirstMasks(Incoming, frozen=True, kw_only=True, tag="first_masks"):
    """Run a model over all images without a label, in the background; refused while that is done already."""


class CancelFirstMasks(Incoming, frozen=True, kw_only=True, tag="cancel_first_masks"):
    """Stop making first masks; those that are made are kept."""


class ResumeFirstMasks(Incoming, frozen=True, kw_only=True, tag="resume_first_masks"):
    """Go on making first masks, where that failed or was cancelled."""


class LookAtStrategies(Incoming, frozen=True, kw_only=True, tag="strategies"):
    """The person is about to choose a strategy: whether what each goes by is there is to be told as it is now."""


class ScoreImages(Incoming, frozen=True, kw_only=True, tag="score"):
    """Begin to score the images by this method, in the background."""

    method: str


class CancelScoring(Incoming, frozen=True, kw_only=True, tag="cancel_scoring"):
    """Stop scoring images; the scores that are there are kept."""


class ResumeScoring(Incoming, frozen=True, kw_only=True, tag="resume_scoring"):
    """Go on scoring images, where that failed or was cancelled."""


class TrainingJob(Outgoing, frozen=True, kw_only=True, tag="training"):
    """How the newest training stands."""

    job: JobInfo


class PreAnnotationJob(Outgoing, frozen=True, kw_only=True, tag="first_masks"):
    """How the newest making of first masks stands."""

    job: JobInfo


class ScoringJob(Outgoing, frozen=True, kw_only=True, tag="scoring"):
    """How the newest scoring of images stands."""

    job: JobInfo
