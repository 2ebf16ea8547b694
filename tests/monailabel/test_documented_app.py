"""The app of MONAI Label's documentation of its framework, typed as there; what its text leaves out is filled in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import jlabel
from jlabel.registry import ModelStore
from tests.apps.app_folder.conftest import WriteApp

INFER = """
from monai.inferers import SimpleInferer
from monai.transforms import LoadImaged, ToNumpyd, Activationsd, AsDiscreted

from monailabel.interfaces.tasks import InferTask


class MyInfer(InferTask):

    def pre_transforms(self, data=None):
        return [
            LoadImaged(keys="image"),
            ToNumpyd(keys="image"),
        ]

    def inferer(self, data=None):
        return SimpleInferer()

    def post_transforms(self, data=None):
        return [
            Activationsd(keys="pred", sigmoid=True),
            AsDiscreted(keys="pred", threshold=0.5),
            ToNumpyd(keys="pred"),
        ]
"""
TRAIN = """
from monai.apps.deepgrow.transforms import SpatialCropForegroundd
from monai.inferers import SlidingWindowInferer
from monai.losses import DiceLoss
from monai.transforms import *

from monailabel.utils.train.basic_train import BasicTrainTask, Context


class MyTrainTask(BasicTrainTask):

    def loss_function(self, context: Context):
        return DiceLoss(sigmoid=True, squared_pred=True)

    def train_pre_transforms(self, context: Context):
        return Compose([
            LoadImaged(keys=("image", "label")),
            EnsureChannelFirstd(keys=("image", "label")),
            SpatialCropForegroundd(keys=("image", "label"), source_key="label", spatial_size=(128, 128, 128)),
            NormalizeIntensityd(keys="image"),
        ])

    def train_post_transforms(self, context: Context):
        return Compose([
            Activationsd(keys="pred", sigmoid=True),
            AsDiscreted(keys="pred", threshold=0.5),
        ])

    def val_pre_transforms(self, context: Context):
        return Compose([
            LoadImaged(keys=("image", "label")),
            EnsureChannelFirstd(keys=("image", "label")),
            ScaleIntensityRanged(keys="image", a_min=-57, a_max=164, b_min=0.0, b_max=1.0, clip=True),
            CropForegroundd(keys=("image", "label"), source_key="image"),
            ToTensord(keys=("image", "label")),
        ])

    def val_inferer(self):
        return SlidingWindowInferer(roi_size=(128, 128, 128))
"""
SCORING = """
import os

import torch
from monailabel.interfaces import Datastore
from monailabel.interfaces.tasks.scoring import ScoringMethod


class MyScoreGeneratorMethod(ScoringMethod):

    def __init__(self, model):
        super().__init__("My score")
        self.scoring_model_path = model
        self.device = "cpu"
        self.num_samples = 10

    def __call__(self, request, datastore: Datastore):
        result = {}

        scoring_model_timestamp = int(os.stat(self.scoring_model_path).st_mtime)
        scoring_model = torch.jit.load(self.scoring_model_path)

        if not scoring_model:
            return None

        scoring_model = scoring_model.to(self.device).eval()

        skipped = 0
        unlabeled_images = datastore.get_unlabeled_images()
        num_samples = request.get("num_samples", self.num_samples)

        for image_id in unlabeled_images:
            image_info = datastore.get_image_info(image_id)
            prev_timestamp = image_info.get("my_score_timestamp", 0)

            # if the timestamps match we don't need to recompute score
            if prev_timestamp == scoring_model_timestamp:
                skipped += 1
                continue

            with torch.no_grad():
                data = {"image": datastore.get_image_uri(image_id)}
                my_score = scoring_model(data)

            if self.device == "cuda":
                torch.cuda.empty_cache()

            # add `my_score` in datastore to use later in `SelectImageWithMyScore`
            info = {
                "my_score": my_score,
                "my_score_timestamp": scoring_model_timestamp
            }
            datastore.update_image_info(image_id, info)
            result[image_id] = info

        return result
"""
STRATEGY = """
import logging
import random

from monailabel.interfaces import Datastore
from monailabel.interfaces.tasks import Strategy

