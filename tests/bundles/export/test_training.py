"""``train.json``: fine-tuning of an exported model by MONAI alone."""

from __future__ import annotations

import json
from pathlib import Path

import monai.bundle
import nibabel as nib
import numpy as np
import pytest
import torch
from ignite.engine import Events
from monai.bundle import ConfigParser, ConfigWorkflow

from jlabel.bundles import BundleTrainTask
from jlabel.bundles.export.bundle import write_bundle
from jlabel.bundles.export.training import train_config
from jlabel.datastores import LocalDatastore
from jlabel.deepedit import DeepEditAuto, DeepEditTrainTask
from jlabel.errors import TaskError
from jlabel.segmentation import Plan, SegmentationTrainTask
from jlabel.segmentation.network import prepare
from jlabel.tasks import TrainTask
from jlabel.training.handlers import ShownStructures
from tests.bundles.export.exports import PLAN, exported_model, monai_bundle, published, smooth
from tests.bundles.test_train import Run
from tests.training.tasks import BallTask

LABELS = {"liver": 1, "spleen": 2}
APP = {"liver": 7, "spleen": 3}
CASES = 4


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Volumes with two structures, under the app's values, and one voxel of something that nobody has named."""
    folder = tmp_path_factory.mktemp("data") / "Daten ü"
    for number in range(CASES):
        image = smooth(np.random.default_rng(number), (24, 26, 18))
        label = np.where(image > 400, np.where(image > 900, APP["spleen"], APP["liver"]), 0).astype(np.uint8)
        label[0, 0, 0] = 99
        for place, array in (("imagesTr", image), ("labelsTr", label)):
            (folder / place).mkdir(parents=True, exist_ok=True)
            nib.save(nib.Nifti1Image(array, np.diag([1.3, 1.1, 2, 1])), folder / place / f"case_{number}.nii.gz")
    return folder


def train_here(bundle: Path, data: Path, **overrides) -> ConfigWorkflow:
    """MONAI's workflow of ``train.json``, ready to run, in this process."""
    workflow = ConfigWorkflow(
        config_file=str(bundle / "configs" / "train.json"),
        workflow_type="train",
        logging_file=False,
        bundle_root=str(bundle),
        dataset_dir=str(data),
        **{"train#trainer#max_epochs": 1, "device": "$torch.device('cpu')", **overrides},
    )
    workflow.initialize()
    assert not workflow.check_properties()
    return workflow


@pytest.mark.timeout(900)
def test_monai_goes_on_with_the_training_and_keeps_what_did_best(tmp_path, data) -> None:
    bundle = write_bundle(exported_model(published(tmp_path, LABELS), APP), tmp_path / "bundle")
    before = torch.load(bundle / "models" / "model.pt", weights_only=True)
    arguments = ("--config_file", "configs/train.json", "--dataset_dir", data, "--train#trainer#max_epochs", 2)
    said = monai_bundle(bundle, "run", *arguments, "--ckpt_dir", tmp_path / "found")
    assert "Epoch: 2/2" in said
    assert "Key metric: val_mean_dice best value" in said
    after = torch.load(tmp_path / "found" / "model.pt", weights_only=True)
    assert after.keys() == before.keys()
    assert not all(torch.equal(after[name], before[name]) for name in before)


