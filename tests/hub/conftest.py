"""A studies folder for two."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    """Four small volumes."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(4):
        voxels = np.random.default_rng(number).integers(0, 100, (12, 10, 8), dtype=np.int16)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), folder / f"case_{number}.nii.gz")
    return folder
