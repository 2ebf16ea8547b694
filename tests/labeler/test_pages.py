"""The pages of a labeler: who is told what of an image and its mask."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.annotation.draft import Draft
from jlabel.imaging import Image, Region, decode_voxels
from jlabel.imaging.intensity import Intensities
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.pages import Pages
from jlabel.labeler.protocol import encoding
from jlabel.labeler.protocol.page_messages import Error

SHAPE = (6, 5, 4)


class Wire:
    """Hears what is sent, and puts each page's mask together from it."""

    def __init__(self) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []

    def __call__(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.sent.append((content, buffers))

    def kinds(self, client: str | None = None) -> list[str]:
        """The types of the messages to all, or to one page."""
        return [content["type"] for content, _ in self.sent if content.get("client") == client]

    def mask(self, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
        volume = np.zeros((*shape, 1)[:3], np.uint16)
        for content, buffers in self.sent:
            if content["type"] == "mask":
                region = Region.from_flat(content["region"])
                volume[region.slices] = decode_voxels(buffers[0], region, content["dtype"])
        return volume.reshape(shape)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def pages(wire: Wire) -> Pages:
    return Pages(wire)


def opened(shape: tuple[int, ...] = SHAPE, start: Any = None) -> OpenImage:
    image = Image(np.zeros(shape, np.int16), np.eye(4))
    return OpenImage("case", 3, image, Draft(shape, start), Intensities(0, 1, 0, 1))


def random_mask(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 4, shape, dtype=np.uint8)


def test_without_a_page_nothing_is_sent_and_nothing_packed(
    pages: Pages, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = opened(start=random_mask())
    monkeypatch.setattr(encoding, "encode_voxels", lambda _: pytest.fail("voxels were packed for nobody"))
    pages.publish(Error(text="nobody hears it"))
    pages.show_image(image)
    pages.show_frame(image)
    pages.show_mask(image, Region.whole(SHAPE))
    assert wire.sent == []


def test_a_message_is_sent_with_its_buffers(pages: Pages, wire: Wire) -> None:
    pages.connect("one")
    pages.publish(Error(text="no"), b"a", b"b")
    assert wire.sent == [({"type": "error", "text": "no"}, [b"a", b"b"])]


def test_a_page_that_says_hello_again_is_one_page(pages: Pages) -> None:
    for page in ("one", "other", "one"):
        pages.connect(page)
    assert pages.connected == ("other", "one")


def test_of_more_than_sixteen_the_oldest_is_forgotten(pages: Pages, wire: Wire) -> None:
    for number in range(17):
        pages.connect(f"page {number}")
    assert pages.connected == tuple(f"page {number}" for number in range(1, 17))
    # One that says hello again is the newest, and nobody has to go.
    pages.connect("page 1")
    assert pages.connected == (*(f"page {number}" for number in range(2, 17)), "page 1")
    pages.show_image(opened())
    assert {content["client"] for content, _ in wire.sent if content["type"] == "stream"} == set(pages.connected)


@given(st.lists(st.integers(0, 30), max_size=60))
def test_the_last_sixteen_to_say_hello_are_known(hellos: list[int]) -> None:
    pages = Pages(lambda *_: None)
    for page in hellos:
        pages.connect(str(page))
    last = dict.fromkeys(reversed([str(page) for page in hellos]))
    assert pages.connected == tuple(list(last)[:16][::-1])


def test_an_image_begins_on_all_pages_at_once_and_streams_to_each(pages: Pages, wire: Wire) -> None:
    pages.connect("one")
    pages.connect("other")
    pages.show_image(opened())
    assert wire.kinds() == ["image"]
    assert wire.kinds("one") == wire.kinds("other") == ["stream"]
    streams = [content["stream"] for content, _ in wire.sent if content["type"] == "stream"]
    assert len(set(streams)) == 2


def test_a_new_page_alone_gets_the_image_with_its_mask(pages: Pages, wire: Wire) -> None:
    mask = random_mask()
    pages.connect("one")
    pages.connect("new")
    pages.show_image_to("new", opened(start=mask))
    assert wire.kinds() == wire.kinds("one") == []
    assert wire.kinds("new") == ["image", "mask", "stream"]
    np.testing.assert_array_equal(wire.mask(), mask)


def test_an_empty_mask_is_not_sent(pages: Pages, wire: Wire) -> None:
    pages.connect("new")
    pages.show_image_to("new", opened())
    assert wire.kinds("new") == ["image", "stream"]


def test_another_frame_keeps_the_mask_and_streams_anew(pages: Pages, wire: Wire) -> None:
    pages.connect("one")
    image = opened(start=random_mask())
    former = image.stream_to("one").stream
    image.show_frame(Image(np.ones(SHAPE, np.int16), np.eye(4), frames=3, frame=2))
    pages.show_frame(image)
    assert wire.kinds() == ["frame"]
    assert wire.sent[0][0] == {"type": "frame", "epoch": 3, "frame": 2}
    assert wire.kinds("one") == ["stream"]
    assert list(image.pull("one", former, 1)) == []


@pytest.mark.parametrize("shape", [SHAPE, (9, 7)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_part_of_the_mask_comes_in_small_messages(
    pages: Pages, wire: Wire, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], dtype: str
) -> None:
    monkeypatch.setattr(encoding, "MASK_VOXELS", 20)
    mask = random_mask(shape).astype(dtype)
    mask.flat[0] = 300 if dtype == "uint16" else 3
    region = Region((1,) * len(shape), shape)
    pages.connect("one")
    pages.show_mask(opened(shape, start=mask), region)
    assert len(wire.sent) > 1
    assert {content["dtype"] for content, _ in wire.sent} == {dtype}
    shown = wire.mask(shape)
    np.testing.assert_array_equal(shown[region.slices], mask[region.slices])
    shown[region.slices] = 0
    assert not shown.any()


def test_the_mask_says_which_strokes_it_holds(pages: Pages, wire: Wire) -> None:
    pages.connect("one")
    image = opened(start=random_mask())
    image.acked["one"] = 7
    pages.show_mask(image, Region((0, 0, 0), (1, 1, 1)))
    image.acked["one"] = 8
    # What was said is what was so at that moment.
    assert [content["acked"] for content, _ in wire.sent] == [{"one": 7}]


def test_no_region_is_no_message(pages: Pages, wire: Wire) -> None:
    pages.connect("one")
    pages.show_mask(opened(), None)
    assert wire.sent == []


def test_a_step_is_sent_as_the_history_has_it(pages: Pages, wire: Wire) -> None:
    pages.connect("one")
    image = opened()
    image.draft.paint(Region((1, 1, 1), (3, 3, 3)), np.ones((2, 2, 2), bool), 2)
    step = image.draft.history.next_undo
    assert step is not None
    # The draft has two bytes a voxel by now, the step of before has one.
    image.draft.widen(image.draft.mask.astype(np.uint16))
    pages.show_patches(image, [(patch, patch.after) for patch in step.patches])
    assert {content["dtype"] for content, _ in wire.sent} == {"uint8"}
    np.testing.assert_array_equal(wire.mask(), image.draft.mask)
    pages.show_patches(image, [(patch, patch.before) for patch in step.patches])
    assert not wire.mask().any()
