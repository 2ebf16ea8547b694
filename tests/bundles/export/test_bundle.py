"""A version of a model as a bundle that MONAI runs by itself."""

from __future__ import annotations

import json
from pathlib import Path

import monai.bundle
import nibabel as nib
import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from safetensors.torch import load_file

import jlabel.bundles.export.bundle as export_module
from jlabel.bundles.export.bundle import write_bundle
from jlabel.bundles.infer import BundleInferTask
from jlabel.deepedit import DeepEditAuto, DeepEditTrainTask
from jlabel.errors import DatastoreError, TaskError
from jlabel.imaging import read_image
from jlabel.segmentation import Plan
from jlabel.tasks import InferRequest
from tests.bundles.export.exports import (
    PLAN,
    assert_same_masks,
    exported_model,
    geometries,
    monai_bundle,
    published,
    smooth,
)

LABELS = {"Leber (rechts) 肝臓": 1, "spleen": 2}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return geometries(tmp_path_factory.mktemp("data") / "Bilder von [heute] ü")


def run_here(bundle: Path, images: Path, masks: Path) -> None:
    """``run`` of MONAI in this process, which is there already."""
    monai.bundle.run(
        config_file=str(bundle / "configs" / "inference.json"),
        meta_file=str(bundle / "configs" / "metadata.json"),
        logging_file=False,
        bundle_root=str(bundle),
        dataset_dir=str(images),
        output_dir=str(masks),
    )


def files(folder: Path) -> list[str]:
    return sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())


@pytest.mark.timeout(900)
def test_monai_writes_the_very_masks_that_jlabel_makes(tmp_path, images) -> None:
    task = published(tmp_path, LABELS)
    bundle = tmp_path / "Bündel für alle"
    assert write_bundle(exported_model(task), bundle) == bundle
    assert files(bundle) == [
        "configs/inference.json",
        "configs/logging.conf",
        "configs/metadata.json",
        "configs/train.json",
        "docs/README.md",
        "models/model.pt",
        "models/model.safetensors",
    ]
    masks = tmp_path / "masks"
    monai_bundle(
        bundle, "run", "--config_file", "configs/inference.json", "--dataset_dir", images, "--output_dir", masks
    )
    assert assert_same_masks(task, LABELS, images, masks) == {0, 1, 2}


@pytest.mark.parametrize(
    ("count", "plan"),
    [
        (9, PLAN),
        (1, Plan((1.0, 1.2, 1.5), (16, 16, 12), ((2, 2, 2),), (4, 8), (-200.0, 900.0))),
        (2, Plan((3.0, 3.0, 3.0), (8, 6, 5), ((1, 1, 1),), (4, 4), None, dropout=0.3)),
    ],
    ids=["many classes", "CT", "coarse"],
)
def test_so_it_is_for_other_plans(tmp_path, images, count, plan) -> None:
    labels = {f"structure {number}": number for number in range(1, count + 1)}
    task = published(tmp_path, labels, plan=plan)
    write_bundle(exported_model(task), tmp_path / "bundle")
    run_here(tmp_path / "bundle", images, tmp_path / "masks")
    assert len(assert_same_masks(task, labels, images, tmp_path / "masks")) > 1


def test_a_mask_has_the_values_of_the_app_and_the_prediction_the_classes_of_the_network(tmp_path, images) -> None:
    task, app = published(tmp_path, {"liver": 1, "spleen": 2}), {"spleen": 1, "liver": 300}
    bundle = write_bundle(exported_model(task, app), tmp_path / "bundle")
    run_here(bundle, images, tmp_path / "masks")
    assert assert_same_masks(task, app, images, tmp_path / "masks") == {0, 1, 300}
    metadata = json.loads((bundle / "configs" / "metadata.json").read_text())
    channels = metadata["network_data_format"]["outputs"]["pred"]["channel_def"]
    assert channels == {"0": "background", "1": "liver", "2": "spleen"}
    assert metadata["label_classes"] == "single channel data, 0 is background, 300 is liver, 1 is spleen"
    training = json.loads((bundle / "configs" / "train.json").read_text())
    assert training["label_values"] == [[300, 1], [1, 2]]


