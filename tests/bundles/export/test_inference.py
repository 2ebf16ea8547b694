"""Tasks and networks that an author wrote, as bundles."""

from __future__ import annotations

import json
from pathlib import Path

import monai.bundle
import pytest
import torch
from monai.inferers import SlidingWindowInferer
from monai.networks.nets import BasicUNet, UNet
from monai.transforms import (
    Activationsd,
    AsDiscreted,
    Compose,
    CropForegroundd,
    EnsureChannelFirstd,
    Invertd,
    LoadImaged,
    Orientationd,
    ScaleIntensityd,
    Spacingd,
)

from jlabel.bundles.export.bundle import write_bundle
from jlabel.bundles.export.inference import inference_config
from jlabel.bundles.export.model import ExportedModel, file_values
from jlabel.errors import TaskError
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferTask
from jlabel.training.checkpoints import save_weights
from tests.bundles.export.exports import assert_same_masks, geometries
from tests.bundles.export.own_networks import Noisy, TwoConvolutions
from tests.training.tasks import BallTask

LABELS = {"liver": 1, "spleen": 2}


class Own(InferTask):
    """Segments at a spacing of 2 mm."""

    def pre_transforms(self, data):
        return [
            LoadImaged("image"),
            EnsureChannelFirstd("image"),
            Orientationd("image", axcodes="LPS", labels=(("L", "R"), ("P", "A"), ("I", "S"))),
            Spacingd("image", pixdim=(2.0, 2.0, 2.0), mode="bilinear"),
            ScaleIntensityd("image"),
        ]

    def inferer(self, data):
        return SlidingWindowInferer((16, 16, 16), sw_batch_size=2, overlap=0.25)

    def post_transforms(self, data):
        return [AsDiscreted("pred", argmax=True)]


class MadeHere(Own):
    """Makes its network itself."""

    def make_network(self, version):
        return TwoConvolutions(3)


class EachChannel(Own):
    """Gives a channel for each label, which may overlap, and none for the background."""

    def make_network(self, version):
        return UNet(3, 1, 2, channels=(4, 8), strides=(2,))

    def post_transforms(self, data):
        return [Activationsd("pred", sigmoid=True), AsDiscreted("pred", threshold=0.5)]


class InvertsItself(MadeHere):
    """Takes its answer back to the image's grid by itself, and crops before."""

    def pre_transforms(self, data):
        return [*super().pre_transforms(data), CropForegroundd("image", source_key="image", allow_smaller=True)]

    def post_transforms(self, data):
        back = Invertd("pred", transform=Compose(self.pre_transforms(data)), orig_keys="image", nearest_interp=False)
        return [back, AsDiscreted("pred", argmax=True)]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = geometries(tmp_path_factory.mktemp("data") / "images")
    for file in folder.iterdir():
        if not file.name.startswith(("axes", "oblique", "holed")):
            file.unlink()
    return folder


def own(kind, folder: Path, network: torch.nn.Module | None = None, network_def=None, trainer=None) -> ExportedModel:
    """The model of a task that an author wrote, with a version in use."""
    store = ModelStore(folder / "models")
    task = kind(published=PublishedModel(store, "mine"), network=network, labels=LABELS)
    version = ModelVersion("mine", 0, labels=LABELS)
    torch.manual_seed(0)
    save_weights(task.make_network(version), folder / "weights.safetensors")
    version = store.use("mine", store.publish(version, folder / "weights.safetensors").number)
    return ExportedModel(task, version, trainer, file_values(LABELS, LABELS), network_def)


def run(bundle: Path, images: Path, masks: Path) -> None:
    config = str(bundle / "configs" / "inference.json")
    options = {"bundle_root": str(bundle), "dataset_dir": str(images), "output_dir": str(masks)}
    monai.bundle.run(config_file=config, logging_file=False, **options)


@pytest.mark.parametrize("kind", [MadeHere, EachChannel, InvertsItself])
def test_an_own_task_runs_under_monai_as_here(tmp_path, images, kind) -> None:
    model = own(kind, tmp_path)
    bundle = write_bundle(model, tmp_path / "bundle", train=False)
    run(bundle, images, tmp_path / "masks")
    assert len(assert_same_masks(model.task, LABELS, images, tmp_path / "masks")) > 1