logger = logging.getLogger(__name__)


class SelectImageWithMyScore(Strategy):

    def __call__(self, request, datastore: Datastore):
        images = datastore.get_unlabeled_images()
        if not len(images):
            return None

        my_scores = {image: datastore.get_image_info(image).get("my_score", 0) for image in images}

        # default to picking at random if `my_score` is not available
        if sum(my_scores.values()) == 0:
            image = random.choice(images)
            logger.info(f"Randomly selected Image '{image}'")
        else:
            my_max_score, image = max(zip(my_scores.values(), my_scores.keys()))
            logger.info(f"Selected image '{image}' using `my_score` ({my_max_score})")
        return image
"""
MAIN = """
from typing import Dict

import torch
from lib.infer import MyInfer
from lib.scoring import MyScoreGeneratorMethod
from lib.strategy import SelectImageWithMyScore
from lib.train import MyTrainTask
from monailabel.interfaces import MONAILabelApp
from monailabel.interfaces.tasks.scoring import ScoringMethod
from monailabel.interfaces.tasks.train import TrainTask


class MyApp(MONAILabelApp):

    def __init__(self, app_dir, studies, conf):
        torch.manual_seed(0)
        first, last = torch.nn.Conv3d(1, 4, 3, padding=1), torch.nn.Conv3d(4, 1, 1)
        self.network = torch.nn.Sequential(first, torch.nn.ReLU(), last)
        self.final_model = f"{app_dir}/model/final.pt"
        self.pretrained_model = self.final_model
        super().__init__(app_dir, studies, conf, labels=["spleen"])

    def init_infers(self):
        return {
            "segmentation_spleen": MyInfer(self.final_model, self.network),
        }

    def init_strategies(self):
        return {
            "my_score": SelectImageWithMyScore(),
        }

    def init_trainers(self) -> Dict[str, TrainTask]:
        return {
            "segmentation": MyTrainTask(
                self.model_dir, self.network, load_path=self.pretrained_model, publish_path=self.final_model
            )
        }

    def init_scoring_methods(self) -> Dict[str, ScoringMethod]:
        return {
            "my_scoring_method": MyScoreGeneratorMethod(
                model=self.conf["scoring_model"],
            )
        }
"""
FILES = {
    "main.py": MAIN,
    "lib/__init__.py": "",
    "lib/infer.py": INFER,
    "lib/train.py": TRAIN,
    "lib/scoring.py": SCORING,
    "lib/strategy.py": STRATEGY,
}


class LastLetter(torch.nn.Module):
    """Scores an image by its file's name."""

    def forward(self, data: dict[str, str]) -> float:
        return float(ord(data["image"][-8]))


@pytest.mark.timeout(900)
def test_it_trains_answers_scores_and_chooses(
    names: None, write_app: WriteApp, studies: Path, tmp_path: Path, own_locks: Path
) -> None:
    model = tmp_path / "scoring.ts"
    torch.jit.script(LastLetter()).save(model)
    app = jlabel.open_app(write_app(FILES), studies=studies, conf={"scoring_model": model})
    manager = jlabel.AppManager(app, device="cpu")
    assert not app.infers["segmentation_spleen"].is_valid()  # its weights are not there yet
    for image_id in ("case_0", "case_1"):
        image = manager.image(image_id)
        manager.save_label(image_id, image.array > 50, image=image)

    training = manager.train("segmentation", max_epochs=2, learning_rate=0.01)
    scoring = manager.score("my_scoring_method")
    for job in (training, scoring):
        job.wait(600)
        assert job.state == "done", job.error
    assert ModelStore(Path(app.model_dir)).in_use("segmentation").number == 1  # type: ignore[union-attr]
    assert manager.infer("segmentation_spleen", "case_2").mask.shape == (16, 16, 8)

    assert app.datastore.get_image_info("case_2")["my_score"] == ord("2")
    assert manager.next_image(strategy="my_score") == "case_2"
    manager.save_label("case_2", np.ones((16, 16, 8), np.uint8))
    assert manager.next_image(strategy="my_score") is None
    manager.close()
