"""The small parts that MONAI Label's apps import: settings, functions, writers, metrics, scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import jlabel
from jlabel.monailabel.bundle_tasks import BundleInferTask, get_bundle_models
from jlabel.monailabel.epistemic import NetworkEpistemicScoring, TaskEpistemicScoring
from jlabel.monailabel.generic import (
    create_dataset_from_path,
    download_file,
    file_ext,
    get_basename_no_ext,
    name_to_device,
    remove_file,
    strtobool,
)
from jlabel.monailabel.metrics import region_wise_metrics
from jlabel.monailabel.planner import HeuristicPlanner
from jlabel.monailabel.run_transforms import run_transforms
from jlabel.monailabel.scoring import Dice, Sum
from jlabel.monailabel.scribbles import GMMBasedGraphCut
from jlabel.monailabel.settings import settings
from jlabel.monailabel.writers import ClassificationWriter, DetectionWriter, PolygonWriter
from tests.bundles.small_bundles import write_bundle


def test_settings_are_read_and_a_changed_one_is_warned_about() -> None:
    assert settings.MONAI_LABEL_DATASTORE == ""
    with pytest.raises(AttributeError, match="no setting MONAI_LABEL_SPEED"):
        settings.MONAI_LABEL_SPEED  # noqa: B018
    with pytest.warns(UserWarning, match="does not look at the setting MONAI_LABEL_SESSIONS"):
        settings.MONAI_LABEL_SESSIONS = True


def test_names_of_files_and_words_for_yes() -> None:
    assert [file_ext(name) for name in ("a.b.nii.gz", "A.PNG", "a")] == [".nii.gz", ".png", ""]
    assert get_basename_no_ext("/studies/spleen.nii") == "spleen"
    assert [strtobool(word) for word in ("true", "No", True, None, "1")] == [True, False, True, False, True]
    assert name_to_device("cpu") == "cpu"


def test_files_are_removed_paired_and_downloaded_only_where_missing(tmp_path: Path) -> None:
    for name in ("images/a.jpg", "images/b.jpg", "labels/a.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    pairs = create_dataset_from_path(str(tmp_path))
    assert pairs == [{"image": str(tmp_path / "images" / "a.jpg"), "label": str(tmp_path / "labels" / "a.png")}]
    download_file("https://127.0.0.1:9/weights.pt", str(tmp_path / "images" / "a.jpg"))
    with pytest.warns(UserWarning, match=r"weights\.pt could not be downloaded to"):
        download_file("https://127.0.0.1:9/weights.pt", str(tmp_path / "model" / "weights.pt"))
    with pytest.raises(jlabel.ConfigError, match="no address"):
        download_file("file:///etc/passwd", str(tmp_path / "x"))
    remove_file(str(tmp_path / "images"))
    assert not (tmp_path / "images").exists()


def test_writers_tell_and_write_nothing() -> None:
    assert PolygonWriter()({"pred": 0, "result": {"a": np.float32(2)}}) == (None, {"a": 2.0})
    boxes = {"box": torch.tensor([[1.0, 2, 3, 4]]), "label": torch.tensor([1])}
    assert DetectionWriter()(boxes) == (None, {"box": [[1, 2, 3, 4]], "label": [1]})
    found = ClassificationWriter(label_names={0: "in body"})({"pred": torch.tensor([0.75, 0.25])})[1]["prediction"]
    assert [(one["label"], one["score"]) for one in found] == [("in body", 0.75), ("label_1", 0.25)]


def test_metrics_of_all_structures_and_of_each() -> None:
    metrics = region_wise_metrics({"liver": 1, "spleen": 2}, "val_mean_dice", "val")
    assert list(metrics) == ["val_mean_dice", "val_liver_mean_dice", "val_spleen_mean_dice"]
    pred = torch.zeros(3, 4, 4)
    label = pred.clone()
    pred[1, :2], label[1, 1:3] = 1, 1
    output = [{"pred": pred, "label": label}]
    given, truth = metrics["val_liver_mean_dice"]._output_transform(output)
    assert [tuple(image.shape) for image in (*given, *truth)] == [(1, 4, 4)] * 2
    metric = metrics["val_liver_mean_dice"].metric_fn
    metric(given, truth)
    assert float(metric.aggregate()) == pytest.approx(0.5)


def test_a_planner_goes_by_the_images(studies: Path) -> None:
    planner = HeuristicPlanner(spatial_size=[48, 48, 32])
    planner.run(jlabel.LocalDatastore(studies))
    assert list(planner.target_spacing) == [1, 1, 2]
    assert list(planner.spatial_size) == [32, 32, 32]
    assert (planner.max_pix, planner.min_pix) == (100, 10)


def test_labels_are_scored(studies: Path) -> None:
    datastore = jlabel.LocalDatastore(studies)
    mask = np.zeros((16, 16, 8), np.uint8)
    mask[4:8, 4:8, 2:6] = 2
    datastore.save_label("case_0", mask, tag="original")
    datastore.save_label("case_0", mask)
    assert Dice()({}, datastore) == {"case_0": 1.0}
    assert Sum(["final"])({}, datastore) == {"case_0 (final)": {"sum": 64, "slices": 4}}


def test_epistemic_scoring_is_jlabels_and_refuses_what_it_cannot_do() -> None:
    task = jlabel.ClassicClickSegment(labels=["liver"])
    with pytest.raises(jlabel.TaskError, match="use_variance=True cannot be done"):
        TaskEpistemicScoring(task, use_variance=True)
    with pytest.raises(jlabel.TaskError, match=r"max_samples=3 cannot be done: manager\.score"):
        TaskEpistemicScoring(task, max_samples=3)
    scoring = NetworkEpistemicScoring("weights.pt", torch.nn.Dropout(), [lambda data: data], num_samples=1)
    assert scoring.passes == 2


def test_scribble_parameters_are_warned_about_by_name() -> None:
    with pytest.warns(UserWarning, match="does not need lamda, num_mixtures"):
        task = GMMBasedGraphCut(labels={"liver": 1}, lamda=5.0, num_mixtures=20)
    assert task.labels == {"liver": 1}
    with pytest.raises(TypeError, match="speed"):
        GMMBasedGraphCut(speed=3)


def test_bundles_of_the_apps_folder(tmp_path: Path) -> None:
    write_bundle(tmp_path / "model" / "kidneys")
    models = get_bundle_models(str(tmp_path), {"bundles": "kidneys"}, conf_key="bundles")
    assert models == {"kidneys": str(tmp_path / "model" / "kidneys")}
    assert BundleInferTask(models["kidneys"], {"models": "x"}).labels == {"kidney": 1, "tumour": 2}
    with pytest.raises(jlabel.TaskError, match=r"BundleInferTask\(pre_filter=…\) cannot be done"):
        BundleInferTask(models["kidneys"], {}, pre_filter=["LoadImaged"])
    with pytest.raises(jlabel.TaskError, match=r"no bundle 'liver' in .*jlabel bundles download liver"):
        get_bundle_models(str(tmp_path), {"models": "liver"})


def test_transforms_run_outside_of_a_task() -> None:
    from monai.transforms import Flipd, ToTensord

    image = torch.arange(6.0).reshape(1, 2, 3)
    steps = [ToTensord("image"), Flipd("image", 0)]
    turned = run_transforms({"image": image}, steps)
    back = run_transforms(turned, steps[1:], inverse=True)
    assert torch.equal(torch.as_tensor(back["image"]), image)
    with pytest.raises(jlabel.TaskError, match=r"post transform Flipd failed: KeyError"):
        run_transforms({}, steps[1:])
