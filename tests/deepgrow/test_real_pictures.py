"""DeepGrow trained for a few seconds on real pictures: it need not be good, but every picture is answered."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.deepgrow import DeepGrow2D, DeepGrow2DTrainTask
from jlabel.imaging import read_image, read_label
from jlabel.prompts import Click
from jlabel.registry import ModelStore, PublishedModel
from jlabel.tasks import InferRequest
from tests.training.conftest import run  # noqa: F401 - a fixture

LEARNT, ASKED = 4, 12


@pytest.mark.parametrize("kind", ["kvasir_polyp", "nuclei_dsb2018"])
def test_every_picture_is_learnt_from_and_answered(shared_data: Path, tmp_path, run, kind):  # noqa: F811
    studies = tmp_path / "studies"
    studies.mkdir()
    for file in sorted((shared_data / kind / "images").iterdir())[:ASKED]:
        shutil.copy(file, studies)
    datastore = LocalDatastore(studies)
    for image_id in datastore.list_images()[:LEARNT]:
        image = read_image(datastore.get_image_uri(image_id))
        (label,) = (shared_data / kind / "labels").glob(f"{image_id}.*")
        datastore.save_label(image_id, (read_label(label, image) > 0).astype(np.uint8), info={"labels": {"it": 1}})
    options = {"max_seconds": 4, "samples_per_epoch": 3, "max_epochs": 1, "interactions": 1}
    found = DeepGrow2DTrainTask()({"labels": {"it": 1}, "run": run, "name": "net", **options}, datastore)
    assert found["left_out"] == {}
    task = DeepGrow2D(published=PublishedModel(ModelStore(datastore.workspace.models_folder()), "net"))
    assert task.published.in_use().network["colours"] == 3
    for image_id in datastore.list_images():
        image = read_image(datastore.get_image_uri(image_id))
        rows, columns = image.shape
        for place in ((rows // 2, columns // 2), (0, columns - 1)):
            request = InferRequest(image=image, image_id=image_id, labels={"it": 1}, prompts=(Click(place),))
            assert task(request).mask.shape == image.shape
    datastore.close()
