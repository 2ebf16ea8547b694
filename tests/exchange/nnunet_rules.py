"""What nnU-Net 2 asks of a raw data set before it plans a training (its ``verify_dataset_integrity``)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image


def broken_rules(folder: Path) -> list[str]:
    """The rules that a data set breaks, in words; empty where nnU-Net takes it."""
    about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
    missing = {"channel_names", "labels", "numTraining", "file_ending"} - {*about}
    if missing:
        return [f"dataset.json lacks {sorted(missing)}"]
    ending, labels = about["file_ending"], about["labels"]
    broken = []
    values = sorted(value for name, value in labels.items() if name != "ignore")
    if labels.get("background") != 0 or [*values, *filter(None, [labels.get("ignore")])] != list(range(len(labels))):
        broken.append(f"labels are not 0, 1, 2, … with background first and ignore last: {labels}")
    # A case is what is left of an image's name without the number of its channel.
    cases: dict[str, list[Path]] = {}
    for image in sorted((folder / "imagesTr").iterdir()):
        match = re.fullmatch(rf"(.+)_\d{{4}}{re.escape(ending)}", image.name)
        if match is None:
            return [f"{image.name} is no name of a channel"]
        cases.setdefault(match[1], []).append(image)
    if len(cases) != about["numTraining"]:
        broken.append(f"{len(cases)} cases, and numTraining is {about['numTraining']}")
    for case, images in cases.items():
        label = folder / "labelsTr" / f"{case}{ending}"
        if not label.is_file():
            broken.append(f"{case} has no label")
            continue
        broken += [
            f"{case}: {rule}" for rule in _broken_by(images, label, len(about["channel_names"]), {*labels.values()})
        ]
    return broken


def _broken_by(images: list[Path], label: Path, channels: int, known: set[int]) -> list[str]:
    read = _picture if label.suffix == ".png" else _volume
    mask, grid = read(label)
    found = [read(image) for image in images]
    broken = []
    if not {*np.unique(mask).tolist()} <= known:
        broken.append(f"holds {np.unique(mask)}")
    count = found[0][0].shape[-1] if len(images) == 1 and found[0][0].ndim == 3 and read is _picture else len(images)
    if count != channels:
        broken.append(f"{count} channels instead of {channels}")
    for values, own in found:
        if values.shape[: mask.ndim] != mask.shape or not np.allclose(own, grid):
            broken.append("image and label have different grids")
        if np.isnan(values).any():
            broken.append("holds NaN")
    return broken


def _volume(path: Path) -> tuple[np.ndarray, np.ndarray]:
    image = nib.load(path)
    return np.asarray(image.dataobj), image.affine


def _picture(path: Path) -> tuple[np.ndarray, np.ndarray]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB") if image.mode == "P" else image), np.eye(4)
