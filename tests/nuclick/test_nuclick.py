"""NuClick: one network, a click for each object."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from jlabel.errors import PromptError, TaskError
from jlabel.imaging import read_image
from jlabel.nuclick import NuClick, NuClickTrainTask
from jlabel.prompts import Box, Click
from jlabel.registry import ModelStore, PublishedModel
from jlabel.simulation import dice
from jlabel.tasks import InferRequest
from tests.segmentation.conftest import discs, make_pictures
from tests.training.conftest import run  # noqa: F401 - fixture

LABELS = {"dirt": 3, "cell": 2}
QUICK = {"samples_per_epoch": 16, "train_batch_size": 4, "max_epochs": 5, "early_stop_patience": 0}


def cells(number: int) -> np.ndarray:
    """Two large cells."""
    return discs(number, count=2, radius=10)


def centres(truth: np.ndarray) -> list[tuple[int, ...]]:
    values = np.unique(truth)[1:]
    return [tuple(round(n) for n in place) for place in ndimage.center_of_mass(truth > 0, truth, values)]


@pytest.mark.parametrize("colours", [True, False])
def test_each_click_finds_its_object(tmp_path, run, colours) -> None:  # noqa: F811
    pictures = make_pictures(tmp_path / "pictures", colours, cells)
    for number in range(4):
        values = np.where(cells(number) == 2, 4, cells(number) * 2)  # 3 is dirt
        pictures.save_label(f"case_{number}", values, info={"labels": LABELS})
    model = PublishedModel(ModelStore(pictures.workspace.models_folder()), "nuclick")
    task = NuClick(model, ["cell"])
    image = read_image(pictures.get_image_uri("case_4"))
    clicks = tuple(Click(place) for place in centres(cells(4)))
    with pytest.raises(TaskError, match=r"has not been trained yet: manager.train\('nuclick'\)"):
        task(InferRequest(image=image, image_id="case_4", labels=LABELS, label="cell", prompts=clicks))
    found = NuClickTrainTask("cell")({"labels": LABELS, "run": run, "name": "nuclick", **QUICK}, pictures)
    assert found["best_metric"] > 0.5

    def ask(*prompts, **params):
        return task(
            InferRequest(image=image, image_id="case_4", labels=LABELS, label="cell", prompts=prompts, params=params)
        )

    together = ask(*clicks)
    assert (together.labels, together.version) == ({"cell": 2}, 1)
    assert set(np.unique(together.mask)) == {0, 2}
    assert dice(cells(4) > 0, together.mask > 0) > 0.6
    each = ask(*clicks, instances=True)
    assert set(np.unique(each.mask)) == {0, 2, 4}
    for number, (value, click) in enumerate(zip((2, 4), clicks, strict=True), start=1):
        assert each.mask[click.position] == value
        assert dice(cells(4) == number, each.mask == value) > 0.5
    with pytest.raises(PromptError, match="takes clicks, not a box"):
        ask(Box((1, 1), (5, 5)))
    with pytest.raises(PromptError, match="click on an object first"):
        ask(Click((1, 1), positive=False))
    pictures.close()
