"""One opened image in the labeler: the image, its draft, and the streams to the pages that show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jlabel.annotation.draft import Draft
from jlabel.datastores import FINAL, ORIGINAL
from jlabel.errors import LabelError
from jlabel.imaging import Image
from jlabel.imaging.intensity import Intensities
from jlabel.labeler.holding import NOBODY, Holding
from jlabel.labeler.protocol.encoding import header
from jlabel.labeler.protocol.image_messages import ImageOpened, Slice, StreamPiece, StreamReady
from jlabel.labeler.protocol.message import Outgoing
from jlabel.labeler.protocol.volume_stream import PIECE_BYTES, Piece, VolumeStream, as_volume

Message = tuple[Outgoing, *tuple[bytes, ...]]
"""A message and its buffers."""


@dataclass
class _Progress:
    number: int
    left: Iterator[Piece]


@dataclass(frozen=True)
class UnshownLabel:
    """A saved label that could not be shown, so that the draft does not begin with it.

    Attributes:
        tag: Its tag.
        problem: What is wrong with it, in words.
        fits: It is whole, but drawn in another voxel grid: it can be fitted into the image's.
    """

    tag: str
    problem: str
    fits: bool


@dataclass
class OpenImage:
    """What the labeler holds of the image on screen.

    Attributes:
        image_id: Its id.
        epoch: Grows by one with every opened image.
        image: The image.
        draft: The mask that is worked on.
        statistics: For the first window and level.
        acked: The last stroke of each page that the draft holds.
        version: The label's version that the draft goes on from, None where there was none.
        made_by: The models that made the draft, with their versions.
        unshown: The saved label, where it could not be shown.
        first_mask: The model whose mask the draft began with, with its version; "" where nobody knows which. None where
            it did not begin with one.
        notes: What was kept besides with a draft that was not saved, by topic; anybody may have written it.
        tag: Under which tag its label is saved.
        holding: Who works on it.
        reason: Why it was chosen, in words; empty where a person opened it by its name.
        stamp: What tells the image, as it was opened, from every other one.
        file_stamp: Time and size of the file that the image was read from.
    """

    image_id: str
    epoch: int
    image: Image
    draft: Draft
    statistics: Intensities
    acked: dict[str, int] = field(default_factory=dict)
    version: int | None = None
    made_by: tuple[str, ...] = ()
    unshown: UnshownLabel | None = None
    first_mask: str | None = None
    notes: Mapping[str, Any] = field(default_factory=dict)
    file_stamp: tuple[int, int] | None = None
    stamp: str = ""
    reason: str = ""
    tag: str = FINAL
    holding: Holding = NOBODY
    _streams: dict[str, _Progress] = field(default_factory=dict)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.voxels = VolumeStream(self.image)

    def may_show(self, tag: str) -> bool:
        """Whether its label of a tag may be shown: one of several readers sees nothing that the others have drawn."""
        return self.holding.reading_tag is None or tag in (self.tag, ORIGINAL)

    def check_shown(self, tag: str) -> None:
        """Refuse to show the label of a tag that may not be shown.

        Raises:
            LabelError: It is another reader's, or was made of what readers have drawn.
        """
        if not self.may_show(tag):
            raise LabelError(f"several people read {self.image_id}: the label {tag!r} is shown once all have read it")

    def opening(self, page: str | None = None) -> list[Message]:
        """The messages that begin the image, for one page or all: what it is, and the slices on screen."""
        what = header(self.image, self.image_id, self.draft.mask, self.statistics, self.stamp)
        return [(ImageOpened(client=page, epoch=self.epoch, header=what),), *self.slices(page)]

    def show_frame(self, image: Image) -> None:
        """Another frame of the same file; streams that are under way are given up."""
        self.image = image
        self.voxels = VolumeStream(image)
        self._streams.clear()

    def slices(self, page: str | None = None) -> list[Message]:
        """The messages with the slices that are on the screen at first."""
        shape = as_volume(self.image.array, self.image.ndim).shape[:3]
        messages: list[Message] = []
        # Across the last axis first: it is one run of memory, and for most files the axial plane.
        for normal in (2, 1, 0):
            index = shape[normal] // 2
            # A small volume is there at once anyway, and no message may be large.
            if len(self.voxels.pieces) > 1 and self.voxels.total_bytes // shape[normal] <= PIECE_BYTES:
                message = Slice(client=page, epoch=self.epoch, normal=normal, index=index)
                messages.append((message, self.voxels.slice(normal, index)))
        return messages

    def stream_to(self, client: str) -> StreamReady:
        """Begin a stream to a page; one that was under way to it is given up."""
        self._numbers += 1
        self._streams[client] = _Progress(self._numbers, iter(self.voxels.pieces))
        return StreamReady(
            client=client,
            epoch=self.epoch,
            stream=self._numbers,
            bytes=self.voxels.total_bytes,
            pieces=len(self.voxels.pieces),
        )

    def pull(self, client: str, stream: int, count: int) -> Iterator[Message]:
        """The next pieces for a page; none for a stream that was given up."""
        progress = self._streams.get(client)
        if progress is None or progress.number != stream:
            return
        for _ in range(count):
            piece = next(progress.left, None)
            if piece is None:
                return
            message = StreamPiece(client=client, epoch=self.epoch, stream=stream, offset=piece.offset)
            yield message, self.voxels.read(piece)
