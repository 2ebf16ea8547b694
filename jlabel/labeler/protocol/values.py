"""What messages between the kernel and the pages are made of: regions, labels, prompts, jobs, versions."""

from __future__ import annotations

from typing import Literal

import msgspec

#: Grows when an older page could no longer talk with this kernel.
PROTOCOL = 2

Dtype = Literal["uint8", "int16", "uint16", "float32"]
MaskDtype = Literal["uint8", "uint16"]
PlaneName = Literal["axial", "coronal", "sagittal"]
PromptKind = Literal["click", "box", "scribble", "lasso", "mask"]
ImageState = Literal["unlabelled", "model", "final", "unreadable", "unshown"]
ImageFilter = Literal["unlabelled", "model", "final", "draft", "unreadable"]
ImageOrder = Literal["id", "score"]
OperationName = Literal[
    "grow",
    "shrink",
    "smooth",
    "fill_holes",
    "keep_largest",
    "remove_islands",
    "interpolate",
    "copy_slice",
    "threshold",
    "fill",
    "erase",
]
Choice = Literal["model", "strategy", "label", "tool"]
ToolName = Literal[
    "navigate",
    "click-add",
    "click-remove",
    "box",
    "scribble",
    "lasso",
    "brush",
    "eraser",
    "polygon",
    "fill",
]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Number = int | float

#: [x0, y0, z0, x1, y1, z1], half open, in the array's own axes; a 2D image counts as one slice along a third axis.
WireRegion = tuple[int, int, int, int, int, int]
Position = tuple[int, int, int]
Spacing = tuple[float, float, float]
Window = tuple[Number, Number]
Step = tuple[int, int]
Letters = tuple[str, str, str, str]


