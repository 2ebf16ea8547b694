"""One opened image in the labeler: the image, its draft, and the streams to the pages that show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jlabel.imaging import Image
from jlabel.imaging.intensity import Intensities
from jlabel.widget.draft import Draft
from jlabel.widget.protocol import header
from jlabel.widget.stream import PIECE_BYTES, Piece, VolumeStream, as_volume

Message = tuple[dict[str, Any], list[bytes]]


@dataclass
class _Progress:
    number: int
    left: Iterator[Piece]


@dataclass
class OpenedImage:
    """What the labeler holds of the image on screen.

    Attributes:
        image_id: Its id.
        epoch: Grows by one with every opened image.
        image: The image.
        draft: The mask that is worked on.
        statistics: For the first window and level.
        acked: The last stroke of each page that the draft holds.
        version: The label's version that the draft goes on from, None where there was none.
    """

    image_id: str
    epoch: int
    image: Image
    draft: Draft
    statistics: Intensities
    acked: dict[str, int] = field(default_factory=dict)
    version: int | None = None
    _streams: dict[str, _Progress] = field(default_factory=dict)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.voxels = VolumeStream(self.image)

    def opening(self) -> list[Message]:
        """The messages that begin the image: what it is, and the slices on screen."""
        begin = {
            "type": "image",
            "epoch": self.epoch,
            "header": header(self.image, self.image_id, self.draft.mask, self.statistics),
        }
        return [(begin, []), *self.slices()]

    def show_frame(self, image: Image) -> None:
        """Another frame of the same file; streams that are under way are given up."""
        self.image = image
        self.voxels = VolumeStream(image)
        self._streams.clear()

    def slices(self) -> list[Message]:
        """The messages with the slices that are on the screen at first."""
        shape = as_volume(self.image.array, self.image.ndim).shape[:3]
        messages: list[Message] = []
        # Across the last axis first: it is one run of memory, and for most files the axial plane.
        for normal in (2, 1, 0):
            index = shape[normal] // 2
            slice_ = {"type": "slice", "epoch": self.epoch, "normal": normal, "index": index}
            # A small volume is there at once anyway, and no message may be large.
            if len(self.voxels.pieces) > 1 and self.voxels.total_bytes // shape[normal] <= PIECE_BYTES:
                messages.append((slice_, [self.voxels.slice(normal, index)]))
        return messages

    def stream_to(self, client: str) -> dict[str, Any]:
        """Begin a stream to a page; one that was under way to it is given up."""
        self._numbers += 1
        self._streams[client] = _Progress(self._numbers, iter(self.voxels.pieces))
        return {
            "type": "stream",
            "client": client,
            "epoch": self.epoch,
            "stream": self._numbers,
            "bytes": self.voxels.total_bytes,
            "pieces": len(self.voxels.pieces),
        }

    def pull(self, client: str, stream: int, count: int) -> Iterator[Message]:
        """The next pieces for a page; none for a stream that was given up."""
        progress = self._streams.get(client)
        if progress is None or progress.number != stream:
            return
        for _ in range(count):
            piece = next(progress.left, None)
            if piece is None:
                return
            content = {"type": "piece", "client": client, "epoch": self.epoch, "stream": stream, "offset": piece.offset}
            yield content, [self.voxels.read(piece)]
