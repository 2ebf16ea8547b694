"""The open image: its geometry, its slices, its volume as a stream, and its frames."""

from __future__ import annotations

from typing import Literal

from jlabel.labeler.protocol.message import Incoming, Outgoing
from jlabel.labeler.protocol.values import MaskDtype, Position, Step, Value, Window

Dtype = Literal["uint8", "int16", "uint16", "float32"]
PlaneName = Literal["axial", "coronal", "sagittal"]
Spacing = tuple[float, float, float]
Letters = tuple[str, str, str, str]


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


class Pull(Incoming, frozen=True, kw_only=True, tag="pull"):
    """Ask for ``count`` more pieces of a stream; a page keeps four under way."""

    client: str
    epoch: int
    stream: int
    count: int


class ShowFrame(Incoming, frozen=True, kw_only=True, tag="frame"):
    """Show another frame of a 4D image."""

    epoch: int
    frame: int


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


class FrameShown(Outgoing, frozen=True, kw_only=True, tag="frame"):
    """Another frame of the same image: its slices and its stream follow. The mask stays."""

    epoch: int
    frame: int