def test_an_own_training_is_written_too(tmp_path, images) -> None:
    class Trainer(BallTask):
        """Trains a network of an installed module."""

        def network(self, context):
            return TwoConvolutions(context.classes)

    bundle = write_bundle(own(MadeHere, tmp_path, trainer=Trainer(config={"max_epochs": 3})), tmp_path / "bundle")
    config = json.loads((bundle / "configs" / "train.json").read_text())
    assert config["network_def"] == {
        "_target_": "tests.bundles.export.own_networks.TwoConvolutions",
        "classes": 3,
        "features": 4,
    }
    assert config["optimizer"] == {
        "_target_": "torch.optim.Adam",
        "params": "$@network.parameters()",
        "lr": 0.02,
    }
    assert [step["_target_"] for step in config["train"]["random_transforms"]] == ["RandFlipd", "RandSpatialCropd"]
    assert config["epochs"] == 3
    found = json.loads((bundle / "configs" / "metadata.json").read_text())
    assert found["required_modules"] == ["tests.bundles.export.own_networks"]
    card = (bundle / "docs" / "README.md").read_text()
    assert r"Modules that must be importable: tests.bundles.export.own\_networks." in card


def test_a_network_that_was_given_is_known_by_what_it_keeps(tmp_path) -> None:
    model = own(Own, tmp_path, UNet(3, 1, 3, channels=(4, 8), strides=(2,), num_res_units=1, norm="INSTANCE"))
    found = inference_config(model)["network_def"]
    assert found["_target_"] == "UNet"
    assert (found["spatial_dims"], found["channels"], found["norm"]) == (3, [4, 8], "INSTANCE")
    write_bundle(model, tmp_path / "bundle", train=False)


def test_or_by_what_its_author_says(tmp_path, images) -> None:
    network = BasicUNet(3, 1, 3, features=(4, 4, 8, 8, 8, 4), norm="batch")
    with pytest.raises(TaskError, match="not known with which arguments this BasicUNet was made"):
        write_bundle(own(Own, tmp_path, network), tmp_path / "bundle", train=False)
    said = {"_target_": "BasicUNet", "spatial_dims": 3, "in_channels": 1, "out_channels": 3}
    (tmp_path / "b").mkdir()
    with pytest.raises(TaskError, match="the network BasicUNet cannot be made from its configuration"):
        write_bundle(own(Own, tmp_path / "b", network, said), tmp_path / "bundle", train=False)
    (tmp_path / "c").mkdir()
    model = own(Own, tmp_path / "c", network, {**said, "features": [4, 4, 8, 8, 8, 4], "norm": "batch"})
    bundle = write_bundle(model, tmp_path / "bundle", train=False)
    run(bundle, images, tmp_path / "masks")
    assert_same_masks(model.task, LABELS, images, tmp_path / "masks")


def test_a_network_of_a_notebook_is_named(tmp_path) -> None:
    class InNotebook(TwoConvolutions):
        """Defined where nobody else can import it from."""

    class Task(Own):
        """Makes it."""

        def make_network(self, version):
            return InNotebook(3)

    with pytest.raises(TaskError, match="InNotebook is defined in a notebook or inside a function, so it cannot be"):
        write_bundle(own(Task, tmp_path), tmp_path / "bundle", train=False)
    assert not (tmp_path / "bundle").exists()


def test_a_transform_that_is_a_function_is_named(tmp_path) -> None:
    def double(data):
        return {**data, "image": data["image"] * 2}

    class Task(MadeHere):
        """Doubles the image."""

        def pre_transforms(self, data):
            return [*super().pre_transforms(data), double]

    with pytest.raises(TaskError, match=r"the transform .*double is a function: make it a transform class"):
        inference_config(own(Task, tmp_path))


def test_a_network_that_fails_on_its_own_input_is_named(tmp_path) -> None:
    network = UNet(3, 1, 3, channels=(4, 8, 8, 8, 8), strides=(2, 2, 2, 2), norm="INSTANCE")
    with pytest.raises(TaskError, match=r"the network UNet failed on input \(1, 16, 16, 16\): ValueError"):
        write_bundle(own(Own, tmp_path, network), tmp_path / "bundle", train=False)


def test_a_network_that_answers_otherwise_is_not_given_away(tmp_path) -> None:
    class Task(Own):
        """Has a network that depends on what was made before it."""

        def make_network(self, version):
            return Noisy(3)

    with pytest.raises(TaskError, match="Noisy gives another answer when it is made from its configuration"):
        write_bundle(own(Task, tmp_path), tmp_path / "bundle", train=False)


def test_a_task_without_a_network_has_nothing_to_export(tmp_path) -> None:
    class Task(MadeHere):
        """Has transforms alone."""

        def inferer(self, data):
            return [ScaleIntensityd("image")]

    with pytest.raises(TaskError, match="Task has no network, only transforms"):
        inference_config(own(Task, tmp_path))
