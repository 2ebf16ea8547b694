"""A train task as the tutorials write one, typed into a notebook and trained in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from jlabel.jobs import Jobs
from jlabel.registry import ModelStore
from tests.training.conftest import label_all

# Defined in __main__, as what is typed into a notebook is.
TYPED = """
import sys

import jlabel
import torch
from monai.inferers import SlidingWindowInferer
from monai.losses import DiceCELoss
from monai.networks.nets import UNet
from monai.transforms import (
    Activationsd,
    AsDiscreted,
    EnsureChannelFirstd,
    EnsureTyped,
    LoadImaged,
    RandCropByPosNegLabeld,
    ScaleIntensityRanged,
)


class MyTrainTask(jlabel.BasicTrainTask):
    def network(self, context):
        return UNet(
            spatial_dims=3, in_channels=1, out_channels=len(context.labels) + 1,
            channels=(4, 8), strides=(2,), num_res_units=1,
        )

    def optimizer(self, context):
        return torch.optim.Adam(context.network.parameters(), lr=0.01)

    def loss_function(self, context):
        return DiceCELoss(to_onehot_y=True, softmax=True)

    def train_pre_transforms(self, context):
        return [
            LoadImaged(keys=("image", "label")),
            EnsureChannelFirstd(keys=("image", "label")),
            ScaleIntensityRanged(keys="image", a_min=-50, a_max=150, b_min=0.0, b_max=1.0, clip=True),
            RandCropByPosNegLabeld(
                keys=("image", "label"), label_key="label", spatial_size=(8, 8, 8),
                pos=1, neg=1, num_samples=2, image_key="image",
            ),
            EnsureTyped(keys=("image", "label"), device=context.device),
        ]

    def train_post_transforms(self, context):
        return [
            Activationsd(keys="pred", softmax=True),
            AsDiscreted(
                keys=("pred", "label"), argmax=(True, False),
                to_onehot=(len(context.labels) + 1, len(context.labels) + 1),
            ),
        ]

    def val_pre_transforms(self, context):
        return [
            LoadImaged(keys=("image", "label")),
            EnsureChannelFirstd(keys=("image", "label")),
            ScaleIntensityRanged(keys="image", a_min=-50, a_max=150, b_min=0.0, b_max=1.0, clip=True),
            EnsureTyped(keys=("image", "label")),
        ]

    def val_inferer(self, context):
        return SlidingWindowInferer(roi_size=(8, 8, 8), sw_batch_size=2, overlap=0.25)


class MyApp(jlabel.LabelApp):
    def init_trainers(self):
        return {"my_model": MyTrainTask(description="Finds the ball")}


manager = jlabel.AppManager(MyApp(sys.argv[1], labels=["ball"]))
job = manager.train("my_model", max_epochs=2, train_batch_size=2, device="cpu")
print(job.id)
"""


def test_the_train_task_of_the_tutorials_runs_as_it_is_typed_and_outlives_its_kernel(
    store, tmp_path: Path, own_locks: Path
) -> None:
    label_all(store, {"ball": 1})
    typed = tmp_path / "typed.py"
    typed.write_text(TYPED)
    ended = subprocess.run(
        [sys.executable, str(typed), str(tmp_path / "studies")],
        capture_output=True, text=True, timeout=280, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    (job,) = Jobs(store.workspace.jobs_folder()).list()
    assert job.id == ended.stdout.strip()
    assert job.wait(240)
    assert job.state == "done", (job.error, job.log)
    assert [row["epoch"] for row in job.metrics] == [1, 2]
    assert all(0 <= row["val_mean_dice"] <= 1 and row["loss"] > 0 for row in job.metrics)
    assert job.result["train_images"] == 4
    (version,) = ModelStore(store.workspace.models_folder()).versions("my_model")
    assert version.in_use
