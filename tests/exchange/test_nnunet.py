"""A raw data set of nnU-Net is one that its own check of integrity takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.errors import DatastoreError
from tests.exchange.conftest import SHAPE, mask, volume
from tests.exchange.nnunet_rules import broken_rules

Manage = Callable[..., jlabel.AppManager]
VOXELS = np.arange(60, dtype=np.int16).reshape(SHAPE)


def picture(path: Path, *channels: int) -> None:
    Image.fromarray(np.full((6, 5, *channels), 90, np.uint8)).save(path)


def rectangle(*values: int) -> np.ndarray:
    label = np.zeros((6, 5), np.uint8)
    label.flat[: len(values)] = values
    return label


def exported(manager: jlabel.AppManager, target: Path, label: np.ndarray) -> list[str]:
    """Label all images, export them, and return why which were refused."""
    for image_id in manager.datastore.list_images():
        manager.save_label(image_id, label)
    return [str(one) for one in manager.export("nnunet", target).refused]


def test_volumes(manage: Manage, studies: Path, tmp_path: Path) -> None:
    oblique = np.array([[1.9, -0.6, 0, 3], [0.6, 1.9, 0, 4], [0, 0, 3, 5], [0, 0, 0, 1]])
    volume(studies / "p1" / "t1 (a+b).nii.gz", VOXELS, oblique)
    volume(studies / "c.nii.gz")
    volume(studies / "c_0001.nii")
    assert (
        exported(
            manage({"liver": 4, "tumour": 300}), tmp_path / "set", np.where(mask(1, 1), np.uint16(300), np.uint16(0))
        )
        == []
    )
    assert broken_rules(tmp_path / "set") == []
    assert len(list((tmp_path / "set" / "imagesTr").iterdir())) == 3


def test_a_file_for_each_channel(manage: Manage, studies: Path, tmp_path: Path) -> None:
    volume(studies / "a.nii.gz", np.stack([VOXELS, VOXELS], -1))
    assert exported(manage(), tmp_path / "set", mask(1)) == []
    assert broken_rules(tmp_path / "set") == []


@pytest.mark.parametrize(("channels", "ending"), [((3,), "png"), ((4,), "png"), ((), "png"), ((3,), "bmp")])
def test_pictures(manage: Manage, studies: Path, tmp_path: Path, channels: tuple[int, ...], ending: str) -> None:
    picture(studies / f"a.{ending}", *channels)
    assert exported(manage(), tmp_path / "set", rectangle(1)) == []
    assert broken_rules(tmp_path / "set") == []


def test_a_picture_with_a_palette(manage: Manage, studies: Path, tmp_path: Path) -> None:
    colors = np.random.default_rng(0).integers(0, 255, (6, 5, 3), np.uint8)
    Image.fromarray(colors).quantize(8).save(studies / "a.png")
    assert exported(manage(), tmp_path / "set", rectangle(1)) == []
    assert broken_rules(tmp_path / "set") == []


def test_an_image_with_other_channels_than_most_is_refused(manage: Manage, studies: Path, tmp_path: Path) -> None:
    for name, channels in (("a", ()), ("b", (3,)), ("c", (3,))):
        picture(studies / f"{name}.png", *channels)
    manager, target = manage(), tmp_path / "set"
    (refused,) = exported(manager, target, rectangle(1))
    assert refused.startswith("a: has 1 channel and most images have 3")
    assert broken_rules(target) == []
    assert not (target / "labelsTr" / "a.png").exists()
    again = manager.export("nnunet", target)
    assert (again.exported, again.unchanged, [one.what for one in again.refused]) == ([], 2, ["a"])


def test_what_is_called_ignore_has_the_highest_value(manage: Manage, studies: Path, tmp_path: Path) -> None:
    volume(studies / "a.nii.gz")
    exported(manage({"ignore": 1, "liver": 2}), tmp_path / "set", mask(1, 2))
    assert broken_rules(tmp_path / "set") == []
    assert json.loads((tmp_path / "set" / "dataset.json").read_text())["labels"]["ignore"] == 2


def test_background_is_no_name_of_a_structure(manage: Manage, studies: Path, tmp_path: Path) -> None:
    volume(studies / "a.nii.gz")
    with pytest.raises(DatastoreError, match="'background' is the name of the value 0: give that label another name"):
        exported(manage({"background": 1}), tmp_path / "set", mask(1))
    assert not (tmp_path / "set").exists()


def test_the_rules_see_a_fault(manage: Manage, studies: Path, tmp_path: Path) -> None:
    volume(studies / "a.nii.gz")
    target = tmp_path / "set"
    exported(manage(), target, mask(1))
    volume(target / "labelsTr" / "a.nii.gz", mask(1, 2), np.eye(4))
    assert broken_rules(target) == ["a: holds [0 1 2]", "a: image and label have different grids"]
