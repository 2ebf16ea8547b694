"""Large volumes to open in a browser."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

SHAPES = ((256, 256, 128), (512, 512, 300))


def size_name(shape: tuple[int, ...]) -> str:
    """Such as ``256x256x128``."""
    return "x".join(map(str, shape))


def make_studies(studies: Path, shape: tuple[int, ...], count: int) -> Path:
    """Equal volumes without a 0, so that the page can tell whether a voxel has come."""
    studies.mkdir()
    plane = 1 + np.add.outer(np.arange(shape[0]), np.arange(shape[1])).astype(np.int16) // 8
    volume = np.stack([plane + np.int16(k) for k in range(shape[2])], axis=-1)
    nib.openers.Opener.default_compresslevel = 1
    first = studies / "case_0.nii.gz"
    nib.save(nib.Nifti1Image(volume, np.eye(4)), first)
    for number in range(1, count):
        (studies / f"case_{number}.nii.gz").write_bytes(first.read_bytes())
    return studies