def test_the_ids_are_those_of_the_model_zoo(tmp_path, data) -> None:
    bundle = write_bundle(exported_model(published(tmp_path, LABELS), APP), tmp_path / "bundle")
    config = ConfigParser.load_config_file(str(bundle / "configs" / "train.json"))
    parser = ConfigParser(config)
    for item in (
        "bundle_root",
        "ckpt_dir",
        "output_dir",
        "dataset_dir",
        "device",
        "network_def",
        "network",
        "loss",
        "optimizer",
        "lr_scheduler",
        "train#deterministic_transforms",
        "train#random_transforms",
        "train#preprocessing",
        "train#dataset#data",
        "train#dataloader#batch_size",
        "train#inferer",
        "train#handlers",
        "train#trainer#max_epochs",
        "validate#preprocessing",
        "validate#dataset#data",
        "validate#dataloader",
        "validate#inferer",
        "validate#postprocessing",
        "validate#handlers",
        "validate#key_metric",
        "validate#evaluator",
        "initialize",
        "run",
    ):
        assert parser[item] is not None, item
    assert config["epochs"] == 2
    # Its own datalist, as whoever trains it on other labels gives it.
    pairs = [
        {part: str(data / f"{part}sTr" / f"case_{number}.nii.gz") for part in ("image", "label")} for number in (0, 1)
    ]
    workflow = train_here(bundle, tmp_path, **{"train#dataset#data": pairs[:1], "validate#dataset#data": pairs[1:]})
    workflow.run()
    assert workflow.parser.get_parsed_content("validate#evaluator").state.metrics["val_mean_dice"] >= 0


def test_it_begins_with_the_exported_weights_unless_told_otherwise(tmp_path, data) -> None:
    bundle = write_bundle(exported_model(published(tmp_path, LABELS), APP), tmp_path / "bundle")
    weights = torch.load(bundle / "models" / "model.pt", weights_only=True)
    for load, same in ((True, True), (False, False)):
        workflow = train_here(bundle, data, load_pretrain=load)
        trainer = workflow.parser.get_parsed_content("train#trainer")
        trainer.add_event_handler(Events.STARTED, lambda engine: engine.terminate())
        workflow.run()
        found = workflow.parser.get_parsed_content("network").state_dict()
        assert all(torch.equal(found[name], weights[name]) for name in weights) is same


def test_images_and_labels_are_prepared_as_in_jlabel(tmp_path, data) -> None:
    bundle = write_bundle(exported_model(published(tmp_path, LABELS), APP), tmp_path / "bundle")
    workflow = train_here(bundle, data)
    steps = workflow.parser.get_parsed_content("validate#preprocessing")
    item = {part: str(data / f"{part}sTr" / "case_0.nii.gz") for part in ("image", "label")}
    found = steps(dict(item))
    expected = dict(item)
    for step in prepare(("image", "label"), PLAN):
        expected = step(expected)
    np.testing.assert_array_equal(found["image"], expected["image"])
    values = np.asarray(expected["label"])
    classes = np.select([values == APP[name] for name in LABELS], list(LABELS.values()), 0)
    np.testing.assert_array_equal(found["label"], classes)
    assert set(np.unique(classes)) == {0, 1, 2}
    counts = [len(workflow.parser.get_parsed_content(f"{part}#dataset#data")) for part in ("train", "validate")]
    assert counts == [3, 1]


def test_the_learning_rate_falls_as_in_jlabel(tmp_path, data) -> None:
    task = published(tmp_path, LABELS, config={"learning_rate": 0.004, "max_epochs": 7})
    bundle = write_bundle(exported_model(task, APP), tmp_path / "bundle")
    assert json.loads((bundle / "configs" / "train.json").read_text())["epochs"] == 7
    workflow = train_here(bundle, data, **{"train#trainer#max_epochs": 3, "load_pretrain": False})
    trainer, rates = workflow.parser.get_parsed_content("train#trainer"), []
    trainer.add_event_handler(Events.EPOCH_STARTED, lambda engine: rates.append(engine.optimizer.param_groups[0]["lr"]))
    workflow.run()
    np.testing.assert_allclose(rates, [0.004 * (1 - done / 3) ** 0.9 for done in range(3)])


def test_features_are_dropped_where_jlabel_drops_them(tmp_path, data) -> None:
    plan = Plan(PLAN.spacing, PLAN.patch, PLAN.strides, PLAN.channels, None, dropout=0.25)
    task = published(tmp_path, LABELS, plan=plan)
    bundle = write_bundle(exported_model(task, APP), tmp_path / "bundle")
    network = train_here(bundle, data).parser.get_parsed_content("network")
    shares = [
        {name: part.p for name, part in one.named_modules() if "Dropout" in type(part).__name__}
        for one in (network, task.make_network(task.published.in_use()))
    ]
    assert shares[0] == shares[1]
    assert set(shares[0].values()) == {0.0, 0.25}


