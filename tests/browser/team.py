"""Images for a team, and what each of it does with one."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
from playwright.sync_api import expect

from tests.browser.labeler import LabelerPage

SHAPE = (20, 18, 12)


def make_studies(studies: Path) -> Path:
    """Four small volumes in a new folder."""
    studies.mkdir()
    for number in range(4):
        voxels = np.indices(SHAPE).sum(axis=0).astype(np.int16)
        nib.save(nib.Nifti1Image(voxels, np.eye(4)), studies / f"case_{number}.nii.gz")
    return studies


def paint(labeler: LabelerPage, row: int = 8) -> None:
    """Paint a stroke along a row of the slice in the middle."""
    labeler.root.focus()
    labeler.page.keyboard.press("b")
    labeler.drag("axial", [(6, row, 6), (12, row, 6)])
    expect(labeler.root).to_have_attribute("data-dirty", "true")


def save(labeler: LabelerPage) -> None:
    """Save what was painted."""
    labeler.do("save")
    expect(labeler.root).to_have_attribute("data-dirty", "false")
    labeler.wait_idle()
