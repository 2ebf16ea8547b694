from __future__ import annotations

import threading
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import jlabel.manager.opened_images as images_module
from jlabel.app import LabelApp
from jlabel.errors import Cancelled, DatastoreError, ImageError, LabelError, PromptError, TaskError
from jlabel.prompts import Click
from jlabel.tasks import InteractiveTask, Strategy
from jlabel.widget import AppManager

SHAPE = (20, 18, 16)


class Ball(InteractiveTask):
    """Answers every click with the voxels nearer than 3."""

    extent_mm = 10.0
    margin_mm = 4.0

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop, request, watch):
        center = np.array([prompt.position for prompt in crop.prompts][-1])
        index = np.moveaxis(np.indices(crop.shape), 0, -1)
        return np.linalg.norm(index - center, axis=-1) < 3


class Slow(Ball):
    """Waits to be released."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.release = threading.Event(), threading.Event()

    def segment(self, crop, request, watch):
        self.begun.set()
        assert self.release.wait(10)
        return super().segment(crop, request, watch)


class Broken(Ball):
    def segment(self, crop, request, watch):
        raise ZeroDivisionError("the model's own fault")


class Last(Strategy):
    def __call__(self, request, datastore):
        left = [i for i in datastore.get_unlabeled_images() if i not in request.get("exclude", ())]
        return left[-1] if left else None


class App(LabelApp):
    def init_infers(self):
        return {"ball": Ball(), "slow": Slow(), "broken": Broken(), "ball_2d": Ball(dimension=2)}

    def init_strategies(self):
        return {**super().init_strategies(), "last": Last("From the end")}


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    for i in range(4):
        array = np.random.default_rng(i).integers(0, 100, SHAPE, dtype=np.int16)
        nib.save(nib.Nifti1Image(array, np.diag([1, 1, 2, 1])), tmp_path / f"case_{i}.nii.gz")
    return tmp_path


@pytest.fixture
def manager(studies: Path):
    manager = AppManager(App(studies, labels={"ball": 1, "large": 300}))
    yield manager
    manager.close()


def test_info_says_what_an_interface_needs(manager):
    info = manager.info()
    assert set(info["models"]) == {"ball", "slow", "broken", "ball_2d"}
    assert info["models"]["ball"]["interactive"]
    assert info["strategies"]["last"] == {"description": "From the end"}
    assert info["labels"] == {"ball": 1, "large": 300}
    assert info["datastore"]["name"] == manager.datastore.name()


def test_a_click_gives_a_mask_in_the_images_grid(manager):
    result = manager.infer("ball", "case_0", prompts=[Click((5, 6, 7))], label="large")
    assert result.mask.shape == SHAPE
    assert result.mask[5, 6, 7] == 300
    assert set(np.unique(result.mask)) == {0, 300}
    assert result.labels == {"large": 300}
    assert (result.model, result.image_id) == ("ball", "case_0")
    assert result.latencies["total"] > 0
    assert result.region.size < np.prod(SHAPE)


def test_a_model_of_two_dimensions_works_in_the_slice_of_the_click(manager):
    result = manager.infer("ball_2d", "case_0", prompts=[Click((5, 6, 7))], axis=1)
    assert result.mask[:, 6, :].any()
    assert not np.delete(result.mask, 6, axis=1).any()


def test_what_is_asked_besides_prompts_reaches_the_model(manager, monkeypatch):
    asked = []
    monkeypatch.setattr(
        Ball, "segment", lambda self, crop, request, watch: asked.append(request) or np.zeros(crop.shape, bool)
    )

    def other_labels(region):
        return np.zeros(region.shape, bool)

    manager.infer("ball", "case_0", [Click((5, 5, 5))], probabilities=True, other_labels=other_labels, strength=2)
    manager.infer("ball", "case_0", [Click((5, 5, 5))])
    first, second = asked
    assert (first.probabilities, first.other_labels, first.params) == (True, other_labels, {"strength": 2})
    assert (second.probabilities, second.other_labels, second.params) == (False, None, {})


def test_a_click_reads_no_file(manager, monkeypatch):
    manager.infer("ball", "case_0", prompts=[Click((5, 6, 7))])
    monkeypatch.setattr(images_module, "read_image", lambda *a, **k: pytest.fail("the file was read again"))
    manager.infer("ball", "case_0", prompts=[Click((5, 6, 8))])


def test_a_file_that_changed_is_read_again(manager, studies):
    before = manager.image("case_0").array.copy()
    nib.save(nib.Nifti1Image(np.full((3, 3, 3), 9, np.int16), np.eye(4)), studies / "case_0.nii.gz")
    after = manager.image("case_0")
    assert after.shape == (3, 3, 3) != before.shape


def test_infers_run_off_the_calling_thread_one_at_a_time_and_the_newest_click_wins(manager):
    slow = manager.app.infers["slow"]
    running = manager.submit("slow", "case_0", [Click((5, 5, 5))])
    assert slow.begun.wait(10)
    waiting = manager.submit("slow", "case_1", [Click((5, 5, 5))])
    newest = manager.submit("slow", "case_1", [Click((6, 6, 6))])
    with pytest.raises(Cancelled):
        waiting.future.result(10)
    assert not newest.future.done()
    slow.release.set()
    assert running.future.result(10).mask[5, 5, 5]
    assert newest.future.result(10).mask[6, 6, 6]


def test_a_model_that_raises_is_named_with_its_reason(manager):
    with pytest.raises(TaskError, match=r"model 'broken' failed on 'case_0': ZeroDivisionError: the model's own fault"):
        manager.infer("broken", "case_0", prompts=[Click((1, 1, 1))])
    assert manager.infer("ball", "case_0", prompts=[Click((5, 6, 7))]).mask.any()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: m.infer("none", "case_0"), TaskError, "no model 'none'; the app has ball"),
        (lambda m: m.infer("ball", "none", prompts=[Click((1, 1, 1))]), DatastoreError, "none"),
        (lambda m: m.infer("ball", "case_0"), PromptError, "point at the structure"),
        (lambda m: m.infer("ball", "case_0", prompts=[Click((1, 1, 99))]), PromptError, "outside the image"),
        (lambda m: m.infer("ball", "case_0", prompts=[Click((1, 1))]), PromptError, "3 axes"),
        (lambda m: m.infer("ball", "case_0", prompts=[Click((1, 1, 1))], label="x"), TaskError, "no label 'x'"),
        (lambda m: m.infer("ball", "case_0", prompts=[Click((1, 1, 1))], device="cuda:99"), TaskError, "GPUs"),
        (lambda m: m.next_image("none"), DatastoreError, "no strategy 'none'"),
        (lambda m: m.save_label("case_0", np.zeros((2, 2, 2), np.uint8)), LabelError, r"shape \(2, 2, 2\)"),
        (lambda m: m.save_label("case_0", np.full(SHAPE, 0.5)), LabelError, "whole number"),
    ],
)
def test_bad_input_gets_one_clear_error(manager, call, error, words):
    with pytest.raises(error, match=words):
        call(manager)


def test_an_image_that_cannot_be_read(manager, studies):
    (studies / "bad.nii.gz").write_bytes(b"this is no image")
    manager.datastore.refresh()
    with pytest.raises(ImageError, match=r"bad\.nii\.gz"):
        manager.infer("ball", "bad", prompts=[Click((1, 1, 1))])


def test_label_every_image(manager):
    seen = []
    while (image_id := manager.next_image("random")) is not None:
        mask = manager.infer("ball", image_id, prompts=[Click((5, 6, 7))]).mask
        manager.save_label(image_id, mask, info={"by": "test"})
        np.testing.assert_array_equal(manager.label(image_id), mask)
        seen.append(image_id)
    assert sorted(seen) == [f"case_{i}" for i in range(4)]
    assert manager.datastore.get_label_info("case_0", "final")["by"] == "test"
    assert manager.datastore.get_label_info("case_0", "final")["labels"] == {"ball": 1, "large": 300}


def test_skipped_images_come_last(manager):
    manager.skip("case_0")
    assert [manager.next_image("first"), manager.next_image("last")] == ["case_1", "case_3"]
    for i in (1, 2, 3):
        manager.save_label(f"case_{i}", np.zeros(SHAPE, np.uint8))
    assert manager.next_image("first") == "case_0"


def test_two_managers_on_one_folder(manager, studies):
    other = AppManager(App(studies, labels=["ball"]))
    other.save_label("case_0", np.ones(SHAPE, np.uint8))
    assert manager.next_image("first") == "case_1"
    manager.save_label("case_0", np.zeros(SHAPE, np.uint8))
    assert len(manager.datastore.label_history("case_0")) == 2
    other.close()


@pytest.mark.parametrize("tensor", [False, True])
def test_a_label_may_be_a_tensor_or_lists(manager, tensor):
    import torch
    from monai.data import MetaTensor

    mask = np.zeros(SHAPE, int)
    mask[1, 1, 1] = 300
    manager.save_label("case_0", MetaTensor(torch.tensor(mask)) if tensor else mask.tolist())
    assert (manager.label("case_0") == mask).all()
    manager.datastore.save_label("case_1", torch.tensor(mask) if tensor else mask.tolist())
    assert (manager.label("case_1") == mask).all()


def test_a_label_that_cannot_be_saved_is_named_by_its_image(manager):
    for save in (manager.save_label, manager.datastore.save_label):
        with pytest.raises(LabelError, match=r"^the label of 'case_0': holds negative values \(-1\)"):
            save("case_0", -np.ones(SHAPE, int))
