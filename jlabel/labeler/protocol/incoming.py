"""Every message that a page can send, and how what came from a page becomes one of them.

:mod:`~jlabel.labeler.protocol.message` says what all have in common; the modules beside it have them by topic.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jlabel.errors import JlabelError
from jlabel.labeler.protocol.choice_messages import Choose
from jlabel.labeler.protocol.draft_messages import ApplyOperation, FitLabel, Redo, Save, Stroke, Undo
from jlabel.labeler.protocol.image_list_messages import BrowseImages, LoadThumbnails
from jlabel.labeler.protocol.image_messages import Pull, ShowFrame
from jlabel.labeler.protocol.job_messages import (
    AutoTrain,
    CancelFirstMasks,
    CancelScoring,
    CancelTraining,
    ChooseTrainer,
    LookAtStrategies,
    MakeFirstMasks,
    ResumeFirstMasks,
    ResumeScoring,
    ResumeTraining,
    ScoreImages,
    Train,
)
from jlabel.labeler.protocol.label_messages import (
    AddLabel,
    AddLabels,
    ChooseObject,
    DeleteLabel,
    Lock,
    MergeLabel,
    MoveLabel,
    NewObject,
    ObjectEachPrompt,
    PaintOverBackground,
    RecolorLabel,
    RenameLabel,
    TellApart,
)
from jlabel.labeler.protocol.message import Incoming
from jlabel.labeler.protocol.navigation_messages import EndReview, LooksRight, Next, Open, Previous, Skip, StartReview
from jlabel.labeler.protocol.page_messages import Cancel, ErrorsRead, Hello, Shown, Viewport, WorkDone
from jlabel.labeler.protocol.prompt_messages import (
    AddPrompt,
    AutoRun,
    ChangePrompt,
    ClearPrompts,
    LookFurther,
    OthersAsBackground,
    RemovePrompt,
    Run,
)
from jlabel.labeler.protocol.tag_messages import AskForTag, TagImage
from jlabel.labeler.protocol.team_messages import (
    AcceptLabel,
    AskForTeam,
    NoteImage,
    PersonPresent,
    ReleaseImage,
    SendLabelBack,
    SetAnnotator,
    TakeOverImage,
)
from jlabel.labeler.protocol.uncertainty_messages import ShowUncertainBorder, ShowUncertainty, WhereNeeded
from jlabel.labeler.protocol.version_messages import Compare, ListVersions, SendBack, StopComparing, TakeOver
from jlabel.labeler.protocol.view3d_messages import LoadSurfaces, LoadView3d, LoadVolume3d, StopView3d

#: In the order in which ``js/src/protocol.ts`` lists them.
MESSAGES: tuple[type[Incoming], ...] = (
    Hello,
    Shown,
    Pull,
    Open,
    EndReview,
    ErrorsRead,
    AddPrompt,
    ChangePrompt,
    RemovePrompt,
    ClearPrompts,
    Run,
    Cancel,
    AutoRun,
    OthersAsBackground,
    ShowUncertainBorder,
    ShowUncertainty,
    WhereNeeded,
    TellApart,
    NewObject,
    ChooseObject,
    ObjectEachPrompt,
    Lock,
    PaintOverBackground,
    AddLabel,
    AddLabels,
    RenameLabel,
    RecolorLabel,
    MoveLabel,
    MergeLabel,
    DeleteLabel,
    Stroke,
    ApplyOperation,
    Viewport,
    WorkDone,
    LoadView3d,
    LoadSurfaces,
    LoadVolume3d,
    StopView3d,
    BrowseImages,
    LoadThumbnails,
    ShowFrame,
    ListVersions,
    TakeOver,
    Compare,
    StopComparing,
    SendBack,
    Train,
    CancelTraining,
    ResumeTraining,
    AutoTrain,
    ChooseTrainer,
    MakeFirstMasks,
    CancelFirstMasks,
    ResumeFirstMasks,
    LookAtStrategies,
    ScoreImages,
    CancelScoring,
    ResumeScoring,
    Choose,
    Next,
    Previous,
    Skip,
    StartReview,
    LooksRight,
    Save,
    FitLabel,
    Undo,
    Redo,
    LookFurther,
    TagImage,
    AskForTag,
    TakeOverImage,
    ReleaseImage,
    AcceptLabel,
    SendLabelBack,
    SetAnnotator,
    NoteImage,
    AskForTeam,
    PersonPresent,
)


def message_types() -> dict[str, type[Incoming]]:
    """Every message that a page can send, by the text of its ``type``."""
    return {str(one.__struct_config__.tag): one for one in MESSAGES}


_TYPES = message_types()


def parse(content: Any) -> Incoming:
    """The message that a page sent.

    Args:
        content: As it came: plain values.

    Raises:
        MessageError: It is of no known type, lacks a field or has one of another type; the text says which.
    """
    kind = content.get("type") if isinstance(content, dict) else None
    known = _TYPES.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise MessageError(f"the page sent a message of an unknown type ({str(kind)[:80]!r}): reload the page")
    try:
        return msgspec.convert(content, known, str_keys=True)
    except msgspec.ValidationError as error:
        raise MessageError(f"the page sent a {kind!r} message that makes no sense: {error}") from error


class MessageError(JlabelError):
    """A page sent something that is no message of the protocol."""
