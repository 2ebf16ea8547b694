"""The names of labels as models know them, and those as people do."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from jlabel.app import LabelApp
from jlabel.errors import TaskError
from jlabel.imaging import Region
from jlabel.prompts import Click
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferResult, InferTask
from jlabel.widget import AppManager

COMPOSED = unicodedata.normalize("NFC", "épiploon")
DECOMPOSED = unicodedata.normalize("NFD", "épiploon")
SHAPE = (6, 5, 4)


class Asked(InferTask):
    """Keeps what it was asked."""

    def pre_transforms(self, data):
        return []

    inferer = post_transforms = pre_transforms

    def __call__(self, request):
        self.request = request
        empty = np.zeros(SHAPE, np.uint8)
        return InferResult(Region.whole(SHAPE), empty, SHAPE, dict(self.labels))


class Slices(torch.nn.Module):
    """Every voxel of the i-th slice is of class i, as far as there are classes."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, image):
        out = torch.zeros((1, 3, *image.shape[2:]))
        for index in range(3):
            out[0, index, index] = 1
        return out + self.weight


class Learnt(InferTask):
    """A network of a published version, whose classes may be more than the task names."""

    def pre_transforms(self, data):
        from monai.transforms import EnsureChannelFirstd, LoadImaged

        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data):
        from monai.inferers import SimpleInferer

        return SimpleInferer()

    def post_transforms(self, data):
        return []


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / "case.nii.gz")
    return tmp_path


@pytest.fixture
def asked() -> Asked:
    return Asked(labels=["liver", DECOMPOSED])


@pytest.fixture
def manager(studies: Path, asked: Asked) -> Iterator[AppManager]:
    class App(LabelApp):
        def init_infers(self):
            return {"asked": asked}

    manager = AppManager(App(studies=studies, labels=["liver", COMPOSED]), device="cpu")
    yield manager
    manager.close()


@pytest.mark.parametrize("name", [COMPOSED, DECOMPOSED])
def test_a_task_is_asked_in_its_own_spelling_however_a_person_writes_the_name(
    manager: AppManager, asked: Asked, name: str
) -> None:
    manager.infer("asked", "case", label=name, prompts=[Click((1, 1, 1), label=name)])
    assert asked.request.label == DECOMPOSED
    assert [prompt.label for prompt in asked.request.prompts] == [DECOMPOSED]
    assert asked.request.labels[DECOMPOSED] == 2
    assert asked.request.labels["liver"] == 1


def test_a_renamed_label_is_asked_for_in_the_spelling_of_the_task(manager: AppManager, asked: Asked) -> None:
    manager.label_names.change(lambda labels: labels.rename(DECOMPOSED, "omentum"))
    manager.infer("asked", "case", label="omentum")
    assert asked.request.label == DECOMPOSED
    assert asked.request.labels[DECOMPOSED] == 2


def test_a_name_that_nobody_knows_is_refused_in_any_spelling(manager: AppManager) -> None:
    with pytest.raises(TaskError, match="no label"):
        manager.infer("asked", "case", label=unicodedata.normalize("NFD", "évidé"))


@pytest.mark.parametrize("spelled", [COMPOSED, DECOMPOSED])
def test_a_version_answers_with_every_label_that_it_has_learnt(studies: Path, spelled: str) -> None:
    """Also with one that a person added to those of the app, and with one whose name it keeps in other letters."""
    store = ModelStore(studies / ".jlabel" / "models")

    class App(LabelApp):
        def init_infers(self):
            return {"learnt": Learnt(network=Slices(), labels=["liver"], published=PublishedModel(store, "learnt"))}

    manager = AppManager(App(studies=studies, labels=["liver"]), device="cpu")
    manager.label_names.change(lambda labels: labels.add(COMPOSED, value=7))
    assert manager.label_names.current.learnt_values == {"liver": 1, COMPOSED: 7}
    save_file({"weight": torch.zeros(1)}, studies / "weights.safetensors")
    version = ModelVersion("learnt", 0, labels={"liver": 1, spelled: 2})
    store.use("learnt", store.publish(version, studies / "weights.safetensors").number)
    result = manager.infer("learnt", "case")
    manager.close()
    assert np.unique(result.values[1]).tolist() == [1]
    assert np.unique(result.values[2]).tolist() == [7]
    assert set(result.labels.values()) == {1, 7}
