"""What the kernel tells the pages: one class a message.

``client`` names the page that is meant; messages without it are for all. Voxels travel in buffers beside the message,
in Fortran order (the first array axis is the fastest; the three bytes of an RGB voxel are together). Masks and strokes
are zlib-compressed (:func:`jlabel.imaging.encode_voxels`), image voxels are not. No message is larger than 4 MB.
``epoch`` grows by one with every opened image: a page drops what carries another epoch.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.values import (
    AgreementRow,
    Header,
    ImageRow,
    JobInfo,
    MaskDtype,
    Position,
    PromptInfo,
    TagVersions,
    WireRegion,
)


class Outgoing(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="type", omit_defaults=True):
    """A message to one page, or to all."""

    client: str | None = None


class WholeState(Outgoing, frozen=True, kw_only=True, tag="state"):
    """Everything small that the kernel knows, for a page that is new."""

    state: State


class StateChange(Outgoing, frozen=True, kw_only=True, tag="changed"):
    """What is another now, of what :class:`WholeState` says; the rest is as it was."""

    state: State


class Ack(Outgoing, frozen=True, kw_only=True, tag="ack"):
    """All messages of this page up to ``seq`` were handled.

    ``early``: the one of that number was not, since one before it is missing.
    """

    client: str
    seq: int
    early: int | None = None


class WhoShows(Outgoing, frozen=True, kw_only=True, tag="who_shows"):
    """Every page is to say how many views of the labeler it has (:class:`~.incoming.Shown`)."""


class ImageOpened(Outgoing, frozen=True, kw_only=True, tag="image"):
    """A new image: forget the former one. The mask starts as all 0."""

    epoch: int
    header: Header


class Slice(Outgoing, frozen=True, kw_only=True, tag="slice"):
    """One slice ahead of the stream: buffer of its voxels, the two other array axes in increasing order."""

    epoch: int
    normal: int
    index: int


class StreamReady(Outgoing, frozen=True, kw_only=True, tag="stream"):
    """The stream is ready to be pulled: ``bytes`` in all, in ``pieces`` pieces."""

    client: str
    epoch: int
    stream: int
    bytes: int
    pieces: int


class StreamPiece(Outgoing, frozen=True, kw_only=True, tag="piece"):
    """A piece: one buffer, to be put at byte ``offset`` of the volume. Pieces come in any order, the middle first."""

    client: str
    epoch: int
    stream: int
    offset: int


class MaskRegion(Outgoing, frozen=True, kw_only=True, tag="mask"):
    """The mask in ``region`` is now this (buffer of ``dtype``).

    ``acked`` is the ``seq`` of each client's last stroke that it holds: a page paints its own later strokes over it
    again.
    """

    epoch: int
    region: WireRegion
    dtype: MaskDtype
    acked: dict[str, int]


class StrokeTaken(Outgoing, frozen=True, kw_only=True, tag="edited"):
    """A stroke was taken: region, value and buffer for the other pages; the sender drops it from its list."""

    client: str
    epoch: int
    seq: int
    value: int
    region: WireRegion


class Reveal(Outgoing, frozen=True, kw_only=True, tag="reveal"):
    """What was undone or redone lies here: a view that shows none of it goes there."""

    epoch: int
    region: WireRegion


class Images(Outgoing, frozen=True, kw_only=True, tag="images"):
    """Images of the list from ``offset`` on; the whole list has ``total``. ``notes`` say what was left out of it.

    ``scores`` says which scores the images have; None where there are none.
    """

    client: str
    request: int
    offset: int
    total: int
    entries: list[ImageRow]
    notes: list[str]
    scores: str | None


class Thumbnail(Outgoing, frozen=True, kw_only=True, tag="thumbnail"):
    """A buffer with a JPEG, or the problem in words."""

    client: str
    image: str
    problem: str | None = None


class Prompts(Outgoing, frozen=True, kw_only=True, tag="prompts"):
    """All prompts by id, in order.

    ``put`` are those that are new or another, or some of them: more of these messages follow.
    """

    epoch: int
    ids: list[str]
    put: list[PromptInfo]


class FrameShown(Outgoing, frozen=True, kw_only=True, tag="frame"):
    """Another frame of the same image: its slices and its stream follow. The mask stays."""

    epoch: int
    frame: int


class Versions(Outgoing, frozen=True, kw_only=True, tag="versions"):
    """All saved labels of the image."""

    client: str
    epoch: int
    tags: list[TagVersions]


class OtherLabelRegion(Outgoing, frozen=True, kw_only=True, tag="other"):
    """The label beside the draft in ``region`` (buffer of ``dtype``); the rest of it is 0."""

    epoch: int
    number: int
    region: WireRegion
    dtype: MaskDtype


class UncertainRegion(Outgoing, frozen=True, kw_only=True, tag="uncertain"):
    """Voxels of label ``value`` that the model's last answer is not sure of.

    Buffer (uint8): 1 where it is not, in ``region``, a part of ``box``. Another ``number`` begins anew, with all 0.
    """

    epoch: int
    number: int
    value: int
    box: WireRegion
    region: WireRegion


class NoUncertainRegion(Outgoing, frozen=True, kw_only=True, tag="no_uncertain"):
    """There are no uncertain voxels to show."""

    epoch: int


class UncertaintyPart(Outgoing, frozen=True, kw_only=True, tag="uncertainty"):
    """How unsure a model is of the voxels of ``region``, a part of ``box``: buffer (uint8) from 0, sure, to 255.

    It is sure of all other voxels. Another ``number`` begins anew.
    """

    epoch: int
    number: int
    box: WireRegion
    region: WireRegion


class NoUncertainty(Outgoing, frozen=True, kw_only=True, tag="no_uncertainty"):
    """There is no uncertainty to show."""

    epoch: int


class GoTo(Outgoing, frozen=True, kw_only=True, tag="go_to"):
    """Move the crosshair there."""

    client: str
    epoch: int
    position: Position


class Agreement(Outgoing, frozen=True, kw_only=True, tag="agreement"):
    """How well the draft agrees with the label of that ``number``; ``millilitres`` of a voxel, None for pictures."""

    epoch: int
    number: int
    millilitres: float | None
    rows: list[AgreementRow]


class LabelVolumes(Outgoing, frozen=True, kw_only=True, tag="volumes"):
    """Voxels of each label value in the draft, and the volume of a voxel in ml (None in a picture)."""

    epoch: int
    counts: list[tuple[int, int]]
    voxel_ml: float | None


class TrainingJob(Outgoing, frozen=True, kw_only=True, tag="training"):
    """How the newest training stands."""

    job: JobInfo


class PreAnnotationJob(Outgoing, frozen=True, kw_only=True, tag="first_masks"):
    """How the newest making of first masks stands."""

    job: JobInfo


class ScoringJob(Outgoing, frozen=True, kw_only=True, tag="scoring"):
    """How the newest scoring of images stands."""

    job: JobInfo


class ImagesChanged(Outgoing, frozen=True, kw_only=True, tag="images_changed"):
    """Images or labels have come or gone: an open list of images is to be asked for again."""


class Error(Outgoing, frozen=True, kw_only=True, tag="error"):
    """What went wrong, in words."""

    text: str


class Progress(Outgoing, frozen=True, kw_only=True, tag="progress"):
    """How far the kernel is with what it does, 0 to 1."""

    epoch: int
    text: str
    fraction: float


class View3dScript(Outgoing, frozen=True, kw_only=True, tag="view3d"):
    """A piece of the 3D view's script, or why there is none. Pieces come in order; together they are zlib."""

    client: str
    piece: int
    pieces: int
    error: str | None = None


class Surfaces(Outgoing, frozen=True, kw_only=True, tag="surfaces"):
    """Which labels have a surface, and how many are still to be found."""

    client: str
    epoch: int
    labels: list[int]
    left: int


class SurfacePiece(Outgoing, frozen=True, kw_only=True, tag="surface"):
    """A piece of a surface: float32 x, y, z of each vertex in RAS+ mm, then uint32 indices of each triangle."""

    client: str
    epoch: int
    value: int
    version: int
    vertices: int
    piece: int
    pieces: int


class Volume3dPiece(Outgoing, frozen=True, kw_only=True, tag="volume3d"):
    """A piece of the volume: one byte a voxel, the first axis the fastest."""

    client: str
    epoch: int
    shape: Position
    affine: list[list[float]]
    piece: int
    pieces: int


def to_wire(message: Outgoing) -> dict[str, Any]:
    """The message as plain values, as it is sent."""
    content: dict[str, Any] = msgspec.to_builtins(message, str_keys=True)
    return content


def message_types() -> dict[str, type[Outgoing]]:
    """Every message that the kernel can send, by the text of its ``type``."""
    return {str(one.__struct_config__.tag): one for one in Outgoing.__subclasses__()}