def test_deepedit_learns_without_clicks(tmp_path, data) -> None:
    task = published(tmp_path, LABELS, name="deepedit", kind=DeepEditAuto)
    bundle = write_bundle(exported_model(task, APP, DeepEditTrainTask()), tmp_path / "bundle")
    workflow = train_here(bundle, data, **{"ckpt_dir": str(tmp_path / "found")})
    workflow.run()
    assert (tmp_path / "found" / "model.pt").is_file()


class OtherTask(TrainTask):
    """Trains in its own way."""

    def __call__(self, request, datastore):
        return {}


class OwnStep(BallTask):
    """Has a training step of its own."""

    def train_iteration_update(self, context):
        return lambda engine, batch: {}


class AsksForImages(BallTask):
    """Looks at the images before it trains."""

    def loss_function(self, context):
        return context.datastore.list_images()


@pytest.mark.parametrize(
    ("trainer", "why"),
    [
        (OtherTask(), "a OtherTask, which trains in its own way"),
        (SegmentationTrainTask(ignore=255), r"voxels that are not annotated \(ignore=255\)"),
        (OwnStep(), "OwnStep has a training step of its own"),
        (AsksForImages(), "asks for Datastore.list_images while it is set up"),
    ],
    ids=["own way", "ignored voxels", "own step", "asks for images"],
)
def test_what_cannot_be_trained_elsewhere_says_why(tmp_path, trainer, why) -> None:
    model = exported_model(published(tmp_path, LABELS), trainer=trainer)
    with pytest.raises(TaskError, match=rf"{why}.*train=False"):
        train_config(model)
    assert write_bundle(model, tmp_path / "bundle", train=False).is_dir()


def test_without_a_train_task(tmp_path) -> None:
    model = exported_model(published(tmp_path, LABELS))
    with pytest.raises(TaskError, match="the app has no train task for 'segmentation'"):
        train_config(type(model)(model.task, model.version, None, model.values))


def test_verify_the_network_from_the_training_file(tmp_path) -> None:
    bundle = write_bundle(exported_model(published(tmp_path, LABELS)), tmp_path / "bundle")
    files = {
        "meta_file": str(bundle / "configs" / "metadata.json"),
        "config_file": str(bundle / "configs" / "train.json"),
    }
    monai.bundle.verify_net_in_out("network_def", device="cpu", n=2, **files)


def test_jlabel_trains_it_on_label_files_with_values_of_the_app(tmp_path, data, monkeypatch) -> None:
    """The reader has made classes of the values: they are not looked up a second time."""
    bundle = write_bundle(exported_model(published(tmp_path, LABELS), APP), tmp_path / "bundle")
    studies = tmp_path / "studies"
    studies.mkdir()
    for number in range(CASES):
        (studies / f"case_{number}.nii.gz").write_bytes((data / "imagesTr" / f"case_{number}.nii.gz").read_bytes())
    datastore = LocalDatastore(studies)
    for number in range(CASES):
        label = np.asarray(nib.load(data / "labelsTr" / f"case_{number}.nii.gz").dataobj).astype(np.uint8)
        datastore.save_label(f"case_{number}", label)
    seen: set[int] = set()
    look = ShownStructures.__call__

    def remember(self: ShownStructures, engine: object) -> None:
        seen.update(engine.state.output["label"].unique().int().tolist())
        look(self, engine)

    monkeypatch.setattr(ShownStructures, "__call__", remember)
    run = Run(tmp_path / "run")
    task = BundleTrainTask(bundle)
    result = task({"name": "again", "labels": APP, "run": run, "max_epochs": 2}, datastore)
    assert seen == {0, 1, 2}
    assert result["left_out"] == {}
    assert result["version"] == 1
