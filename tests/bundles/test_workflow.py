"""A bundle whose training is a class: a workflow that its metadata name."""

from __future__ import annotations

from pathlib import Path

import pytest

import jlabel
from jlabel.bundles import BundleTrainTask
from jlabel.bundles.bundle import Bundle
from jlabel.bundles.metadata import workflow_class
from tests.bundles.small_bundles import metadata, write_bundle
from tests.bundles.test_train import Run, digest, studies, train  # noqa: F401 - a fixture

WORKFLOW = """
import torch
from monai.bundle import PythonicWorkflow
from monai.data import CacheDataset, DataLoader
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import MeanDice, ValidationHandler, from_engine
from monai.inferers import SimpleInferer
from monai.losses import DiceCELoss
from monai.networks.nets import UNet
from monai.transforms import (
    AsDiscreted, Compose, EnsureChannelFirstd, LoadImaged, Resized, ScaleIntensityd,
)

KEYS = ["image", "label"]


class Train(PythonicWorkflow):
    def get_bundle_root(self):
        return "."

    def get_device(self):
        return torch.device("cpu")

    def get_dataset_dir(self):
        return "/nowhere"

    def get_max_epochs(self):
        return 50

    def get_network_def(self):
        return UNet(3, 1, 3, [4, 8], [2], norm="batch")

    def _steps(self):
        return Compose([
            LoadImaged(KEYS), EnsureChannelFirstd(KEYS), ScaleIntensityd("image"),
            Resized(KEYS, (16, 16, 16), mode=("trilinear", "nearest")),
        ])

    get_train_preprocessing = get_val_preprocessing = _steps

    def get_train_dataset(self):
        return CacheDataset(self.train_dataset_data, self.train_preprocessing, progress=False)

    def get_val_dataset(self):
        return CacheDataset(self.val_dataset_data, self.val_preprocessing, progress=False)

    def get_train_inferer(self):
        return SimpleInferer()

    def get_evaluator(self):
        return SupervisedEvaluator(
            device=self.device, val_data_loader=DataLoader(self.val_dataset), network=self.trained(),
            postprocessing=AsDiscreted(["pred", "label"], argmax=[True, False], to_onehot=3),
            key_val_metric={"val_mean_dice": MeanDice(
                include_background=False, output_transform=from_engine(["pred", "label"]))},
        )

    def get_trainer(self):
        network = self.trained()
        return SupervisedTrainer(
            device=self.device, max_epochs=self.max_epochs,
            train_data_loader=DataLoader(self.train_dataset, batch_size=2, shuffle=True), network=network,
            optimizer=torch.optim.Adam(network.parameters(), 0.01),
            loss_function=DiceCELoss(to_onehot_y=True, softmax=True), inferer=self.train_inferer,
            train_handlers=[ValidationHandler(interval=1, validator=self.evaluator, epoch_level=True)],
        )

    def trained(self):
        return self.network_def.to(self.device)

    def run(self):
        self.trainer.run()

    def finalize(self):
        open("finished.txt", "w").close()


class ReadsByItself(Train):
    def get_train_preprocessing(self):
        return lambda data: data

class NeedsMore(Train):
    def __init__(self, secret, **more):
        super().__init__(**more)
"""


def write_workflow(folder: Path, name: object = "scripts.workflow.Train") -> Path:
    return write_bundle(folder, about={**metadata(), "workflow": name}, scripts={"workflow.py": WORKFLOW})


@pytest.mark.timeout(900)
def test_it_trains_by_its_class_and_the_bundle_stays_as_it_is(studies, tmp_path: Path) -> None:  # noqa: F811
    bundle = write_workflow(tmp_path / "kidneys")
    before = digest(bundle)
    run = Run(tmp_path / "run")
    app = jlabel.LabelApp(studies, {"tumour": 3, "Kidney": 7}, bundles=[bundle])
    result = train(app.trainers["kidneys"], studies, run, pretrained=False, max_epochs=2)
    assert digest(bundle) == before
    assert (result["epochs"], result["train_images"], result["val_images"]) == (2, 3, 1)
    assert (result["metric"], result["version"]) == ("val_mean_dice", 1)
    assert set(run.rows[2]) >= {"loss", "val_mean_dice"}
    version = app.infers["kidneys"].published.store.versions("kidneys")[0]
    assert version.labels == {"Kidney": 1, "tumour": 2}


@pytest.mark.parametrize(("name", "words"), [
    ("scripts.workflow.Nothing", "name the workflow scripts.workflow.Nothing, which is no class"),
    ("scripts.gone.Train", "No module named 'scripts.gone'"),
    ("scripts.workflow.NeedsMore", "needs arguments that only its author knows: secret"),
    ("scripts.workflow.ReadsByItself", "no LoadImaged in a Compose that is its property 'train_preprocessing'"),
])  # fmt: skip
def test_what_is_wrong_with_it_is_named(studies, tmp_path: Path, name: str, words: str) -> None:  # noqa: F811
    task = BundleTrainTask(write_workflow(tmp_path / "kidneys", name))
    with pytest.raises(jlabel.TaskError, match=words) as failed:
        train(task, studies, Run(tmp_path / "run"))
    assert "'kidneys'" in str(failed.value)


def test_an_option_that_it_has_no_place_for_is_an_error_before_it_begins(studies, tmp_path: Path) -> None:  # noqa: F811
    task = BundleTrainTask(write_workflow(tmp_path / "kidneys"))
    with pytest.raises(jlabel.TaskError, match="no place for learning_rate"):
        train(task, studies, Run(tmp_path / "run"), learning_rate=0.1)


@pytest.mark.parametrize(("given", "found"), [
    ("scripts.workflow.Train", "scripts.workflow.Train"),
    ({"train": "scripts.a.B", "inference": "scripts.a.C"}, "scripts.a.B"),
    ({"inference": "scripts.a.C"}, ""),
    ("ConfigWorkflow", ""),
    (7, ""),
])  # fmt: skip
def test_how_metadata_name_it(tmp_path: Path, given: object, found: str) -> None:
    assert workflow_class(Bundle(write_workflow(tmp_path / "kidneys", given))) == found
