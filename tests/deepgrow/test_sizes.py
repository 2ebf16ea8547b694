"""Images of every size and kind of colour: what is trained, and what answers a click."""

from __future__ import annotations

import imageio.v3 as iio
import nibabel as nib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jlabel.datastores import LocalDatastore
from jlabel.deepedit import DeepEdit, DeepEditAuto, DeepEditTrainTask
from jlabel.deepgrow import DeepGrow2D, DeepGrow2DTrainTask, DeepGrow3D, DeepGrow3DTrainTask
from jlabel.imaging import Image, read_image
from jlabel.prompts import Click
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.segmentation.network import make_network
from jlabel.segmentation.picture_steps import Colours
from jlabel.segmentation.plan import Fingerprint, Plan, make_plan
from jlabel.tasks import InferRequest
from jlabel.training.checkpoints import save_weights
from tests.training.conftest import run  # noqa: F401 - a fixture

SIDE = st.integers(1, 9) | st.integers(1, 40)
OPTIONS = {"max_epochs": 1, "samples_per_epoch": 4, "early_stop_patience": 0, "interactions": 1, "val_split": 0.3}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Untrained networks of each kind, published."""
    folder = tmp_path_factory.mktemp("models")
    kept = ModelStore(folder)
    plans = {
        "grey": (make_plan([Fingerprint((24, 20, 1), (1.0, 1.0, 100.0), float("nan"), 0.0)], 16**2), 3, 1, 2),
        "colours": (make_plan([Fingerprint((24, 20, 1), (1.0, 1.0, 100.0), float("nan"), 0.0, 3)], 16**2), 5, 1, 2),
        "volumes": (make_plan([Fingerprint((20, 16, 12), (1.0, 1.0, 2.0), float("nan"), 0.0)], 16**3), 3, 1, 3),
        "edit": (make_plan([Fingerprint((20, 16, 12), (1.0, 1.0, 2.0), float("nan"), 0.0)], 16**3), 3, 2, 3),
        "auto": (make_plan([Fingerprint((20, 16, 12), (1.0, 1.0, 2.0), float("nan"), 0.0)], 16**3), 1, 2, 3),
    }
    for name, (plan, inputs, classes, dimension) in plans.items():
        save_weights(make_network(plan, classes, inputs, dimension), folder / "weights")
        row = ModelVersion(name, 0, labels={"thing": 1}, network=plan.to_json())
        kept.use(name, kept.publish(row, folder / "weights").number)
    return {name: PublishedModel(kept, name) for name in plans}


def asked(image, *clicks):
    return InferRequest(image=image, image_id="a", labels={"thing": 1}, label="thing", prompts=clicks)


def click(shape, place):
    return Click(tuple(min(n - 1, int(part * n)) for n, part in zip(shape, place, strict=False)))


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(SIDE, SIDE),
    st.sampled_from(["scalar", "rgb"]),
    st.sampled_from(["grey", "colours"]),
    st.floats(0.3, 3),
    st.tuples(*[st.floats(0, 0.99)] * 4),
)
def test_every_picture_has_an_answer(models, shape, channels, name, spacing, places):
    array = np.random.default_rng(0).integers(0, 255, (*shape, 3) if channels == "rgb" else shape).astype(np.uint8)
    image = Image(array, np.diag([spacing, spacing, 1.0, 1.0]), channels=channels)
    clicks = click(shape, places[:2]), click(shape, places[2:])
    assert DeepGrow2D(published=models[name])(asked(image, *clicks)).mask.shape == shape


@settings(max_examples=30, deadline=None)
@given(
    st.tuples(SIDE, SIDE, SIDE),
    st.sampled_from(["grey", "volumes", "edit", "auto"]),
    st.tuples(*[st.floats(0.4, 3)] * 3),
    st.tuples(*[st.floats(0, 0.99)] * 6),
)
def test_every_volume_has_an_answer(models, shape, name, spacing, places):
    image = Image(np.random.default_rng(0).integers(0, 999, shape).astype(np.int16), np.diag([*spacing, 1.0]))
    clicks = click(shape, places[:3]), click(shape, places[3:])
    tasks = {"grey": DeepGrow2D, "volumes": DeepGrow3D, "edit": DeepEdit, "auto": Segmentation}
    given_clicks = () if name == "auto" else clicks
    assert tasks[name](published=models[name])(asked(image, *given_clicks)).mask.shape == shape


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 31, 17), (40, 3, 1)])
def test_a_whole_volume_without_clicks(models, shape):
    image = Image(np.zeros(shape, np.int16), np.eye(4))
    assert DeepEditAuto(models["edit"])(asked(image)).mask.shape == shape


def volumes(folder, shapes):
    folder.mkdir()
    for number, shape in enumerate(shapes):
        values = np.random.default_rng(number).integers(0, 99, shape).astype(np.int16)
        nib.save(nib.Nifti1Image(values, np.diag([1.0, 1.0, 1.5, 1.0])), folder / f"v{number}.nii.gz")
    return LocalDatastore(folder)


def label_half(datastore):
    for image_id in datastore.list_images():
        shape = read_image(datastore.get_image_uri(image_id)).shape
        mask = np.zeros(shape, np.uint8)
        mask[: max(1, shape[0] // 2)] = 1
        datastore.save_label(image_id, mask, info={"labels": {"thing": 1}})


def train(task, run, datastore, name="net"):  # noqa: F811
    return task({"labels": {"thing": 1}, "run": run, "name": name, **options_of(task)}, datastore)


def options_of(task):
    known = task.info()["config"]
    return {name: value for name, value in OPTIONS.items() if name in known}


@pytest.mark.parametrize("task", [SegmentationTrainTask, DeepEditTrainTask, DeepGrow3DTrainTask, DeepGrow2DTrainTask])
@pytest.mark.parametrize(
    "shapes",
    [[(1, 8, 5), (2, 7, 3), (8, 8, 8)], [(17, 9, 1), (33, 20, 11), (6, 30, 9)], [(3, 3, 3), (1, 1, 2), (2, 1, 1)]],
    ids=["thin", "odd", "tiny"],
)
def test_volumes_of_every_size_are_learnt_from(tmp_path, run, task, shapes):  # noqa: F811
    datastore = volumes(tmp_path / "studies", shapes)
    label_half(datastore)
    found = train(task(), run, datastore)
    assert (found["left_out"], found["epochs"]) == ({}, 1)
    datastore.close()


def pictures(folder, shapes):
    folder.mkdir()
    for number, shape in enumerate(shapes):
        iio.imwrite(folder / f"p{number}.png", np.random.default_rng(number).integers(0, 255, shape).astype(np.uint8))
    return LocalDatastore(folder)


@pytest.mark.parametrize(
    ("shapes", "colours"),
    [
        ([(1, 8), (5, 3), (8, 8)], 1),
        ([(33, 20, 3), (17, 41, 3), (8, 2, 3)], 3),
        ([(1, 1, 3), (2, 2, 3), (3, 1)], 3),
    ],
    ids=["grey", "colours", "tiny of both kinds"],
)
def test_pictures_of_every_size_are_learnt_from_and_answered(tmp_path, run, shapes, colours):  # noqa: F811
    datastore = pictures(tmp_path / "studies", shapes)
    label_half(datastore)
    found = train(DeepGrow2DTrainTask(), run, datastore)
    assert (found["left_out"], found["epochs"]) == ({}, 1)
    published = PublishedModel(ModelStore(datastore.workspace.models_folder()), "net")
    assert Plan.from_json(published.in_use().network).colours == colours
    for image_id, shape in zip(datastore.list_images(), shapes, strict=True):
        image = read_image(datastore.get_image_uri(image_id))
        assert DeepGrow2D(published=published)(asked(image, Click((0, 0)))).mask.shape == shape[:2]
    datastore.close()


def test_colours_that_are_equally_bright_are_told_apart(tmp_path, run):  # noqa: F811
    folder = tmp_path / "studies"
    folder.mkdir()
    inside = np.zeros((24, 24), np.uint8)
    inside[6:18, 4:16] = 1
    for number in range(4):
        picture = np.where(np.roll(inside, number, axis=1)[..., None], [200, 40, 60], [40, 60, 200]).astype(np.uint8)
        iio.imwrite(folder / f"p{number}.png", picture)
    datastore = LocalDatastore(folder)
    for number in range(3):
        datastore.save_label(f"p{number}", np.roll(inside, number, axis=1), info={"labels": {"thing": 1}})
    options = {"max_epochs": 6, "samples_per_epoch": 12, "learning_rate": 0.01, "early_stop_patience": 0}
    request = {"labels": {"thing": 1}, "run": run, "name": "net", **options}
    assert DeepGrow2DTrainTask()(request, datastore)["best_metric"] > 0.9
    datastore.close()


def test_a_version_that_knows_grey_alone_answers_and_is_not_gone_on_from_in_colours(tmp_path, run):  # noqa: F811
    datastore = pictures(tmp_path / "studies", [(20, 20, 3), (20, 24, 3), (24, 20, 3)])
    label_half(datastore)
    kept = ModelStore(datastore.workspace.models_folder())
    plan = make_plan([Fingerprint((24, 20, 1), (1.0, 1.0, 100.0), float("nan"), 0.0)], 16**2)
    row = {name: value for name, value in plan.to_json().items() if name != "colours"}  # as it was kept before
    save_weights(make_network(plan, 1, 3, 2), tmp_path / "weights")
    kept.use("net", kept.publish(ModelVersion("net", 0, labels={"thing": 1}, network=row), tmp_path / "weights").number)
    task = DeepGrow2D(published=PublishedModel(kept, "net"))
    image = read_image(datastore.get_image_uri("p0"))
    assert task(asked(image, Click((3, 3)))).version == 1
    train(DeepGrow2DTrainTask(), run, datastore)
    assert any("has learnt from grey ones alone" in note for note in run.notes)
    assert kept.versions("net")[-1].network["colours"] == 3
    assert task(asked(image, Click((3, 3)))).mask.shape == (20, 20)
    datastore.close()


def test_grey_is_repeated_and_colours_are_averaged():
    colours = torch.tensor([1.0, 2.0, 6.0]).reshape(3, 1, 1)
    assert Colours(1)({"image": colours})["image"].flatten().tolist() == [3.0]
    assert Colours(3)({"image": colours})["image"] is colours
    assert Colours(3)({"image": colours[:1]})["image"].flatten().tolist() == [1.0, 1.0, 1.0]
