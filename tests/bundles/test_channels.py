"""The channels of an image for a bundle's network."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.bundles.channels import gather_channels
from jlabel.bundles.metadata import Expected
from jlabel.errors import TaskError
from jlabel.imaging import Image, read_image
from tests.bundles.small_bundles import volume


def expected(axes: int | None = 3, channels: int | None = 1, names: tuple[str, ...] = ()) -> Expected:
    return Expected(axes, channels, names, 1)


def test_an_image_that_has_them_is_left_alone() -> None:
    grey = Image(volume(), np.eye(4))
    assert gather_channels(grey, expected(), [], "b") is None
    assert gather_channels(grey, expected(None, None), [], "b") is None
    colours = Image(np.zeros((4, 5, 3), np.uint8), np.eye(4), channels="rgb")
    assert gather_channels(colours, expected(2, 3), [], "b") is None


def test_frames_are_channels(tmp_path: Path) -> None:
    frames = np.stack([volume(seed=seed) for seed in range(3)], axis=-1)
    nib.save(nib.Nifti1Image(frames, np.eye(4)), tmp_path / "x.nii.gz")
    found = gather_channels(read_image(tmp_path / "x.nii.gz", frame=1), expected(channels=3), [], "b")
    assert found is not None
    for number, one in enumerate(found):
        np.testing.assert_array_equal(one.array, frames[..., number])


def test_files_of_one_case_lie_in_one_grid(tmp_path: Path) -> None:
    for name, affine in (("a_0.nii.gz", np.eye(4)), ("a_1.nii.gz", np.diag([2, 1, 1, 1]))):
        nib.save(nib.Nifti1Image(volume(), affine), tmp_path / name)
    with pytest.raises(TaskError, match=r"'b': the channel .*a_1\.nii\.gz lies in another grid"):
        gather_channels(read_image(tmp_path / "a_0.nii.gz"), expected(channels=2), ["_0.nii.gz", "_1.nii.gz"], "b")


def test_a_name_that_ends_otherwise_is_told(tmp_path: Path) -> None:
    nib.save(nib.Nifti1Image(volume(), np.eye(4)), tmp_path / "x.nii.gz")
    with pytest.raises(TaskError, match=r"the name of x\.nii\.gz ends with none of channels=\['_0\.nii\.gz'\]"):
        gather_channels(read_image(tmp_path / "x.nii.gz"), expected(), ["_0.nii.gz"], "b")


def test_colours_for_a_network_of_one_value_are_refused() -> None:
    colours = Image(np.zeros((4, 5, 3), np.uint8), np.eye(4), channels="rgb")
    with pytest.raises(TaskError, match="needs 1 values a voxel, and the image has 3"):
        gather_channels(colours, expected(2, 1), [], "b")
