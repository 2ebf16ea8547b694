"""A whole app in the form of MONAI Label's template apps, opened as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import jlabel
from tests.apps.app_folder.conftest import WriteApp

MAIN = """
import os

import lib.configs
import monailabel
from monailabel.interfaces.app import MONAILabelApp
from monailabel.interfaces.datastore import Datastore
from monailabel.tasks.activelearning.random import Random
from monailabel.utils.others.class_utils import get_class_names
from monailabel.utils.others.generic import strtobool


class MyApp(MONAILabelApp):
    def __init__(self, app_dir, studies, conf):
        self.model_dir = os.path.join(app_dir, "weights")
        self.models = {}
        for path in get_class_names(lib.configs, "TaskConfig"):
            name = path.split(".")[-2]
            if name in conf.get("models", "").split(","):
                self.models[name] = eval(f"{path}()")
                self.models[name].init(name, self.model_dir, conf, None)
        super().__init__(app_dir, studies, conf, name=f"Mine ({monailabel.__version__})")

    def init_datastore(self) -> Datastore:
        return super().init_datastore()

    def init_infers(self):
        return {name: config.infer() for name, config in self.models.items()}

    def init_strategies(self):
        return {"random": Random()}

    def init_scoring_methods(self):
        return next(iter(self.models.values())).scoring_method()

    def on_init_complete(self):
        super().on_init_complete()
        self.ready = self.datastore().count_images()

    def on_save_label(self, image_id, label_id):
        self.saved = (image_id, label_id)

    def next_sample(self, request):
        return {}
"""
CONFIG = """
import lib.infers
from monailabel.interfaces.config import TaskConfig
from monailabel.tasks.scoring.sum import Sum
from monailabel.utils.others.generic import strtobool


class Block(TaskConfig):
    def init(self, name, model_dir, conf, planner, **kwargs):
        super().init(name, model_dir, conf, planner, **kwargs)
        self.labels = {"block": 1, "background": 0}

    def infer(self):
        return lib.infers.Bright(path=None, network=None, labels=self.labels, preload=strtobool("false"))

    def trainer(self):
        return None

    def scoring_method(self):
        return {"sum": Sum()}
"""
INFERS = """
from monai.transforms import EnsureChannelFirstd, LoadImaged, Orientationd, Spacingd
from monailabel.interfaces.tasks.infer_v2 import InferType
from monailabel.tasks.infer.basic_infer import BasicInferTask
from monailabel.transform.post import BoundingBoxd, Restored


class Bright(BasicInferTask):
    def __init__(self, path, network=None, type=InferType.SEGMENTATION, labels=None, dimension=3, description="",
                 **kwargs):
        super().__init__(path=path, network=network, type=type, labels=labels, dimension=dimension,
                         description=description, load_strict=False, **kwargs)

    def pre_transforms(self, data=None):
        return [LoadImaged(keys="image"), EnsureChannelFirstd(keys="image"), Orientationd(keys="image", axcodes="RAS")]

    def inferer(self, data=None):
        def threshold(data):
            data["pred"] = data["image"] > 50
            return data

        return [threshold]

    def post_transforms(self, data=None):
        return [BoundingBoxd(keys="pred"), Restored(keys="pred", ref_image="image")]
"""
FILES = {
    "main.py": MAIN,
    "lib/__init__.py": "",
    "lib/configs/__init__.py": "",
    "lib/configs/block.py": CONFIG,
    "lib/infers.py": INFERS,
}


@pytest.fixture
def app(names: None, write_app: WriteApp, studies: Path) -> jlabel.LabelApp:
    with pytest.warns(UserWarning, match=r"does not call MyApp\.next_sample: AppManager\.next_image asks"):
        return jlabel.open_app(write_app(FILES), studies=studies, conf={"models": ["block"]})


def test_it_opens_answers_and_its_own_methods_are_called(app: jlabel.LabelApp) -> None:
    assert app.info()["labels"] == {"block": 1}
    assert Path(app.model_dir).name == "weights"
    manager = jlabel.AppManager(app, device="cpu")
    result = manager.infer("block", "case_0")
    assert int(result.mask.sum()) == 8 * 8 * 4
    assert result.info == {"bbox": [[4, 4, 2], [12, 12, 6]]}
    assert app.ready == 3  # type: ignore[attr-defined]
    label = manager.save_label("case_0", result.mask)
    assert app.saved == ("case_0", label)  # type: ignore[attr-defined]
    assert manager.next_image(strategy="random") in ("case_1", "case_2")
    manager.close()


@pytest.mark.timeout(900)
def test_a_job_knows_the_names_too(app: jlabel.LabelApp, own_locks: Path) -> None:
    app.datastore.save_label("case_0", np.ones((16, 16, 8), np.uint8))
    manager = jlabel.AppManager(app, device="cpu")
    job = manager.score("sum")
    job.wait(600)
    assert job.state == "done", job.error
    assert app.datastore.get_label_info("case_0")["sum"] == 16 * 16 * 8
    first_masks = manager.batch_infer("block")
    first_masks.wait(600)
    assert first_masks.state == "done", first_masks.error
    manager.close()


def test_a_failing_on_save_label_is_told_and_the_label_is_saved(app: jlabel.LabelApp) -> None:
    app.on_save_label = lambda image_id, label_id: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    manager = jlabel.AppManager(app, device="cpu")
    with pytest.warns(UserWarning, match=r"(?s)is saved.*ZeroDivisionError.*1 / 0"):
        manager.save_label("case_0", np.ones((16, 16, 8), np.uint8))
    assert app.datastore.get_labeled_images() == ["case_0"]
    manager.close()