def test_deepedit_runs_without_clicks(tmp_path, images) -> None:
    task = published(tmp_path, LABELS, name="deepedit", kind=DeepEditAuto)
    bundle = write_bundle(exported_model(task, trainer=DeepEditTrainTask()), tmp_path / "bundle")
    run_here(bundle, images, tmp_path / "masks")
    assert_same_masks(task, LABELS, images, tmp_path / "masks")
    assert "The bundle runs it without any" in (bundle / "docs" / "README.md").read_text()


def test_another_frame_on_demand(tmp_path) -> None:
    task = published(tmp_path, LABELS)
    bundle = write_bundle(exported_model(task), tmp_path / "bundle")
    series = np.stack([smooth(np.random.default_rng(number), (20, 21, 12)) for number in range(3)], axis=-1)
    for name, array in (("all", series), ("last", series[..., 2])):
        (tmp_path / name).mkdir()
        nib.save(nib.Nifti1Image(array, np.diag([1.3, 1.1, 2, 1])), tmp_path / name / "case.nii.gz")
    for name, frame in (("all", 2), ("last", 0)):
        monai.bundle.run(
            config_file=str(bundle / "configs" / "inference.json"),
            logging_file=False,
            bundle_root=str(bundle),
            dataset_dir=str(tmp_path / name),
            output_dir=str(tmp_path / f"masks of {name}"),
            frame=frame,
        )
    made = [tmp_path / f"masks of {name}" / "case" / "case_trans.nii.gz" for name in ("all", "last")]
    np.testing.assert_array_equal(*(np.asarray(nib.load(file).dataobj) for file in made))


def test_images_in_folders_below_get_masks_in_such_folders(tmp_path, capsys) -> None:
    bundle, images = write_bundle(exported_model(published(tmp_path, LABELS)), tmp_path / "bundle"), tmp_path / "images"
    for patient in ("a", "b"):
        (images / patient).mkdir(parents=True)
        nib.save(nib.Nifti1Image(smooth(np.random.default_rng(0), (9, 8, 7)), np.eye(4)), images / patient / "t1.nii")
    run_here(bundle, images, tmp_path / "masks")
    assert f"2 images in {images}" in capsys.readouterr().out
    assert files(tmp_path / "masks") == ["a/t1/t1_trans.nii.gz", "b/t1/t1_trans.nii.gz"]
    (tmp_path / "none").mkdir()
    run_here(bundle, tmp_path / "none", tmp_path / "masks")
    assert "0 images in" in capsys.readouterr().out


def test_an_exported_bundle_is_a_model_of_jlabel_again(tmp_path, images) -> None:
    task = published(tmp_path, {"liver": 1, "spleen": 2})
    app = {"spleen": 1, "liver": 4}
    again = BundleInferTask(write_bundle(exported_model(task, app), tmp_path / "bundle"))
    assert again.labels == {"liver": 1, "spleen": 2}
    for file in sorted(images.iterdir()):
        request = InferRequest(image=read_image(file), image_id=file.name, labels=app)
        np.testing.assert_array_equal(again(request).mask, task(request).mask, err_msg=file.name)


def test_both_files_of_weights_hold_the_same_tensors_and_no_code(tmp_path) -> None:
    task = published(tmp_path, LABELS)
    models = write_bundle(exported_model(task), tmp_path / "bundle") / "models"
    whole, tensors = torch.load(models / "model.pt", weights_only=True), load_file(models / "model.safetensors")
    assert whole.keys() == tensors.keys() == task.make_network(task.published.in_use()).state_dict().keys()
    assert all(torch.equal(whole[name], tensors[name]) for name in whole)


