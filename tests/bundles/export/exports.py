"""What the tests of exported bundles share: versions without a training, images of every geometry, MONAI's command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import nibabel as nib
import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

from jlabel.bundles.export.model import ExportedModel, file_values
from jlabel.imaging import read_image
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.segmentation import Plan, Segmentation, SegmentationTrainTask
from jlabel.tasks import InferRequest
from jlabel.training.checkpoints import save_weights

PLAN = Plan(
    spacing=(1.3, 1.1, 2.0), patch=(24, 28, 20), strides=((2, 2, 1), (2, 2, 2)), channels=(4, 8, 8), window=None
)
IDS = {"jane_doe_1970": 3, "john_doe_1980": 1}


def published(folder: Path, labels: Mapping[str, int], name="segmentation", plan=PLAN, kind=Segmentation, **fields):
    """An infer task whose model has one version, in use, with weights as they are before any training."""
    store = ModelStore(folder / "models")
    task = kind(PublishedModel(store, name), list(labels))
    row = ModelVersion(
        name, 0, labels=dict(labels), network=plan.to_json(), images=IDS, judged_by={"mr_x": 1}, **fields
    )
    torch.manual_seed(7)
    weights = folder / "weights.safetensors"
    save_weights(task.make_network(row), weights)
    store.use(name, store.publish(row, weights).number)
    return task


def exported_model(task, app: Mapping[str, int] | None = None, trainer=None) -> ExportedModel:
    """Its version in use, ready to be exported for an app with these labels."""
    version = task.published.in_use()
    values = file_values(version.labels, version.labels if app is None else app)
    return ExportedModel(task, version, trainer or SegmentationTrainTask(config={"max_epochs": 2}), values)


def smooth(rng, shape) -> np.ndarray:
    """Voxels with something to see in them."""
    return (gaussian_filter(rng.normal(0, 1, shape), 1.5) * 3000).astype(np.int16)


def geometries(folder: Path) -> Path:
    """Volumes in many axis orders, oblique, anisotropic, smaller than a patch, with frames, with odd voxels."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    straight = np.diag([1.3, 1.1, 2.0, 1.0])

    def save(name, array, affine=straight):
        nib.save(nib.Nifti1Image(array, affine), folder / name)

    ras = nib.orientations.axcodes2ornt("RAS")
    for axes in ("RAS", "LPS", "PIR", "ASL", "LIP"):
        turn = nib.orientations.ornt_transform(ras, nib.orientations.axcodes2ornt(axes))
        image = nib.Nifti1Image(smooth(rng, (30, 23, 21)), np.diag([0.9, 1.1, 2.5, 1.0])).as_reoriented(turn)
        nib.save(image, folder / f"axes {axes}.nii.gz")
    for number, angles in enumerate([(5, -20, 0), (15, -7, 31), (25, 6, 62)]):
        affine = np.eye(4)
        affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() @ np.diag([0.9, 1.4, 3.1])
        affine[:3, 3] = rng.normal(0, 50, 3)
        save(f"oblique_{number}.nii.gz", smooth(rng, (26, 30, 14)), affine)
    save("as_planned.nii", smooth(rng, (40, 50, 34)))
    save("small.nii.gz", smooth(rng, (7, 5, 3)), np.eye(4))
    save("thick.nii.gz", smooth(rng, (50, 51, 5)), np.diag([0.5, 0.5, 6.0, 1.0]))
    save("frames.nii.gz", rng.normal(0, 1, (20, 21, 12, 3)).astype(np.float32))
    odd = rng.normal(0, 1, (20, 21, 12)).astype(np.float32)
    save("infinite.nii.gz", np.where(odd > 2, np.inf, np.where(odd < -2, -np.inf, odd)).astype(np.float32))
    save("holed.nii.gz", np.where(odd > 1, np.nan, odd).astype(np.float32))
    save("nothing.nii.gz", np.full((12, 11, 10), np.nan, np.float32))
    save("flat.nii.gz", np.zeros((12, 11, 10), np.uint8))
    scaled = nib.Nifti1Image(smooth(rng, (22, 23, 24)), straight)
    scaled.header.set_slope_inter(0.37, -12.0)
    nib.save(scaled, folder / "scaled.nii.gz")
    unplaced = nib.Nifti1Image(smooth(rng, (22, 23, 24)), None)
    unplaced.header.set_zooms((1.2, 1.1, 2.3))
    nib.save(unplaced, folder / "unplaced.nii.gz")
    return folder


def stem(file: Path) -> str:
    return re.sub(r"\.nii(\.gz)?$", "", file.name)


def assert_same_masks(task, labels: Mapping[str, int], images: Path, masks: Path) -> set[int]:
    """Each mask that MONAI wrote is the task's own, in the image's grid; returns the values that there are."""
    values: set[int] = set()
    for file in sorted(images.iterdir()):
        image = read_image(file)
        own = task(InferRequest(image=image, image_id=stem(file), labels=dict(labels))).mask
        written = nib.load(masks / stem(file) / f"{stem(file)}_trans.nii.gz")
        np.testing.assert_array_equal(np.asarray(written.dataobj), own, err_msg=file.name)
        np.testing.assert_allclose(written.affine, image.affine, atol=1e-5, err_msg=file.name)
        values |= set(np.unique(own).tolist())
    return values


# Python without jlabel, wherever it is installed.
_WITHOUT_JLABEL = """
import runpy, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "jlabel":
            raise ImportError("jlabel is not here")
sys.meta_path.insert(0, Refuse())
sys.argv[0] = "monai.bundle"
runpy.run_module("monai.bundle", run_name="__main__", alter_sys=True)
"""


def monai_bundle(bundle: Path, *arguments: object) -> str:
    """``python -m monai.bundle`` in a bundle's folder, in a Python that has no jlabel; returns what it said."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, "-c", _WITHOUT_JLABEL, *map(str, arguments)]
    done = subprocess.run(command, cwd=bundle, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    return done.stdout + done.stderr
