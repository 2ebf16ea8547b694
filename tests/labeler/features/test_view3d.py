"""What a page with a 3D view is sent."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from jlabel import AppManager, LabelApp
from jlabel.errors import JlabelError
from jlabel.imaging import Region
from jlabel.imaging.rendering.overview import overview
from jlabel.imaging.rendering.surface import label_surface
from jlabel.labeler.features import label_surfaces as surfaces_module
from jlabel.labeler.features import view3d as view3d_module
from jlabel.labeler.protocol import chunks as pieces_module
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.widget import labeler as labeler_module
from tests.widget.known_state import as_sent

SHAPE = (20, 18, 16)
AFFINE = np.diag([-1.5, 1.0, 2.0, 1.0])


class Page:
    """A page that asks for 3D, and puts together what comes in pieces."""

    def __init__(self, studies: Path, monkeypatch: pytest.MonkeyPatch, image_id: str | None = None) -> None:
        monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
        self.manager = AppManager(LabelApp(studies, labels=["first", "second"]))
        self.labeler = self.manager.labeler(image_id)
        self.controller = self.labeler._controller
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        monkeypatch.setattr(
            self.labeler, "send", lambda content, buffers: self.heard.append((as_sent(content), buffers))
        )
        self.ask("hello", protocol=PROTOCOL)

    def _hear(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.heard.append((as_sent(content), buffers))

    def ask(self, kind: str, **content: Any) -> None:
        self.labeler._on_message(self.labeler, {"type": kind, "client": "page", **content}, [])

    def surfaces(self, **known: int) -> dict[int, dict[str, Any]]:
        """Ask for the surfaces, and wait for the last word: the messages by label value."""
        self.heard.clear()
        had = {name.removeprefix("v"): version for name, version in known.items()}
        self.ask("surfaces", epoch=self.controller.open_image.epoch, known=had)
        self.wait_for(lambda m: m["type"] == "surfaces" and m["left"] == 0)
        return {m["value"]: m for m, _ in self.heard if m["type"] == "surface" and m["piece"] == 0}

    def paint(self, lower: tuple[int, ...], upper: tuple[int, ...], value: int) -> None:
        region = Region(lower, upper)
        with self.labeler._controller.lock:
            self.controller.features.painting.paint(region, np.ones(region.shape, bool), value)

    def data(self, kind: str, value: int | None = None) -> bytes:
        """The whole of a thing that came in pieces."""
        parts = [(m, b) for m, b in self.heard if m["type"] == kind and value in (None, m.get("value"))]
        assert [m["piece"] for m, _ in parts] == list(range(parts[0][0]["pieces"]))
        assert all(len(b[0]) <= pieces_module.PIECE_BYTES for _, b in parts)
        return zlib.decompress(b"".join(b[0] for _, b in parts))

    def wait_for(self, found: Any) -> dict[str, Any]:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for message, _ in list(self.heard):
                if found(message):
                    return message
            time.sleep(0.005)
        raise AssertionError(f"heard only {[m['type'] for m, _ in self.heard]}")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    array = np.zeros(SHAPE, np.int16)
    array[5:15, 5:15, 5:15] = 100
    nib.save(nib.Nifti1Image(array, AFFINE), tmp_path / "case.nii.gz")
    page = Page(tmp_path, monkeypatch)
    yield page
    page.labeler.close()
    page.manager.close()


def test_surfaces_come_in_millimetres_and_only_the_changed_ones_again(page):
    page.paint((2, 3, 4), (8, 9, 10), 1)
    page.paint((12, 3, 4), (15, 9, 10), 2)
    first = page.surfaces()
    assert set(first) == {1, 2}
    data, count = page.data("surface", 1), first[1]["vertices"]
    vertices = np.frombuffer(data[: 12 * count], np.float32).reshape(-1, 3)
    faces = np.frombuffer(data[12 * count :], np.uint32).reshape(-1, 3)
    assert faces.max() == count - 1
    np.testing.assert_allclose(vertices.mean(axis=0), (AFFINE @ [4.5, 5.5, 6.5, 1])[:3], atol=0.1)

    page.paint((12, 3, 4), (16, 9, 10), 2)
    again = page.surfaces(v1=first[1]["version"], v2=first[2]["version"])
    assert set(again) == {2}
    page.labeler.undo()
    page.labeler.undo()
    page.labeler.undo()
    assert page.surfaces(v1=first[1]["version"]) == {}
    assert page.wait_for(lambda m: m["type"] == "surfaces")["labels"] == []


def test_a_page_that_wants_no_more_is_not_waited_upon_and_can_go_on(page, monkeypatch):
    page.paint((2, 3, 4), (8, 9, 10), 1)
    page.paint((12, 3, 4), (15, 9, 10), 2)
    made: list[int] = []

    def stopped_in_the_second(inside: Any, *args: Any, **options: Any) -> Any:
        made.append(int(inside.sum()))
        if len(made) == 2:
            page.ask("stop3d")
        return label_surface(inside, *args, **options)

    monkeypatch.setattr(surfaces_module, "label_surface", stopped_in_the_second)
    page.heard.clear()
    page.ask("surfaces", epoch=page.controller.open_image.epoch, known={})
    page.ask("view3d")
    page.wait_for(lambda m: m["type"] == "view3d")
    said = [m for m, _ in page.heard if m["type"] in ("surfaces", "surface", "error")]
    assert [(m["type"], m.get("left")) for m in said] == [("surfaces", 2), ("surface", None), ("surfaces", 1)]
    rest = page.surfaces(v1=said[1]["version"])
    assert set(rest) == {2}
    assert len(made) == 3


def test_a_stopped_volume_is_made_when_it_is_wanted_again(page, monkeypatch):
    wanted = {"epoch": page.controller.open_image.epoch, "window": [0, 200]}

    def stopped(image: Any, **options: Any) -> Any:
        page.ask("stop3d")
        return overview(image, **options)

    monkeypatch.setattr(view3d_module, "overview", stopped)
    page.heard.clear()
    page.ask("volume3d", **wanted)
    page.ask("view3d")
    page.wait_for(lambda m: m["type"] == "view3d")
    assert {m["type"] for m, _ in page.heard} & {"volume3d", "error"} == set()
    monkeypatch.setattr(view3d_module, "overview", overview)
    page.ask("volume3d", **wanted)
    page.wait_for(lambda m: m["type"] == "volume3d" and m["piece"] == m["pieces"] - 1)


def test_another_page_gets_what_is_known(page):
    page.paint((2, 3, 4), (8, 9, 10), 1)
    version = page.surfaces()[1]["version"]
    assert page.surfaces()[1]["version"] == version


def test_the_volume_comes_through_the_window_in_pieces(page, monkeypatch):
    monkeypatch.setattr(pieces_module, "PIECE_BYTES", 50)
    page.ask("volume3d", epoch=page.controller.open_image.epoch, window=[0, 200])
    done = page.wait_for(lambda m: m["type"] == "volume3d" and m["piece"] == m["pieces"] - 1)
    assert done["pieces"] > 1
    assert done["shape"] == list(SHAPE)
    np.testing.assert_allclose(done["affine"], AFFINE)
    volume = np.frombuffer(page.data("volume3d"), np.uint8).reshape(SHAPE, order="F")
    assert volume[10, 10, 10] == 128
    assert volume[0, 0, 0] == 0


def test_what_is_asked_for_an_image_that_was_left_is_dropped(page):
    page.heard.clear()
    page.ask("surfaces", epoch=0, known={})
    page.ask("volume3d", epoch=0, window=[0, 1])
    page.ask("view3d")
    page.wait_for(lambda m: m["type"] == "view3d")
    assert {m["type"] for m, _ in page.heard} <= {"view3d", "state", "changed"}


def test_the_script_comes_whole_or_with_a_reason(page, monkeypatch):
    view3d = page.controller.features.view3d
    monkeypatch.setattr(view3d, "_script", lambda: "export const createScene = () => {};")
    page.ask("view3d")
    page.wait_for(lambda m: m["type"] == "view3d")
    assert page.data("view3d").startswith(b"export")

    def missing() -> str:
        raise JlabelError("it is not built")

    monkeypatch.setattr(view3d, "_script", missing)
    page.heard.clear()
    page.ask("view3d")
    assert page.wait_for(lambda m: m["type"] == "view3d")["error"] == "it is not built"


def test_a_picture_has_no_3d(tmp_path, monkeypatch):
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "slide.png")
    page = Page(tmp_path, monkeypatch)
    page.ask("surfaces", epoch=page.controller.open_image.epoch, known={})
    assert "third dimension" in page.wait_for(lambda m: m["type"] == "error")["text"]
    page.labeler.close()
    page.manager.close()
