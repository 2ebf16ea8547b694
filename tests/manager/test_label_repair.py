"""Labels that mean something else than the app thinks, made into what they mean."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image as Pillow

from jlabel import AppManager, RadiologyApp
from jlabel.errors import LabelError

SHAPE = (6, 5, 4)


@pytest.fixture
def manager(tmp_path: Path):
    for number in range(3):
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / f"case_{number}.nii.gz")
    manager = AppManager(RadiologyApp(studies=tmp_path, labels={"polyp": 1, "fold": 2}), device="cpu")
    yield manager
    manager.close()


def mask(*values: int) -> np.ndarray:
    made = np.zeros(SHAPE, np.uint8)
    for place, value in enumerate(values):
        made[place] = value
    return made


def test_255_becomes_the_structure_in_a_new_version(manager: AppManager) -> None:
    manager.save_label("case_0", mask(255), info={"comment": "from elsewhere"})
    manager.save_label("case_1", mask(1))
    assert manager.map_label_values({255: "polyp"}) == ["case_0"]
    assert np.array_equal(manager.label("case_0"), mask(1))
    assert np.array_equal(manager.label("case_0", version=1), mask(255))
    info = manager.datastore.get_label_info("case_0")
    assert (info["comment"], info["labels"], info["mapped"]) == ("from elsewhere", {"polyp": 1, "fold": 2}, {"255": 1})
    assert manager.map_label_values({255: "polyp"}) == []
    assert len(manager.datastore.label_history("case_1")) == 1


def test_values_are_exchanged_at_once_and_may_become_background(manager: AppManager) -> None:
    manager.save_label("case_0", mask(1, 2, 9))
    manager.map_label_values({1: "fold", 2: "polyp", 9: 0}, images=["case_0"])
    assert np.array_equal(manager.label("case_0"), mask(2, 1, 0))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({255: "cyst"}, "no label 'cyst'; the labels are polyp, fold"),
        ({-1: "polyp"}, "from 0 to 65535"),
        ({1: 1.5}, "1.5"),
    ],
)
def test_what_cannot_be_meant_is_refused(manager: AppManager, values: dict, words: str) -> None:
    manager.save_label("case_0", mask(255))
    with pytest.raises(LabelError, match=words):
        manager.map_label_values(values)
    assert np.array_equal(manager.label("case_0"), mask(255))


def test_a_map_of_probabilities_is_cut(manager: AppManager) -> None:
    folder = manager.datastore.folder / "labels" / "final"
    folder.mkdir(parents=True)
    soft = np.linspace(0, 1, 120, dtype=np.float32).reshape(SHAPE)
    nib.save(nib.Nifti1Image(soft, np.eye(4)), folder / "case_0.nii.gz")
    manager.datastore.refresh()
    manager.save_label("case_1", mask(2))
    with pytest.raises(LabelError, match="threshold"):
        manager.label("case_0")
    assert manager.threshold_labels("fold", at=0.5) == ["case_0"]
    assert np.array_equal(manager.label("case_0"), np.where(soft >= 0.5, 2, 0))
    assert np.array_equal(manager.label("case_1"), mask(2))


def test_masks_saved_as_jpeg_are_refused_and_cut(tmp_path: Path) -> None:
    (tmp_path / "labels" / "final").mkdir(parents=True)
    rows, columns = np.mgrid[:64, :64]
    disc = (rows - 30) ** 2 + (columns - 33) ** 2 < 300
    Pillow.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(tmp_path / "x.jpg")
    Pillow.fromarray(disc.astype(np.uint8) * 255).save(tmp_path / "labels" / "final" / "x.jpg", quality=75)
    manager = AppManager(RadiologyApp(studies=tmp_path, labels=["polyp"]), device="cpu")
    with pytest.raises(LabelError, match="save the mask as PNG"):
        manager.label("x")
    assert manager.threshold_labels("polyp") == ["x"]
    assert np.array_equal(manager.label("x"), disc)
    assert len(manager.datastore.label_history("x")) == 2
    manager.close()
