"""DICOM objects without a place: the size of their pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.dicom_samples import SECONDARY, save

PIXELS = np.arange(30, dtype=np.uint8).reshape(6, 5)


def region(across: float, down: float, units: int = 3) -> Dataset:
    one = Dataset()
    one.PhysicalUnitsXDirection = one.PhysicalUnitsYDirection = units
    one.PhysicalDeltaX, one.PhysicalDeltaY = across, down
    return one


@pytest.mark.parametrize(
    ("tags", "spacing", "note"),
    [
        ({"PixelSpacing": [3, 2]}, (2, 3), None),
        ({"ImagerPixelSpacing": [3, 2]}, (2, 3), "at the detector"),
        ({"NominalScannedPixelSpacing": [3, 2]}, (2, 3), "on the scanned film"),
        ({"PixelSpacing": [3, 2], "ImagerPixelSpacing": [4, 4]}, (2, 3), None),
        ({"SequenceOfUltrasoundRegions": [region(0.02, 0.03)]}, (0.2, 0.3), "ultrasound regions"),
        ({"SequenceOfUltrasoundRegions": [region(0.02, 0.03), region(0.04, 0.03)]}, (1, 1), "1 mm is assumed"),
        ({"SequenceOfUltrasoundRegions": [region(0.02, 0.03, units=4)]}, (1, 1), "1 mm is assumed"),
        ({"PixelSpacing": [0, 0]}, (1, 1), "1 mm is assumed"),
        ({"PixelAspectRatio": [1, 2]}, (2, 1), "the shape of a pixel (PixelAspectRatio 1:2) and no size"),
        ({"PixelAspectRatio": [3, 2]}, (1, 1.5), "1 mm is assumed for its shorter side"),
        ({"PixelAspectRatio": [1, 2], "PixelSpacing": [3, 2]}, (2, 3), None),
        ({"PixelAspectRatio": [0, 2]}, (1, 1), "1 mm is assumed"),
        ({"PixelAspectRatio": [5, 5]}, (1, 1), "no usable pixel spacing; 1 mm is assumed"),
        ({}, (1, 1), "1 mm is assumed"),
    ],
)
def test_the_size_of_a_pixel(tmp_path: Path, tags: dict, spacing: tuple[float, float], note: str | None) -> None:
    image = read_image(save(tmp_path / "a", PIXELS, SOPClassUID=SECONDARY, **tags))
    assert image.spacing == pytest.approx(spacing)
    assert not image.oriented
    assert note is None or note in image.notes["voxel size"]


def test_a_frame_that_is_not_there(tmp_path: Path) -> None:
    path = save(tmp_path / "a", np.zeros((2, 6, 5), np.uint8), SOPClassUID=SECONDARY)
    assert read_image(path, frame=1).frames == 2
    with pytest.raises(ImageError, match="has 2 frames, so there is no frame 2"):
        read_image(path, frame=2)
