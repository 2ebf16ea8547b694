"""Finished labels, the most suspicious first."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch
from monai.transforms import EnsureChannelFirstd, LoadImaged
from safetensors.torch import save_file

from jlabel.app import LabelApp
from jlabel.click import ClickSegment
from jlabel.errors import Cancelled, DatastoreError, JlabelError
from jlabel.manager import label_measuring
from jlabel.progress import Progress
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InferTask
from jlabel.widget import AppManager
from tests.selection.review.synthetic import NAMES, case

CASES = 8
IDS = [f"case_{number}" for number in range(CASES)]


class Intensity(torch.nn.Module):
    """Knows both structures by their intensity, as surely as its weight says."""

    def __init__(self) -> None:
        super().__init__()
        self.sure = torch.nn.Parameter(torch.zeros(1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        head, tail = image > 105, (image > 65) & (image <= 105)
        return self.sure * torch.cat([~(head | tail), head, tail], dim=1).float()


class Learnt(InferTask):
    def pre_transforms(self, data):
        return [LoadImaged("image"), EnsureChannelFirstd("image")]

    def inferer(self, data):
        return lambda image, network: network(image)

    def post_transforms(self, data):
        return []


class ReviewApp(LabelApp):
    def init_infers(self):
        published = PublishedModel(ModelStore(self.datastore.workspace.models_folder()), "learnt")
        return {
            "click": ClickSegment(),
            "learnt": Learnt(None, Intensity(), labels=["head", "tail"], published=published),
        }


@pytest.fixture
def manager(tmp_path: Path, own_locks: Path):
    folder = tmp_path / "studies"
    folder.mkdir()
    for number, name in enumerate(IDS):
        image, _ = case(number)
        nib.save(nib.Nifti1Image(image.array, image.affine), folder / f"{name}.nii")
    manager = AppManager(ReviewApp(folder, labels=list(NAMES.values())), device="cpu")
    yield manager
    manager.close()


def label_all(manager: AppManager, forgotten: str = "case_3") -> None:
    for number, name in enumerate(IDS):
        mask = case(number)[1]
        if name == forgotten:
            mask[:, :, 12] = 0
        manager.save_label(name, mask)


def publish(manager: AppManager, images: dict[str, int], sure: float = 5.0) -> ModelVersion:
    store = manager.app.infers["learnt"].published.store
    file = Path(manager.datastore.status()["folder"]) / "new.safetensors"
    save_file({"sure": torch.tensor([sure])}, file)
    version = ModelVersion("learnt", 0, images=images, labels={"head": 1, "tail": 2})
    return store.use("learnt", store.publish(version, file).number)


def test_without_labels_there_is_nothing_to_review(manager: AppManager) -> None:
    assert manager.review() == []
    assert "reason" in manager.review()._repr_html_()


def test_the_most_suspicious_comes_first_with_its_reason(manager: AppManager) -> None:
    label_all(manager)
    found = manager.review()
    assert sorted(one.image_id for one in found) == IDS
    assert (found[0].image_id, found[0].version) == ("case_3", 1)
    assert found[0].reason.startswith("slice k = 12 of ")
    assert found[0].trained_on is None
    assert [one.rank for one in found] == sorted((one.rank for one in found), reverse=True)
    assert "slice k = 12 of" in found._repr_html_()
    assert [one.image_id for one in manager.review(count=2)] == [one.image_id for one in found[:2]]
    assert [one.image_id for one in manager.review(images=["case_5"])] == ["case_5"]
    assert manager.review(tag="original") == []


def test_a_label_that_was_looked_at_comes_last_until_it_is_saved_again(manager: AppManager) -> None:
    label_all(manager)
    manager.looked_at("case_3")
    found = manager.review()
    assert (found[-1].image_id, found[-1].looked_at) == ("case_3", True)
    assert not any(one.looked_at for one in found[:-1])
    manager.save_label("case_3", manager.label("case_3"))
    assert (manager.review()[0].image_id, manager.review()[0].looked_at) == ("case_3", False)
    with pytest.raises(DatastoreError, match="no label 'original' to look at"):
        manager.looked_at("case_3", tag="original")


def test_a_label_is_read_once_for_each_of_its_versions(manager: AppManager, monkeypatch: pytest.MonkeyPatch) -> None:
    label_all(manager)
    before = manager.review()
    read: list[str] = []
    real = label_measuring.read_current
    monkeypatch.setattr(label_measuring, "read_current", lambda *args: (read.append(args[1]), real(*args))[1])
    assert manager.review() == before
    assert read == []
    manager.save_label("case_3", case(3)[1])
    assert "slice" not in manager.review(images=["case_3"])[0].reason
    assert read == ["case_3"]


def test_a_label_that_got_a_name_is_measured_again(manager: AppManager) -> None:
    label_all(manager, forgotten="")
    mask = case(2)[1]
    mask[2:5, 2:5, 2:5] = 9
    manager.save_label("case_2", mask)
    assert "unknown" in manager.review(images=["case_2"])[0].checks
    named = AppManager(LabelApp(Path(manager.datastore.status()["folder"]), labels={"head": 1, "tail": 2, "spot": 9}))
    assert named.review(images=["case_2"])[0].checks["presence"] > 0.9
    named.close()


def test_labels_that_cannot_be_compared_are_said_and_stop_nothing(manager: AppManager) -> None:
    label_all(manager)
    Path(manager.datastore.get_label_uri("case_1")).write_bytes(b"no label")
    Path(manager.datastore.get_image_uri("case_2")).write_bytes(b"no image")
    other = np.zeros((9, 9, 9), np.uint8)
    file = Path(manager.datastore.get_label_uri("case_4"))
    nib.save(nib.Nifti1Image(other, np.eye(4)), file)
    manager.datastore.refresh()
    manager.save_label("case_5", case(5)[1] * 0)
    found = {one.image_id: one for one in manager.review()}
    assert [bool(found[name].problem) for name in IDS] == [False, True, True, False, True, False, False, False]
    assert all(found[name].rank == 1.0 for name in ("case_1", "case_2", "case_4"))
    assert found["case_4"].reason == found["case_4"].problem
    assert "the label is empty" in found["case_5"].reason


def test_a_review_can_be_cancelled_and_keeps_what_was_measured(manager: AppManager) -> None:
    label_all(manager)
    steps: list[float] = []

    def check() -> None:
        if len(steps) == 3:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        manager.review(progress=Progress(steps.append, check))
    assert len(manager.datastore.scores.scored("label_quality")) == 3


def test_a_folder_that_cannot_be_written_is_reviewed_all_the_same(
    manager: AppManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_all(manager)

    def refuse(*_: object) -> None:
        raise DatastoreError("the disk is full")

    monkeypatch.setattr(type(manager.datastore.scores), "save", refuse)
    assert manager.review()[0].image_id == "case_3"


def test_a_version_that_has_not_learnt_from_a_label_judges_it(manager: AppManager) -> None:
    label_all(manager, forgotten="")
    # What the model sees of this image is what the label says of another one.
    manager.save_label("case_6", case(6)[1][:, ::-1])
    publish(manager, {"case_0": 1})
    publish(manager, dict.fromkeys(IDS[:3], 1))
    job = manager.review_job(device="cpu")
    assert job.wait(120)
    assert job.state == "done", job.error
    assert job.result == {"measured": CASES, "judged": CASES, "left_out": {}}
    found = {one.image_id: one for one in manager.review()}
    assert {name: (one.model_version, one.trained_on) for name, one in found.items()} == {
        "case_0": (2, True),
        "case_1": (1, False),
        "case_2": (1, False),
        **dict.fromkeys(IDS[3:], (2, False)),
    }
    assert {"quality", "dice"} <= found["case_5"].checks.keys()
    assert manager.review()[0].image_id == "case_6"
    # What was judged by the same versions is not judged again.
    manager.save_label("case_7", case(7)[1])
    again = manager.review_job("learnt", device="cpu")
    assert again.wait(120)
    assert again.result["judged"] == 1, again.error


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("click", "needs prompts"),
        ("none", "no model 'none'"),
        ("learnt", "has not been trained yet"),
        (None, "no model that needs no prompts can run yet"),
    ],
)
def test_what_cannot_judge_is_said_at_once(manager: AppManager, model: str | None, words: str) -> None:
    manager.save_label("case_0", case(0)[1])
    with pytest.raises(JlabelError, match=words):
        manager.review_job(model)
    assert manager.jobs() == []


def test_without_a_label_no_job_is_begun(manager: AppManager) -> None:
    publish(manager, {})
    with pytest.raises(JlabelError, match="no label 'final' to review"):
        manager.review_job()
