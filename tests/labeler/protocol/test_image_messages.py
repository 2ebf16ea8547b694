"""An image is told before its voxels, which a page then pulls."""

from __future__ import annotations

from jlabel.labeler.protocol.image_messages import (
    FrameShown,
    Header,
    ImageOpened,
    PlaneInfo,
    Pull,
    ShowFrame,
    StreamReady,
)
from jlabel.labeler.protocol.incoming import parse
from jlabel.labeler.protocol.outgoing import to_wire


def plane(normal: int) -> PlaneInfo:
    return PlaneInfo(
        name="axial", normal=normal, right=(0, -1), down=(1, 1), letters=("R", "L", "A", "P"), superior_step=1
    )


def test_all_that_a_page_has_to_know_of_an_image_comes_before_its_first_voxel() -> None:
    told = to_wire(
        ImageOpened(
            epoch=3,
            header=Header(
                id="ct",
                shape=(4, 3, 1),
                dtype="int16",
                channels=1,
                spacing=(0.5, 0.5, 2.0),
                affine=[[0.5, 0.0, 0.0, 0.0], [0.0, 0.5, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0], [0.0, 0.0, 0.0, 1.0]],
                oriented=True,
                planes=(plane(2), plane(1), plane(0)),
                flat="axial",
                window=(-100, 200.5),
                inverted=False,
                frames=1,
                frame=0,
                mask_dtype="uint8",
                notes={},
                stamp="a1",
            ),
        )
    )
    assert told["epoch"] == 3
    assert told["header"]["maskDtype"] == "uint8"
    assert told["header"]["window"] == (-100, 200.5)
    assert [one["superiorStep"] for one in told["header"]["planes"]] == [1, 1, 1]


def test_a_page_pulls_the_pieces_of_a_stream() -> None:
    told = to_wire(StreamReady(client="p", epoch=1, stream=2, bytes=900, pieces=3))
    assert told == {"type": "stream", "client": "p", "epoch": 1, "stream": 2, "bytes": 900, "pieces": 3}
    pulled = parse({"type": "pull", "client": "p", "epoch": 1, "stream": 2, "count": 3})
    assert pulled == Pull(client="p", epoch=1, stream=2, count=3)


def test_another_frame_is_asked_for_and_told() -> None:
    assert parse({"type": "frame", "epoch": 1, "frame": 5}) == ShowFrame(epoch=1, frame=5)
    assert to_wire(FrameShown(epoch=1, frame=5)) == {"type": "frame", "epoch": 1, "frame": 5}
