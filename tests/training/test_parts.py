"""The parts of a training that can be looked at one by one."""

from __future__ import annotations

import os
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from jlabel.errors import TaskError
from jlabel.training.checkpoints import Checkpoints
from jlabel.training.datasets import make_dataset
from jlabel.training.handlers import PacedValidation
from jlabel.training.ignored_voxels import KnownVoxelsLoss
from jlabel.training.labelled_images import IGNORED, labelled_images
from jlabel.training.reader import StudiesReader
from jlabel.training.split import split_images
from tests.training.conftest import ball, label_all


def test_an_image_keeps_its_use_as_the_set_grows(store) -> None:
    ids = store.list_images()
    assert split_images(store, ids[:1], 0.2) == (ids[:1], [])
    before: dict[str, str] = {}
    for count in range(2, 6):
        learnt, judged = split_images(store, ids[:count], 0.4)
        uses = {**dict.fromkeys(learnt, "training"), **dict.fromkeys(judged, "validation")}
        assert len(uses) == count
        assert judged
        assert before.items() <= uses.items()
        before = uses
    assert len(judged) == 2


def test_what_was_judged_by_is_never_learnt_from_even_without_a_split(store) -> None:
    ids = store.list_images()
    _, judged = split_images(store, ids, 0.4)
    assert split_images(store, ids, 0.0) == ([i for i in ids if i not in judged], judged)


def test_a_label_is_read_as_classes_in_its_images_grid(store) -> None:
    label_all(store, {"other": 1, "ball": 7, "nobody": 9}, value=7)
    (image, *_) = labelled_images(store, {"ball": 1}, {"ball": 3}, "nobody", print)
    assert image.classes == {7: 1, 9: IGNORED}
    np.testing.assert_array_equal(StudiesReader([image]).read((str(image.label),)).array, ball(0))


def test_a_label_file_without_names_has_the_apps_values(store) -> None:
    store.save_label("case_0", ball(0).astype(np.uint8) * 3)
    (image,) = labelled_images(store, {"ball": 1}, {"ball": 3}, None, print)
    assert image.classes == {3: 1}


def test_a_label_that_was_renamed_after_it_was_saved_is_learnt_by_its_value(store) -> None:
    store.save_label("case_0", ball(0).astype(np.uint8) * 3, info={"labels": {"renamed": 3, "other": 1}})
    (image,) = labelled_images(store, {"ball": 1}, {"ball": 3}, None, print)
    assert image.classes == {3: 1}


@pytest.mark.parametrize("channels", [1, 3])
def test_ignored_voxels_have_no_gradient(channels: int) -> None:
    pred = torch.randn(1, channels, 4, 4, 4, requires_grad=True)
    label = torch.ones(1, 1, 4, 4, 4)
    label[..., 2:] = IGNORED
    seen: list[torch.Tensor] = []

    def loss(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
        seen.append(classes)
        return (logits.softmax(1) if channels > 1 else logits.sigmoid()).square().sum()

    KnownVoxelsLoss(loss)(pred, label).backward()
    assert pred.grad is not None
    assert pred.grad[..., :2].abs().min() > 0 or channels > 1
    assert pred.grad[..., 2:].abs().max() == 0
    assert seen[0].min() == 0
    assert label.min() == IGNORED


@pytest.mark.parametrize("cache_bytes", [0, 10**9])
def test_prepared_images_are_kept_in_memory_or_on_disk(store, tmp_path, cache_bytes: int) -> None:
    label_all(store, {"ball": 1}, count=2)
    images = labelled_images(store, {"ball": 1}, {"ball": 1}, None, print)
    made: list[str] = []

    from monai.transforms import Lambdad, LoadImaged

    load = LoadImaged(keys=("image", "label"))
    load.register(StudiesReader(images))
    steps = [load, Lambdad(keys="id", func=lambda name: made.append(name) or name)]
    folder = tmp_path / "cache"
    folder.mkdir()
    data = make_dataset([image.item() for image in images], steps, folder, cache_bytes, print)
    made.clear()
    first = [data[0], data[1]]
    again = [data[0], data[1]]
    assert made == ["case_0", "case_1"]
    assert len(list(folder.iterdir())) == (2 if cache_bytes == 0 else 0)
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one["image"], other["image"])
        assert one["image"].affine.equal(other["image"].affine)


def test_when_no_image_can_be_used_the_last_reason_is_told(store, tmp_path) -> None:
    def fail(data):
        raise ValueError("too small")

    with pytest.raises(TaskError, match=r"none of 1 images can be used; the last: transform fail failed: .*too small"):
        make_dataset([{"id": "a"}], [fail], tmp_path, 0, print)[0]


def test_a_full_disk_keeps_the_checkpoint_before_and_the_training_goes_on(tmp_path) -> None:
    network = torch.nn.Linear(100, 100)
    pid = os.fork()
    if pid == 0:
        import resource
        import signal

        notes: list[str] = []
        checkpoints = Checkpoints(tmp_path, {"network": network}, 0.0, notes.append)
        checkpoints.save_if_due({"epoch": 1}, now=True)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        checkpoints.save_if_due({"epoch": 2}, now=True)
        checkpoints.save_if_due({"epoch": 3}, now=True)
        checkpoints.save_best(network, {})
        os._exit(len(notes) if "was not kept, the training goes on" in notes[0] else 99)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["last.pt"]
    assert Checkpoints(tmp_path, {"network": network}, 0.0, print).restore() == {"epoch": 1}


def test_validation_takes_a_fifth_of_the_time_and_is_there_at_the_end(monkeypatch) -> None:
    now, judged = [0.0], []

    class Evaluator:
        def run(self, epoch: int) -> None:
            judged.append(epoch)
            now[0] += 10.0

    monkeypatch.setattr("jlabel.training.handlers.time.monotonic", lambda: now[0])
    validation = PacedValidation(Evaluator())
    for epoch in range(1, 13):
        now[0] += 10.0
        validation(SimpleNamespace(state=SimpleNamespace(epoch=epoch, max_epochs=12)))
    assert judged == [1, 5, 9, 12]
