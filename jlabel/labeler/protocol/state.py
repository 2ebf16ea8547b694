"""Everything small that pages show; each feature says its own part of it, and only when that changes."""

from __future__ import annotations

from typing import TypedDict

from jlabel.labeler.protocol.choice_messages import ModelInfo, NamedInfo, ToolName
from jlabel.labeler.protocol.draft_messages import UnshownLabelInfo
from jlabel.labeler.protocol.job_messages import PreAnnotationInfo, ReadinessInfo, TrainingInfo
from jlabel.labeler.protocol.label_messages import LabelInfo
from jlabel.labeler.protocol.navigation_messages import ReviewInfo
from jlabel.labeler.protocol.tag_messages import ResultInfo, TagInfo
from jlabel.labeler.protocol.team_messages import AnnotatorInfo, ImageNoteInfo, LeaseInfo, ReadingInfo, VerdictInfo
from jlabel.labeler.protocol.uncertainty_messages import UncertaintyInfo
from jlabel.labeler.protocol.version_messages import ComparisonInfo, SendBackInfo


class State(TypedDict, total=False):
    """What a page knows, by topic; a message carries those fields that have changed.

    Attributes:
        imageId: The open image.
        epoch: Grows by one with every opened image.
        labels: In the order in which they are shown.
        label: The chosen one.
        activeObject: The value that strokes and prompts for the label of objects get; None where none are told apart.
        objectEachPrompt: A prompt that lies on no object begins a new one.
        offeredLabels: Structures that the chosen model finds and that are no labels yet.
        models: The app's models.
        model: The chosen one.
        strategies: The app's strategies.
        strategy: The chosen one.
        readiness: Whether what each strategy goes by is there, by its name.
        reason: Why the open image was chosen, in words; empty where a person chose it.
        review: How far the person is with looking through finished labels; None while that is not done.
        uncertainty: How unsure a model is of the open image.
        tool: What the pointer does; one for all pages.
        autoRun: The model runs after every prompt; else the prompts wait for "run".
        othersAsBackground: Models are told which voxels hold another label than the one asked for.
        uncertainBorder: The voxels are marked that the model's last answer is not sure of.
        locked: Values of locked labels: whoever tries, their voxels do not change.
        overBackground: Paint over what has no label alone.
        savedElsewhere: How many other images have a label that was saved.
        palette: Colours to choose from for labels.
        canUndo: There is a step to take back.
        canRedo: There is a step to do again.
        dirty: The draft has changes that are not saved.
        notOnDisk: Why they are in memory alone, where the kernel's end would lose them; None while they are on disk.
        madeBy: The models that made the draft, with their versions.
        busy: What the kernel is doing for the person, as words ("click is running"), or None.
        canCancel: What the kernel is doing can still be given up; a save cannot once it is decided.
        saving: The draft is being saved; ``busy`` may name something newer.
        notice: What was done last ("Saved as final"), or None.
        images: How many images there are.
        labelled: How many have a label.
        canGoBack: An image was shown before this one.
        cutOff: The structure whose newest mask ends where the model stopped looking; None where it does not.
        errors: What went wrong and was not read yet, the newest last.
        unshownLabel: The saved label, where it cannot be shown; None where it is, or there is none.
        comparing: The saved label that is shown beside the draft.
        sendBack: Who annotated the open image elsewhere, known once a label of it is compared; None where nobody did.
        training: What can be trained; None where nothing can.
        firstMasks: The model that makes first masks; None where the app has no such model.
        logEffort: What labels cost is logged: pages tell what is done on them.
        imageTags: What the open image shows as a whole, for each classification of the app.
        result: What the model that answered last told of the open image beside a mask; None for nothing.
        annotator: Who works here.
        lease: Who works on the open image; None where nobody does, or nothing is kept of it.
        reading: The person is one of several who read the open image; None where they are not.
        verdict: What a reviewer said of the saved label of the open image; None where nobody did.
        imageNotes: The notes on the open image, the oldest first.
    """

    imageId: str | None
    epoch: int
    labels: list[LabelInfo]
    label: str
    activeObject: int | None
    objectEachPrompt: bool
    offeredLabels: list[str]
    models: list[ModelInfo]
    model: str | None
    strategies: list[NamedInfo]
    strategy: str
    readiness: dict[str, ReadinessInfo]
    reason: str
    review: ReviewInfo | None
    uncertainty: UncertaintyInfo
    tool: ToolName
    autoRun: bool
    othersAsBackground: bool
    uncertainBorder: bool
    locked: list[int]
    overBackground: bool
    savedElsewhere: int
    palette: list[str]
    canUndo: bool
    canRedo: bool
    dirty: bool
    notOnDisk: str | None
    madeBy: list[str]
    busy: str | None
    canCancel: bool
    saving: bool
    notice: str | None
    images: int
    labelled: int
    canGoBack: bool
    cutOff: str | None
    errors: list[str]
    unshownLabel: UnshownLabelInfo | None
    comparing: ComparisonInfo | None
    sendBack: SendBackInfo | None
    training: TrainingInfo
    firstMasks: PreAnnotationInfo | None
    logEffort: bool
    imageTags: list[TagInfo]
    result: ResultInfo | None
    annotator: AnnotatorInfo
    lease: LeaseInfo | None
    reading: ReadingInfo | None
    verdict: VerdictInfo | None
    imageNotes: list[ImageNoteInfo]
