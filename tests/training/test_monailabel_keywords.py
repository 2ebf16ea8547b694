"""Train tasks with the keywords and hooks that authors of MONAI Label apps know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from monai.handlers import LrScheduleHandler, MeanDice, from_engine
from monai.transforms import Lambdad, SpatialCropd

from jlabel.errors import TaskError
from tests.training.conftest import label_all
from tests.training.tasks import BallTask, small_network

LABELS = {"ball": 1}


def train(task: Any, run: Any, store: Any, **options: Any) -> dict[str, Any]:
    return task({"labels": LABELS, "run": run, "name": "ball", **options}, store)  # type: ignore[no-any-return]


class HookedTask(BallTask):
    """Overrides what MONAI Label has beside the usual, and remembers what it was given."""

    seen: dict[str, Any]

    def pre_process(self, request, datastore):
        self.seen = {"folder": self.get_cache_dir(request)}
        return

    def lr_scheduler_handler(self, context):
        return LrScheduleHandler(torch.optim.lr_scheduler.StepLR(context.optimizer, step_size=1, gamma=0.1))

    def train_data_loader(self, context, num_workers=0, shuffle=False):
        self.seen["loader"] = super().train_data_loader(context, num_workers, True)
        return self.seen["loader"]

    def train_additional_metrics(self, context):
        return {"train_dice": MeanDice(include_background=False, output_transform=from_engine(["pred", "label"]))}

    def train_handlers(self, context):
        self.seen |= {"events": context.events_dir, "rank": (context.local_rank, context.multi_gpu)}
        self.seen["optimizer"] = context.optimizer
        return super().train_handlers(context)

    def cleanup(self, request):
        self.seen["cleaned"] = request["name"]


def test_hooks_are_called(store, run) -> None:
    label_all(store, LABELS)
    task = HookedTask()
    train(task, run, store, max_epochs=2)
    assert task.seen["cleaned"] == "ball"
    assert task.seen["rank"] == (0, False)
    assert Path(task.seen["events"]).parent == run.folder
    assert len(task.seen["loader"].dataset) == 4
    assert task.seen["optimizer"].param_groups[0]["lr"] == pytest.approx(0.02 * 0.1**2)
    assert 0 <= run.rows[2]["train_dice"] <= 1


def test_a_failing_hook_is_shown_with_its_line_and_cleanup_is_called(store, run) -> None:
    class Failing(HookedTask):
        def loss_function(self, context):
            return context.nothing

    label_all(store, LABELS)
    task = Failing()
    with pytest.raises(TaskError, match=r"(?s)Failing\.loss_function failed: AttributeError.*return context\.nothing"):
        train(task, run, store, max_epochs=1)
    assert task.seen["cleaned"] == "ball"


def test_files_that_an_author_asks_for(store, run, tmp_path) -> None:
    label_all(store, LABELS)
    task = BallTask(
        tmp_path / "model",
        "A ball",
        {"max_epochs": 4},
        stats_path=tmp_path / "stats" / "train.json",
        train_save_interval=1,
        n_saved=2,
        final_filename="final.pt",
        key_metric_filename="best.pt",
        model_dict_key="net",
    )
    assert task.description == "A ball"
    train(task, run, store)
    folder = tmp_path / "model"
    assert len(list(folder.glob("*_epoch=*.pt"))) == 2
    for name in ("final.pt", "best.pt"):
        assert set(torch.load(folder / name, weights_only=True)["net"]) == set(small_network().state_dict())
    assert json.loads((tmp_path / "stats" / "train.json").read_text())["epochs"] == 4


def test_options_by_keyword() -> None:
    task = BallTask(val_interval=3, find_unused_parameters=True, tracking="None", tracking_uri="", labels="ball")
    assert {name: task.config[name] for name in ("val_interval", "find_unused_parameters", "tracking")} == {
        "val_interval": 3,
        "find_unused_parameters": True,
        "tracking": None,
    }
    assert task._labels == ["ball"]
    assert BallTask(labels={"ball": 1, "background": 0})._labels == {"ball": 1, "background": 0}
    with pytest.raises(TaskError, match="takes no 'speed'"):
        BallTask(speed=3)
    with pytest.raises(TaskError, match=r"load_dict\['opt'\] is Adam, and only networks"):
        BallTask(load_dict={"opt": torch.optim.Adam(small_network().parameters())})


def test_the_weights_that_it_begins_with(store, run, tmp_path) -> None:
    label_all(store, LABELS)
    network = small_network()
    other = torch.nn.Linear(1, 1)
    partly = {name: torch.zeros_like(value) for name, value in network.state_dict().items() if name.startswith("0.")}
    torch.save({"model": partly, "head": other.state_dict()}, tmp_path / "weights.pt")
    task = BallTask(load_path=tmp_path / "weights.pt", load_dict={"head": torch.nn.Linear(1, 1)})
    train(task, run, store, max_epochs=1)
    assert torch.equal(task.load_dict["head"].weight, other.weight)
    with pytest.raises(TaskError, match="another network"):
        train(BallTask(load_path=tmp_path / "weights.pt"), run, store, max_epochs=1)
    train(BallTask(load_path=tmp_path / "weights.pt", load_strict=False), run, store, max_epochs=2)
    missing = tmp_path / "published.pt"
    train(BallTask(load_path=missing, publish_path=missing), run, store, max_epochs=3)
    assert f"begun anew: {missing} is not there yet" in run.notes


def test_plain_tensors_where_no_meta_data_are_wanted(store, run) -> None:
    kinds = set()

    class Plain(BallTask):
        def loss_function(self, context):
            loss = super().loss_function(context)

            def looked(pred, label):
                kinds.add(isinstance(pred, MetaTensor))
                return loss(pred, label)

            return looked

    label_all(store, LABELS)
    train(Plain(disable_meta_tracking=True), run, store, max_epochs=1)
    assert kinds == {False}


def test_images_of_the_authors_own_making(store, run, tmp_path) -> None:
    class Slabs(BallTask):
        def pre_process(self, request, datastore):
            made = []
            for item in datastore.datalist():
                paths = {}
                for key in ("image", "label"):
                    array = np.asarray(nib.load(item[key]).dataobj)[..., 2:14]
                    paths[key] = f"{self.get_cache_dir(request)}/{len(made)}_{key}.nii.gz"
                    nib.save(nib.Nifti1Image(array.astype(np.int16), np.eye(4)), paths[key])
                made.append(paths)
            return made

    label_all(store, LABELS)
    found = train(Slabs(), run, store, max_epochs=1)
    assert (found["train_images"], found["val_images"]) == (4, 1)


def test_a_hook_that_is_not_called_is_warned_about_by_name(store, run) -> None:
    class Old(BallTask):
        def partition_datalist(self, context, shuffle=False):
            raise AssertionError

    label_all(store, LABELS)
    with pytest.warns(UserWarning, match=r"does not call Old\.partition_datalist: the option val_split"):
        Old().check({})
    train(Old(), run, store, max_epochs=1)
    assert any("does not call Old.partition_datalist" in note for note in run.notes)


def test_a_failing_transform_is_named_with_its_place_and_what_it_was_given(store, run) -> None:
    class Broken(BallTask):
        def val_pre_transforms(self, context):
            steps = super().val_pre_transforms(context)
            return [*steps[:2], SpatialCropd(keys=("image", "mask"), roi_slices=[slice(0, 4)]), *steps[2:]]

    label_all(store, LABELS)
    expected = (
        r"transform SpatialCropd failed: KeyError: .*\(transform 3 of 6, keys image, mask; it was given image: float32"
    )
    with pytest.raises(TaskError, match=f"(?s){expected}"):
        train(Broken(), run, store, max_epochs=1)


def test_an_authors_function_that_fails_is_shown(store, run) -> None:
    def halve(image):
        return image / image.missing

    class Broken(BallTask):
        def val_pre_transforms(self, context):
            return [*super().val_pre_transforms(context), Lambdad("image", halve)]

    label_all(store, LABELS)
    with pytest.raises(TaskError, match=r"(?s)transform Lambdad failed.*return image / image\.missing"):
        train(Broken(), run, store, max_epochs=1)
