"""A folder of small volumes, some of them labelled, for the commands that work on studies."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

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


def save(file: Path, array: np.ndarray, affine: np.ndarray | None = None) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, np.eye(4) if affine is None else affine), file)
