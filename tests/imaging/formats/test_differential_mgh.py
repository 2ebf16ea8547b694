"""MGH in every variant of the fields that decide, as nibabel reads it."""

from __future__ import annotations

import gzip
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.imaging import read_image
from tests.imaging.formats.reference import agrees
from tests.imaging.samples import AFFINE, volume

OBLIQUE = nib.affines.from_matvec(
    nib.eulerangles.euler2mat(0.2, -0.3, 0.4) @ np.diag([2.0, 3.0, 4.0]), [-10.0, 20.0, 30.0]
)


def as_nibabel(path: Path) -> None:
    reference = nib.load(path)
    array = np.asarray(reference.dataobj)
    for frame in range(array.shape[3] if array.ndim == 4 else 1):
        agrees(read_image(path, frame), array[..., frame] if array.ndim == 4 else array, reference.affine)


@pytest.mark.parametrize("name", ["a.mgh", "a.mgz"])
@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 4, 1), (5, 4, 3, 2)])
@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4"])
@pytest.mark.parametrize("affine", [AFFINE, OBLIQUE], ids=["straight", "oblique"])
def test_types_frames_and_places(
    tmp_path: Path, affine: np.ndarray, dtype: str, shape: tuple[int, ...], name: str
) -> None:
    nib.save(nib.MGHImage(volume(dtype, shape), affine), tmp_path / name)
    as_nibabel(tmp_path / name)


@pytest.mark.parametrize("packed", [False, True])
def test_a_place_that_is_not_stated(tmp_path: Path, packed: bool) -> None:
    nib.save(nib.MGHImage(volume("i2"), AFFINE), tmp_path / "a.mgh")
    raw = bytearray((tmp_path / "a.mgh").read_bytes())
    raw[28:30] = b"\0\0"  # goodRASFlag
    path = tmp_path / ("a.mgz" if packed else "a.mgh")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    as_nibabel(path)
    assert not read_image(path).oriented
    assert "left and right" in read_image(path).notes["position"]
