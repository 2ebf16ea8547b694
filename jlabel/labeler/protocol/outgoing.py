"""Every message that the kernel can send to the pages, and how it is sent.

``client`` names the page that is meant; messages without it are for all. Voxels travel in buffers beside the message,
in Fortran order (the first array axis is the fastest; the three bytes of an RGB voxel are together). Masks and strokes
are zlib-compressed (:func:`jlabel.imaging.encode_voxels`), image voxels are not. No message is larger than 4 MB.
``epoch`` grows by one with every opened image: a page drops what carries another epoch.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jlabel.labeler.protocol.draft_messages import MaskRegion, Reveal, StrokeTaken
from jlabel.labeler.protocol.image_list_messages import Images, ImagesChanged, Thumbnail
from jlabel.labeler.protocol.image_messages import FrameShown, ImageOpened, Slice, StreamPiece, StreamReady
from jlabel.labeler.protocol.job_messages import PreAnnotationJob, ScoringJob, TrainingJob
from jlabel.labeler.protocol.label_messages import LabelVolumes
from jlabel.labeler.protocol.message import Outgoing
from jlabel.labeler.protocol.page_messages import Ack, Error, Progress, StateChange, WholeState, WhoShows
from jlabel.labeler.protocol.prompt_messages import Prompts
from jlabel.labeler.protocol.team_messages import TeamStatus
from jlabel.labeler.protocol.uncertainty_messages import (
    GoTo,
    NoUncertainRegion,
    NoUncertainty,
    UncertainRegion,
    UncertaintyPart,
)
from jlabel.labeler.protocol.version_messages import Agreement, OtherLabelRegion, Versions
from jlabel.labeler.protocol.view3d_messages import SurfacePiece, Surfaces, View3dScript, Volume3dPiece

#: In the order in which ``js/src/protocol.ts`` lists them.
MESSAGES: tuple[type[Outgoing], ...] = (
    WholeState,
    StateChange,
    Ack,
    WhoShows,
    ImageOpened,
    Slice,
    StreamReady,
    StreamPiece,
    MaskRegion,
    StrokeTaken,
    Reveal,
    Images,
    Thumbnail,
    Prompts,
    FrameShown,
    Versions,
    OtherLabelRegion,
    UncertainRegion,
    NoUncertainRegion,
    UncertaintyPart,
    NoUncertainty,
    GoTo,
    Agreement,
    LabelVolumes,
    TrainingJob,
    PreAnnotationJob,
    ScoringJob,
    ImagesChanged,
    TeamStatus,
    Error,
    Progress,
    View3dScript,
    Surfaces,
    SurfacePiece,
    Volume3dPiece,
)


def to_wire(message: Outgoing) -> dict[str, Any]:
    """The message as plain values, as it is sent."""
    content: dict[str, Any] = msgspec.to_builtins(message, str_keys=True)
    return content


def message_types() -> dict[str, type[Outgoing]]:
    """Every message that the kernel can send, by the text of its ``type``."""
    return {str(one.__struct_config__.tag): one for one in MESSAGES}