class Value(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of a message; its fields have camelCase names on the wire."""


class PlaneInfo(Value, frozen=True, kw_only=True):
    """One of the three planes.

    Attributes:
        name: Anatomical where the image's orientation is known, else by the array axis.
        normal: The array axis that stepping through slices moves along.
        right: The array axis drawn from left to right, and the direction (+1 or -1) in which its index grows there.
        down: The array axis drawn from top to bottom, and the direction in which its index grows there.
        letters: Anatomical letters at the left, right, top and bottom edge; empty where nothing is known.
        superior_step: The step (+1 or -1) along ``normal`` that goes up or towards the front.
    """

    name: PlaneName
    normal: int
    right: Step
    down: Step
    letters: Letters
    superior_step: int


class Header(Value, frozen=True, kw_only=True):
    """All that a page needs to know of an image before its first voxel.

    Attributes:
        id: The image's id.
        shape: Three numbers, always: a 2D image has 1 as the last.
        dtype: Of the voxels as they are sent.
        channels: 1, or 3 for RGB (then ``dtype`` is uint8).
        spacing: mm along each array axis.
        affine: 4×4, row by row: voxel index to RAS+ millimetres.
        oriented: Whether the file says how the image lies in the patient.
        planes: Axial, coronal and sagittal.
        flat: The only plane worth showing for a 2D image or a volume of one slice, else None.
        window: Intensities shown as black and white at first.
        inverted: Small values are meant to be bright.
        frames: How many frames the file has.
        frame: Which one is shown.
        mask_dtype: Of the mask.
        notes: What a person should know about the file, by topic. Plain text.
        stamp: Another one for another image, also where that has the same id.
    """

    id: str
    shape: Position
    dtype: Dtype
    channels: Literal[1, 3]
    spacing: Spacing
    affine: list[list[float]]
    oriented: bool
    planes: tuple[PlaneInfo, PlaneInfo, PlaneInfo]
    flat: PlaneName | None
    window: Window
    inverted: bool
    frames: int
    frame: int
    mask_dtype: MaskDtype
    notes: dict[str, str]
    stamp: str


class UnshownLabelInfo(Value, frozen=True, kw_only=True):
    """A saved label that cannot be shown.

    Attributes:
        problem: Why, in words.
        fits: It can be put into the image's grid.
    """

    problem: str
    fits: bool


class LabelInfo(Value, frozen=True, kw_only=True):
    """A label: its name, its value in label files, and its colour as ``#rrggbb``."""

    name: str
    value: int
    color: str


class ModelInfo(Value, frozen=True, kw_only=True):
    """A model.

    Attributes:
        name: Its name in the app.
        description: For people.
        interactive: It takes prompts.
        dimension: 2 where it works in one slice, else 3.
        valid: It can be run: its weights are there.
        takes_mask: It can start from the present mask of a label.
    """

    name: str
    description: str
    interactive: bool
    dimension: int
    valid: bool
    takes_mask: bool


class NamedInfo(Value, frozen=True, kw_only=True):
    """A strategy: its name, and what it does in words."""

    name: str
    description: str


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


class ReviewInfo(Value, frozen=True, kw_only=True):
    """Finished labels are being looked through.

    Attributes:
        place: Where in the queue the open image is, from 1; 0 where it is not one of it.
        total: How many labels the queue has.
    """

    place: int
    total: int


class UncertaintyInfo(Value, frozen=True, kw_only=True):
    """How unsure a model is of the open image.

    Attributes:
        on: It is shown over the slices.
        model: Whose it is that is shown, with the version; empty where it is not there, or not yet.
        hint: Why it is not there, and what to do; empty where it is.
    """

    on: bool
    model: str
    hint: str


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


class PromptInfo(Value, frozen=True, kw_only=True, omit_defaults=True):
    """A prompt in voxel indices.

    Attributes:
        id: Given by the page that made it; unique in the draft.
        kind: "mask" stands for the label as it was before the prompts; it has no place.
        label: The label's name; empty for the chosen one.
        position: Of a click.
        positive: Whether it says what belongs to the structure; of a click, a scribble and a lasso.
        lower: First corner of a box.
        upper: Last corner of a box.
        positions: Of a scribble's voxels.
        points: Of a lasso's corners.
        plane: The array axis across the plane of a lasso or a box.
        waits: It has no answer yet, or was moved since.
        slice: The array axis and the slice that its model works in; without it the model works in the volume.
    """

    kind: PromptKind
    label: str
    id: str | None = None
    position: list[Number] | None = None
    positive: bool | None = None
    lower: list[Number] | None = None
    upper: list[Number] | None = None
    positions: list[list[Number]] | None = None
    points: list[list[Number]] | None = None
    plane: int | None = None
    waits: bool | None = None
    slice: Step | None = None


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


class ComparisonInfo(Value, frozen=True, kw_only=True):
    """The saved label that is shown beside the draft; ``version`` None is the current one."""

    number: int
    tag: str
    version: int | None


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


class VersionInfo(Value, frozen=True, kw_only=True):
    """A saved label's version: the time is ISO 8601, ``prompts`` says how many prompts were saved with it."""

    number: int
    time: str
    author: str | None
    current: bool
    models: list[str]
    prompts: int


class TagVersions(Value, frozen=True, kw_only=True):
    """The versions of the label of one tag, the newest first."""

    tag: str
    versions: list[VersionInfo]


class AgreementRow(Value, frozen=True, kw_only=True):
    """Voxels of a label in the draft, in the other label and in both, and their Dice; None where it is in neither."""

    value: int
    mine: int
    other: int
    both: int
    dice: float | None


class ImageRow(Value, frozen=True, kw_only=True):
    """One image of the list.

    Attributes:
        id: The image's id.
        state: Whose label it has.
        draft: There is a draft that is not saved.
        author: Who saved its label.
        time: When its label was saved, ISO 8601.
        score: By the method of the chosen strategy; None where it has none.
    """

    id: str
    state: ImageState
    draft: bool
    author: str | None
    time: str | None
    score: float | None


class JobInfo(Value, frozen=True, kw_only=True):
    """How a job stands.

    Attributes:
        id: Its id.
        kind: "train", "infer" or "score".
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
