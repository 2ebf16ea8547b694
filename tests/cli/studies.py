"""Folders of small volumes and pictures, some of them labelled, for the commands that work on studies."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
from PIL import Image

SHAPE = (12, 10, 8)


def make_studies(folder: Path, cases: int = 4, labelled: int = 2) -> Path:
    """Volumes with a bright block in each; the block is label 1 of the first ones."""
    mask = np.zeros(SHAPE, np.uint8)
    mask[4:8, 3:7, 2:6] = 1
    rng = np.random.default_rng(0)
    for number in range(cases):
        save(folder / f"case_{number}.nii.gz", (100 * mask + rng.normal(0, 5, SHAPE)).astype(np.int16))
        if number < labelled:
            save(folder / "labels" / "final" / f"case_{number}.nii.gz", mask)
    return folder


def make_pictures(folder: Path, pictures: int = 4, labelled: int = 3, objects: bool = False) -> Path:
    """Colour pictures with bright discs on red ground, two of which touch.

    Args:
        folder: Where.
        pictures: How many.
        labelled: How many of them have a label.
        objects: Whether each disc has a value of its own in the label, from 1 on; else all have 1.
    """
    rows, columns = np.mgrid[:48, :64]
    for number in range(pictures):
        middles = [(14 + number, 16), (14 + number, 28), (34, 48 - number)]
        values = np.zeros(rows.shape, np.uint8)
        for value, (row, column) in enumerate(middles, 1):
            values[(rows - row) ** 2 + (columns - column) ** 2 <= 36] = value
        colours = np.stack([90 + 130 * (values > 0), 30 + 150 * (values > 0), np.full(rows.shape, 40)], -1)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(colours.astype(np.uint8)).save(folder / f"frame_{number}.png")
        if number < labelled:
            labels = folder / "labels" / "final"
            labels.mkdir(parents=True, exist_ok=True)
            Image.fromarray(values if objects else (values > 0).astype(np.uint8)).save(labels / f"frame_{number}.png")
    return folder


def save(file: Path, array: np.ndarray, affine: np.ndarray | None = None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, np.eye(4) if affine is None else affine), file)
