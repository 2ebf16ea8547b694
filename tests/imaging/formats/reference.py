"""What the differential tests compare by: an image with the voxels and the affine of a reference."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging import Image, read_image


def agrees(image: Image, array: np.ndarray, affine: np.ndarray | None = None) -> None:
    """That an image holds the reference's voxels (every float as float32) and lies where it says."""
    assert image.array.shape == array.shape
    if array.dtype.kind == "f" or image.array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            np.testing.assert_allclose(image.array, array.astype(np.float32), rtol=2e-6, atol=0, equal_nan=True)
    else:
        np.testing.assert_array_equal(image.array, array)
    if affine is not None:
        np.testing.assert_allclose(image.affine, affine, rtol=1e-5, atol=1e-4)


def is_refused(path: Path, why: str) -> None:
    """That a file is refused by its name, in words that say why."""
    with pytest.raises(ImageError, match=why) as caught:
        read_image(path)
    assert path.name in str(caught.value)


def read_by_itk(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """SimpleITK's voxels in the file's own axis order (values in a voxel last), and its affine to RAS."""
    sitk: Any = pytest.importorskip("SimpleITK")
    image = sitk.ReadImage(str(path))
    axes = image.GetDimension()
    array = sitk.GetArrayFromImage(image)
    array = array.transpose([*range(axes - 1, -1, -1), *range(axes, array.ndim)])
    places = min(axes, 3)
    affine = np.eye(4)
    direction = np.array(image.GetDirection()).reshape(axes, axes)[:places, :places]
    affine[:places, :places] = direction * np.array(image.GetSpacing()[:places])
    affine[:places, 3] = image.GetOrigin()[:places]
    affine[:2] *= -1
    return array, affine
