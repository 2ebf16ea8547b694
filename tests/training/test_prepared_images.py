"""Prepared images on disk are those that this user wrote: others are made anew, and never loaded."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, Lambdad, RandFlipd

from jlabel.training.prepared_images import PreparedImages


class Evil:
    """Runs on loading."""

    def __init__(self, sign: Path) -> None:
        self.sign = sign

    def __reduce__(self):
        return os.system, (f"touch {self.sign}",)


def dataset(folder: Path, seen: list[Any]) -> PreparedImages:
    def prepare(value: int) -> MetaTensor:
        seen.append(value)
        return MetaTensor(torch.full((1, 2, 2), float(value)), affine=np.diag([2.0, 2.0, 2.0, 1.0]))

    steps = Compose([Lambdad("image", prepare), RandFlipd("image", prob=0.5)])
    return PreparedImages([{"image": 1}, {"image": 2}], steps, folder)


def test_each_image_is_prepared_once_and_keeps_its_affine(tmp_path: Path) -> None:
    seen: list[Any] = []
    images = dataset(tmp_path, seen)
    for _ in range(3):
        found = [images[number]["image"] for number in range(2)]
        assert [float(image.max()) for image in found] == [1.0, 2.0]
        assert all(abs(float(image.affine[0, 0])) == 2.0 for image in found)
    assert seen == [1, 2]
    assert {file.suffix for file in tmp_path.iterdir()} == {".pt"}


def test_what_somebody_put_there_is_made_anew_and_does_not_run(tmp_path: Path) -> None:
    folder, sign, seen = tmp_path / "cache", tmp_path / "ran", []
    images = dataset(folder, seen)
    assert float(images[0]["image"].max()) == 1.0
    [file] = folder.iterdir()
    for content in (pickle.dumps(Evil(sign)), file.read_bytes()[:90] + pickle.dumps(Evil(sign)), b""):
        file.write_bytes(content)
        assert float(images[0]["image"].max()) == 1.0
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_bytes(b"kept")
    assert float(images[0]["image"].max()) == 1.0
    assert len(seen) == 5
    assert not sign.exists()
    assert (tmp_path / "elsewhere").read_bytes() == b"kept"


def test_a_folder_that_cannot_be_written_costs_time_alone(tmp_path: Path) -> None:
    seen: list[Any] = []
    images = dataset(tmp_path / "cache", seen)
    (tmp_path / "cache").rmdir()
    (tmp_path / "cache").write_text("no folder")
    assert [float(images[0]["image"].max()) for _ in range(2)] == [1.0, 1.0]
    assert seen == [1, 1]
