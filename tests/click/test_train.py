"""The click tool's network learns a project's structures, on small volumes and pictures."""

from __future__ import annotations

from dataclasses import replace

import imageio.v3 as iio
import nibabel as nib
import numpy as np
import pytest
import torch

from jlabel.click import ClickTrainTask
from jlabel.click.network import DESIGNS, make_network
from jlabel.datastores import LocalDatastore
from jlabel.errors import Cancelled, TaskError
from jlabel.registry import ModelStore
from jlabel.tasks.weights import load_weights
from tests.training.conftest import ListeningRun, ball, label_all, run, store  # noqa: F401 - fixtures

LABELS = {"ball": 5}
QUICK = {"samples_per_epoch": 2, "max_epochs": 1, "max_seconds": None, "rounds": 2}


@pytest.fixture(autouse=True)
def shipped(monkeypatch):
    """Smaller networks, so that a test takes a second, and the weights with which a training of them begins."""
    torch.manual_seed(0)
    for dimension in (2, 3):
        small = replace(DESIGNS[dimension], size=32, features=(4, 8, 8))
        monkeypatch.setitem(DESIGNS, dimension, small)
    networks = {dimension: make_network(DESIGNS[dimension]).eval() for dimension in (2, 3)}
    monkeypatch.setattr("jlabel.click.train.weights_of_the_package", networks.__getitem__)
    return networks


def train(run, store, labels=None, **options):  # noqa: F811
    task = ClickTrainTask(**options.pop("task", {}))
    return task({"labels": labels or LABELS, "run": run, "name": "click", **QUICK, **options}, store)


def versions(store):  # noqa: F811
    return ModelStore(store.workspace.models_folder()).versions("click")


def test_a_training_publishes_what_the_tool_needs_to_make_the_network(store, run, shipped):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    found = train(run, store, max_epochs=2)
    assert (found["epochs"], found["train_images"], found["val_images"]) == (2, 3, 1)
    version = versions(store)[-1]
    assert version.network["dimension"] == 3
    assert version.network["design"]["size"] == DESIGNS[3].size
    assert version.network["extent_mm"] == {"ball": 7.0}
    network = make_network(DESIGNS[3])
    load_weights(network, version.file)
    before = shipped[3].state_dict()
    assert any(not torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert "of the weights of the package, judged by the same images" in version.note


def test_a_training_that_is_no_better_than_the_weights_of_the_package_is_not_taken_into_use(store, run):  # noqa: F811
    label_all(store, LABELS, value=5, count=4)
    found = train(run, store, learning_rate=0.0)
    assert not found["in_use"]
    assert ModelStore(store.workspace.models_folder()).in_use("click") is None
    assert "kept and not in use" in run.notes[-1]


def test_what_cannot_be_judged_is_not_taken_into_use(store, run):  # noqa: F811
    label_all(store, LABELS, value=5, count=1)
    found = train(run, store)
    assert (found["in_use"], found["note"]) == (False, "it could not be judged against the weights of the package")


def test_the_next_training_begins_with_the_version_in_use(store, run, tmp_path):  # noqa: F811
    label_all(store, LABELS, value=5, count=3)
    number = train(run, store)["version"]
    ModelStore(store.workspace.models_folder()).use("click", number)
    found = train(ListeningRun(tmp_path / "second"), store, publish_tolerance=1.0)
    assert versions(store)[-1].parent == number
    assert f"of version {number}" in found["note"]


def test_only_the_normalizations_are_learnt(store, run, shipped):  # noqa: F811
    label_all(store, LABELS, value=5, count=3)
    train(run, store, norm_only=True)
    network = make_network(DESIGNS[3])
    load_weights(network, versions(store)[-1].file)
    before = dict(shipped[3].named_parameters())
    changed = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
    assert changed
    assert all("norm" in name for name in changed)


def test_colour_pictures_are_for_the_other_network_and_a_volume_among_them_is_named(tmp_path, run):  # noqa: F811
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, shape in enumerate([(40, 48), (60, 36), (44, 44)]):
        rows, columns = np.indices(shape)
        inside = (rows - 18) ** 2 + (columns - 16) ** 2 < 100
        colours = np.random.default_rng(number).integers(0, 60, (*shape, 3)) + 150 * inside[..., None]
        picture = colours if number else colours[..., 0]
        iio.imwrite(folder / f"p{number}.png", picture.astype(np.uint8))
    nib.save(nib.Nifti1Image(np.zeros((16, 16, 12), np.int16), np.eye(4)), folder / "volume.nii.gz")
    pictures = LocalDatastore(folder)
    for image_id in ("p0", "p1", "p2"):
        shape = iio.imread(folder / f"{image_id}.png").shape[:2]
        rows, columns = np.indices(shape)
        label = ((rows - 18) ** 2 + (columns - 16) ** 2 < 100).astype(np.uint8) * 5
        pictures.save_label(image_id, label, info={"labels": LABELS})
    pictures.save_label("volume", (ball(0) * 5).astype(np.uint8), info={"labels": LABELS})
    found = train(run, pictures, samples_per_epoch=12)
    assert found["left_out"] == {"volume": "this is a volume, and the network is for pictures, as most images are"}
    assert run.notes[0] == "most of the images are pictures: left out are all others, such as 'volume'"
    assert versions(pictures)[-1].network["dimension"] == 2
    pictures.close()


def test_a_resumed_training_ends_with_the_very_weights_of_one_that_was_not_stopped(store, run, tmp_path):  # noqa: F811
    label_all(store, LABELS, value=5, count=3)
    options = {"max_epochs": 2, "checkpoint_seconds": 0, "pretrained": False}
    whole = ListeningRun(tmp_path / "whole")
    train(whole, store, **options)
    run.cancel_when = lambda: len(run.rows) == 1 and len(run.fractions) > 2
    with pytest.raises(Cancelled):
        train(run, store, **options)
    run.cancel_when = lambda: False
    train(run, store, **options)
    kept, wanted = (torch.load(r.checkpoints / "last.pt", weights_only=True) for r in (run, whole))
    for name, value in wanted["parts"]["network"].items():
        assert torch.equal(kept["parts"]["network"][name], value), name


@pytest.mark.parametrize(
    ("options", "message"),
    [({"rounds": 0}, "rounds is a whole number from 1 on"), ({"train_batch_size": 2}, "differ in size")],
)
def test_options_that_make_no_sense(options, message):
    with pytest.raises(TaskError, match=message):
        ClickTrainTask().check(options)
