"""The labeler without a browser: what it does when asked from Python, and what it tells a page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from jlabel.app import LabelApp
from jlabel.errors import DatastoreError, ImageError, JlabelError, KeyMapError
from jlabel.imaging import encode_voxels
from jlabel.manager import AppManager
from jlabel.tasks import InferTask, InitialMask, InteractiveTask
from jlabel.widget import Labeler
from jlabel.widget import keys as keys_module
from jlabel.widget import labeler as labeler_module

SHAPE = (12, 10, 8)


class Ball(InteractiveTask):
    """A ball of radius 2 around each positive click, less one around each negative."""

    takes_mask = True

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.gate = threading.Event()
        self.gate.set()

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        assert self.gate.wait(10)
        inside = np.zeros(crop.shape, bool)
        index = np.moveaxis(np.indices(crop.shape), 0, -1)
        for prompt in crop.prompts:
            if isinstance(prompt, InitialMask):
                inside |= prompt.mask != 0
                continue
            ball = np.linalg.norm(index - np.array(prompt.position), axis=-1) <= 2
            inside = inside | ball if prompt.positive else inside & ~ball
        return inside


class Everything(InferTask):
    """An automatic model that calls everything above 50 the first label."""

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        from jlabel.imaging import Region
        from jlabel.tasks import InferResult

        values = (request.image.array > 50).astype(np.uint8)
        return InferResult(Region.whole(values.shape), values, values.shape, {"a": 1})


class App(LabelApp):
    def init_infers(self):
        return {"ball": Ball(), "auto": Everything()}


class Page:
    """Stands for a page of the browser: hears what the labeler tells, and asks."""

    def __init__(self, labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[tuple[dict[str, Any], list[bytes]]] = []
        self.labeler = labeler
        monkeypatch.setattr(labeler, "send", lambda content, buffers: self.heard.append((content, buffers)))
        self.ask("hello", client="page", protocol=1)

    def ask(self, kind: str, *buffers: bytes, **content: Any) -> None:
        self.labeler._on_browser(self.labeler, {"type": kind, **content}, list(buffers))

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [content for content, _ in self.heard if content["type"] == kind]

    def prompts(self) -> list[dict[str, Any]]:
        """The prompts as a page puts them together from what it was told."""
        known: dict[str, dict[str, Any]] = {}
        ids: list[str] = []
        for message in self.told("prompts"):
            known |= {prompt["id"]: prompt for prompt in message["put"]}
            ids = message["ids"]
        return [known[name] for name in ids]

    def state(self) -> dict[str, Any]:
        return self.told("state")[-1]["state"]

    def wait_long(self, true: Callable[[], bool]) -> None:
        """Wait for what a process of its own does."""
        self.wait(true, 60)

    def wait(self, true: Callable[[], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"waited in vain; errors: {self.told('error')}"
            time.sleep(0.005)

    def click(self, position: tuple[int, ...], positive: bool = True, axis: int = 2) -> None:
        prompt = {"kind": "click", "position": list(position), "positive": positive, "label": ""}
        self.ask("prompt", epoch=self.state()["epoch"], prompt=prompt, axis=axis)

    def stroke(self, low: tuple[int, ...], up: tuple[int, ...], value: int, seq: int = 1, **more: Any) -> None:
        touched = np.ones([b - a for a, b in zip(low, up, strict=True)], np.uint8)
        content = {"client": "page", "epoch": self.state()["epoch"], "seq": seq, "value": value, **more}
        self.ask("edit", encode_voxels(touched), region=[*low, *up], **content)


@pytest.fixture
def studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("export default {}", ""))
    for i in range(3):
        array = np.random.default_rng(i).integers(0, 100, SHAPE, dtype=np.int16)
        nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / f"case_{i}.nii.gz")
    return tmp_path


@pytest.fixture
def manager(studies: Path):
    manager = AppManager(App(studies, labels=["a", "b"]))
    yield manager
    manager.close()


@pytest.fixture
def labeler(manager: AppManager):
    labeler = manager.labeler(strategy="first")
    yield labeler
    labeler.close()


@pytest.fixture
def page(labeler: Labeler, monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(labeler, monkeypatch)


def test_it_opens_the_first_image_at_once(labeler):
    assert labeler.image_id == "case_0"
    assert labeler.mask.shape == SHAPE
    assert labeler.prompts == ()
    assert not labeler.dirty


def test_keys_are_checked_when_they_are_given(manager, monkeypatch):
    table = '[{"id": "next", "group": "Go on", "text": "Next image", "keys": ["n"]}]'
    monkeypatch.setattr(keys_module, "actions_table", lambda: table)
    keys_module.known_actions.cache_clear()
    labeler = manager.labeler(keys={"next": "Space"})
    assert labeler.keymap == {"next": ["space"]}
    with pytest.raises(KeyMapError, match="no action 'nxt'"):
        labeler.keymap = {"nxt": "n"}
    assert labeler.keymap == {"next": ["space"]}
    labeler.keymap = {"next": None}
    assert labeler.keymap == {"next": []}
    with pytest.raises(KeyMapError, match="no action 'forth'"):
        manager.labeler(keys={"forth": "n"})
    labeler.close()
    keys_module.known_actions.cache_clear()


def test_the_mask_is_a_copy(labeler):
    labeler.mask[...] = 9
    assert not labeler.mask.any()


def test_a_page_that_says_hello_gets_everything(page):
    kinds = [content["type"] for content, _ in page.heard]
    assert kinds[:3] == ["heard", "state", "image"]
    assert kinds[-1] == "stream"
    stream = page.told("stream")[0]
    page.ask("pull", client="page", epoch=1, stream=stream["stream"], count=stream["pieces"])
    received = b"".join(buffers[0] for content, buffers in page.heard if content["type"] == "piece")
    image = page.labeler._desk.opened.image
    np.testing.assert_array_equal(np.frombuffer(received, "<i2"), image.array.ravel(order="F"))


def test_a_click_is_answered_with_the_changed_box(page, labeler):
    page.click((5, 5, 4))
    page.wait(lambda: labeler.mask.any())
    page.wait(lambda: page.state()["busy"] is None)
    assert page.told("mask")
    assert page.prompts()[0]["position"] == (5, 5, 4)
    assert [prompt.label for prompt in labeler.prompts] == ["a"]
    assert labeler.dirty


def test_an_answer_for_an_image_that_was_left_is_dropped(page, labeler, manager):
    gate = manager.app.infers["ball"].gate
    gate.clear()
    page.click((5, 5, 4))
    labeler.open("case_1")
    gate.set()
    manager.infer("ball", "case_1", prompts=[_click((1, 1, 1))])
    assert not labeler.mask.any()
    assert labeler.prompts == ()


def test_an_automatic_model_runs_on_the_whole_image_as_one_step(page, labeler, manager):
    labeler.model = "auto"
    page.ask("run", epoch=1, axis=2)
    page.wait(lambda: labeler.mask.any())
    np.testing.assert_array_equal(labeler.mask, manager.image("case_0").array > 50)
    labeler.undo()
    assert not labeler.mask.any()


def test_a_stroke_is_told_to_every_page_and_can_be_undone(page, labeler):
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    assert labeler.mask.sum() == 16
    assert page.told("edited")[0]["seq"] == 1
    page.ask("undo")
    assert not labeler.mask.any()
    page.ask("redo")
    assert labeler.mask.sum() == 16


def test_a_stroke_that_comes_twice_is_painted_once(page, labeler):
    page.stroke((1, 1, 1), (3, 3, 3), 2, seq=1)
    page.stroke((1, 1, 1), (2, 2, 2), 1, seq=2)
    page.stroke((1, 1, 1), (3, 3, 3), 2, seq=1)
    assert labeler.mask[1, 1, 1] == 1
    assert [told["seq"] for told in page.told("edited")] == [1, 2]
    assert page.told("heard")[-1]["seq"] == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"value": 77}, "77"),
        ({"region": [0, 0, 0, 99, 1, 1]}, "region"),
        ({"epoch": 99}, "another image"),
    ],
)
def test_a_stroke_that_makes_no_sense_is_refused_in_words(page, labeler, change, words):
    content = {"client": "page", "epoch": 1, "seq": 1, "value": 1, "region": [1, 1, 1, 2, 2, 2], **change}
    page.ask("edit", encode_voxels(np.ones((1, 1, 1), np.uint8)), **content)
    assert words in page.told("error")[-1]["text"]
    assert not labeler.mask.any()


def test_damaged_bytes_of_a_stroke(page, labeler):
    page.ask("edit", b"rubbish", client="page", epoch=1, seq=1, value=1, region=[1, 1, 1, 2, 2, 2])
    assert "not kept" in page.told("error")[-1]["text"]
    # The page is told what the mask really is, so that it takes the stroke off its picture.
    assert page.told("mask")[-1]["acked"] == {"page": 1}


@pytest.mark.parametrize("ask", [{"type": "nonsense"}, {"type": "prompt"}, {"type": "pull"}, "text", {"type": "edit"}])
def test_nonsense_from_the_browser_is_survived(page, labeler, ask):
    labeler._on_browser(labeler, ask, [])
    page.click((5, 5, 4))
    page.wait(lambda: labeler.mask.any())


def test_a_negative_click_first_needs_something_to_cut_from(page, labeler):
    page.click((5, 5, 4), positive=False)
    assert "click inside a first" in page.told("error")[-1]["text"]
    page.stroke((3, 3, 3), (8, 8, 6), 1)
    page.click((5, 5, 4), positive=False)
    page.wait(lambda: labeler.mask[5, 5, 4] == 0)
    assert labeler.mask[3, 3, 3] == 1


def test_save_then_go_on(page, labeler, manager):
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    page.ask("save")
    page.wait(lambda: page.state()["notice"] == "Saved as final")
    assert not labeler.dirty
    assert page.state()["labelled"] == 1
    np.testing.assert_array_equal(manager.label("case_0"), labeler.mask)
    page.ask("next")
    page.wait(lambda: labeler.image_id == "case_1")
    assert labeler.next() == "case_2"


def test_unsaved_changes_are_never_dropped_without_being_asked(page, labeler):
    page.stroke((1, 1, 1), (3, 3, 3), 1)
    for go_on in (labeler.next, labeler.skip, lambda: labeler.open("case_2")):
        with pytest.raises(JlabelError, match="not saved"):
            go_on()
    assert labeler.image_id == "case_0"
    assert labeler.mask.sum() == 8
    assert labeler.next(discard=True) == "case_1"


def test_a_save_that_fails_says_so_and_the_draft_stays(page, labeler, manager, monkeypatch):
    page.stroke((1, 1, 1), (3, 3, 3), 1)

    def full(*args, **kwargs):
        raise DatastoreError("labels/final/case_0.nii.gz could not be written: No space left on device")

    monkeypatch.setattr(manager.datastore, "save_label", full)
    with pytest.raises(DatastoreError, match="No space left"):
        labeler.save()
    assert labeler.dirty
    page.ask("save")
    page.wait(lambda: bool(page.told("error")))
    assert "No space left" in page.told("error")[-1]["text"]
    page.wait(lambda: page.state()["busy"] is None)
    assert labeler.mask.sum() == 8
    monkeypatch.undo()
    assert labeler.save() == "case_0"


def test_a_saved_label_is_opened_again(labeler, manager):
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:4, 2:4, 2:4] = 2
    manager.save_label("case_1", mask)
    labeler.open("case_1")
    np.testing.assert_array_equal(labeler.mask, mask)
    assert not labeler.dirty


def test_a_label_of_another_shape_is_named_and_not_shown(page, labeler, studies, manager):
    folder = studies / "labels" / "final"
    folder.mkdir(parents=True)
    nib.save(nib.Nifti1Image(np.ones((3, 3, 3), np.uint8), np.eye(4)), folder / "case_1.nii.gz")
    manager.datastore.refresh()
    labeler.open("case_1")
    assert not labeler.mask.any()
    assert "case_1" in page.told("error")[-1]["text"]


def test_an_image_that_cannot_be_read_is_passed_by(page, labeler, studies, manager):
    (studies / "case_0_bad.nii.gz").write_bytes(b"no image")
    manager.datastore.refresh()
    with pytest.raises(ImageError, match="case_0_bad"):
        labeler.open("case_0_bad")
    assert labeler.image_id == "case_0"
    assert labeler.next() == "case_1"
    assert "case_0_bad" in page.told("error")[-1]["text"]


def test_when_all_is_labelled(page, labeler, manager):
    for i in range(3):
        manager.save_label(f"case_{i}", np.zeros(SHAPE, np.uint8))
    assert labeler.next() is None
    assert page.state()["notice"] == "No further image without a label"


def test_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(labeler_module, "front_end", lambda: ("", ""))
    empty = AppManager(App(tmp_path, labels=["a"])).labeler()
    assert empty.image_id is None
    with pytest.raises(JlabelError, match="no image is open"):
        _ = empty.mask
    with pytest.raises(JlabelError, match="no image is open"):
        empty.save()


@pytest.mark.parametrize(("what", "name"), [("model", "x"), ("strategy", "x"), ("label", "x")])
def test_unknown_choices(labeler, what, name):
    with pytest.raises(JlabelError, match=f"no {what} 'x'; there is"):
        setattr(labeler, what, name)


def test_skip_puts_the_image_last(labeler, manager):
    assert labeler.skip() == "case_1"
    assert manager.datastore.get_image_info("case_0")["skipped"]


def test_an_unsaved_draft_is_there_again_after_the_kernel_died(page, labeler, manager, studies, monkeypatch):
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    labeler._desk.shelf.keeper.flush()
    later = AppManager(App(studies, labels=["a", "b"])).labeler("case_0")
    np.testing.assert_array_equal(later.mask, labeler.mask)
    assert later.dirty
    assert "Restored the unsaved draft" in Page(later, monkeypatch).state()["notice"]
    later.save()
    later.close()
    labeler._desk.shelf.keeper.flush()
    assert not AppManager(App(studies, labels=["a", "b"])).labeler("case_0").dirty


@pytest.mark.parametrize("leave", [lambda lab: lab.next(discard=True), lambda lab: lab.open("case_0", discard=True)])
def test_a_draft_that_was_given_up_does_not_come_back(page, labeler, manager, leave):
    page.stroke((1, 1, 1), (3, 3, 3), 2)
    leave(labeler)
    labeler.open("case_0")
    assert not labeler.mask.any()
    assert not labeler.dirty


def test_two_labelers_on_one_manager(labeler, manager, monkeypatch):
    other = manager.labeler("case_0")
    Page(labeler, monkeypatch).stroke((1, 1, 1), (3, 3, 3), 1)
    Page(other, monkeypatch).stroke((1, 1, 1), (2, 2, 2), 2)
    assert labeler.mask.sum() == 8
    theirs = Page(other, monkeypatch)
    labeler.save()
    assert theirs.told("error") == []
    other.save()
    assert len(manager.datastore.label_history("case_0")) == 2
    said = theirs.told("error")[-1]["text"]
    assert manager.datastore.label_history("case_0")[-1].author in said
    assert "kept as version 1" in said
    theirs.stroke((1, 1, 1), (2, 2, 2), 1, seq=2)
    other.save()
    assert len(theirs.told("error")) == 1


def _click(position):
    from jlabel.tasks import Click

    return Click(position)
