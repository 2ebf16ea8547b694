"""FreeSurfer's format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.samples import AFFINE, mgh, volume


@pytest.mark.parametrize("name", ["a.mgh", "a.mgz"])
def test_a_frame_and_its_place(tmp_path: Path, name: str) -> None:
    array = volume("float32", (5, 4, 3, 2))
    image = read_image(mgh(tmp_path / name, array), 1)
    np.testing.assert_array_equal(image.array, array[..., 1])
    np.testing.assert_allclose(image.affine, AFFINE, atol=1e-4)
    assert (image.frame, image.frames) == (1, 2)
    assert dict(image.notes) == {}


@pytest.mark.parametrize("name", ["a.mgh", "a.mgz"])
def test_cut_short(tmp_path: Path, name: str) -> None:
    path = mgh(tmp_path / name, volume("float32"))
    path.write_bytes(path.read_bytes()[:120])
    with pytest.raises(ImageError, match="truncated"):
        read_image(path)