def test_monai_verifies_the_network_and_writes_torchscript(tmp_path, monkeypatch) -> None:
    for number, plan in enumerate([PLAN, Plan((3.0,) * 3, (8, 6, 5), ((1, 1, 1),), (4, 4), None)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        task = published(folder, LABELS, plan=plan)
        bundle = write_bundle(exported_model(task), folder / "bundle")
        monkeypatch.chdir(bundle)
        for config in ("configs/inference.json", "configs/train.json"):
            monai.bundle.verify_net_in_out(
                "network_def", meta_file="configs/metadata.json", config_file=config, device="cpu"
            )
        monai.bundle.ckpt_export(filepath="models/model.ts", config_file="configs/inference.json")
        scripted = torch.jit.load("models/model.ts")
        network = task.load_version("cpu", task.published.in_use())
        example = torch.rand(1, 1, *plan.patch)
        torch.testing.assert_close(scripted(example), network(example))


def test_the_files_are_read_in_any_encoding(tmp_path) -> None:
    bundle = write_bundle(exported_model(published(tmp_path, LABELS)), tmp_path / "bundle")
    assert all(file.read_bytes().isascii() for file in (bundle / "configs").iterdir())
    parser = ConfigParser()
    parser.read_meta(str(bundle / "configs" / "metadata.json"))
    assert parser.get("_meta_::network_data_format::outputs::pred::channel_def")["1"] == "Leber (rechts) 肝臓"


def test_a_licence_is_a_name_or_a_file(tmp_path) -> None:
    task = published(tmp_path, LABELS)
    named = write_bundle(exported_model(task), tmp_path / "named", license="CC-BY-4.0")
    assert (named / "LICENSE").read_text() == "CC-BY-4.0\n"
    text = tmp_path / "terms.txt"
    text.write_text("You may do\nwhat you like.\n")
    filed = write_bundle(exported_model(task), tmp_path / "filed", license=text)
    assert (filed / "LICENSE").read_text() == text.read_text()
    assert "Licence: see LICENSE" in (filed / "docs" / "README.md").read_text()
    silent = write_bundle(exported_model(task), tmp_path / "silent")
    assert "Licence: not stated" in (silent / "docs" / "README.md").read_text()
    assert not (silent / "LICENSE").exists()
    with pytest.raises(TaskError, match=r"none.txt: the licence cannot be read"):
        write_bundle(exported_model(task), tmp_path / "other", license=tmp_path / "none.txt")


def test_without_training_on_demand(tmp_path) -> None:
    bundle = write_bundle(exported_model(published(tmp_path, LABELS)), tmp_path / "bundle", train=False)
    assert not (bundle / "configs" / "train.json").exists()
    assert "There is no `train.json`" in (bundle / "docs" / "README.md").read_text()


def test_a_folder_that_is_not_empty_is_left_as_it_is(tmp_path) -> None:
    model = exported_model(published(tmp_path, LABELS))
    place = tmp_path / "bundle"
    place.mkdir()
    write_bundle(model, place)
    before = {name: (place / name).read_bytes() for name in files(place)}
    with pytest.raises(DatastoreError, match=r"bundle is not empty: choose another folder, or .* overwrite=True"):
        write_bundle(model, place)
    assert {name: (place / name).read_bytes() for name in files(place)} == before
    write_bundle(model, place, license="MIT", overwrite=True)
    assert (place / "LICENSE").read_text() == "MIT\n"


@pytest.mark.parametrize("content", ["notes.txt", "configs/metadata.json and photos/x.png"])
def test_what_is_no_bundle_is_never_replaced(tmp_path, content) -> None:
    model, place = exported_model(published(tmp_path, LABELS)), tmp_path / "mine"
    for name in content.split(" and "):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("dear to me")
    with pytest.raises(DatastoreError, match="holds something else than a bundle"):
        write_bundle(model, place, overwrite=True)
    assert files(place) == sorted(content.split(" and "))


def test_a_damaged_version_is_named_and_nothing_is_made(tmp_path) -> None:
    task = published(tmp_path, LABELS)
    model = exported_model(task)
    weights = model.version.file
    content = weights.read_bytes()
    for damaged in (content[: len(content) // 2], b"", b"cos\nsystem\n(S'true'\ntR."):
        weights.write_bytes(damaged)
        with pytest.raises(TaskError, match=r"weights\.safetensors: not a file of tensors"):
            write_bundle(model, tmp_path / "new" / "bundle")
        assert not (tmp_path / "new").exists()


def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch) -> None:
    model = exported_model(published(tmp_path, LABELS))
    write = export_module._write

    def full(file: Path, content: bytes) -> None:
        if file.suffix == ".safetensors":
            raise OSError(28, "No space left on device")
        write(file, content)

    monkeypatch.setattr(export_module, "_write", full)
    with pytest.raises(DatastoreError, match=r"bundle could not be written: No space left on device"):
        write_bundle(model, tmp_path / "outer" / "bundle")
    assert not (tmp_path / "outer").exists()
