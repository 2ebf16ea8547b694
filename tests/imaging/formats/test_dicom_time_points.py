"""Objects with many frames of one series: moments of one 4D image where their frames lie in the same places."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jlabel import read_image
from jlabel.errors import ImageError
from tests.imaging.media import moment


def test_a_file_for_each_time_point_is_one_image_in_the_order_of_the_numbers(tmp_path: Path) -> None:
    files = [moment(tmp_path / "bold", number) for number in range(4)]
    image = read_image(tmp_path / "bold", 2)
    assert (image.frames, image.shape, image.oriented) == (4, (5, 6, 3), True)
    assert image.array[0, 0].tolist() == [20, 21, 22]
    assert np.array_equal(image.affine, read_image(files[2]).affine)
    assert image.path == tmp_path / "bold"
    assert image.notes["frames"] == "4 frames of a 4D image: 4 files in the order of InstanceNumber"
    for frame in (-1, 4):
        with pytest.raises(ImageError, match=f"has 4 frames, so there is no frame {frame}"):
            read_image(tmp_path / "bold", frame)


def test_files_with_several_moments_each(tmp_path: Path) -> None:
    for number in range(2):
        moment(tmp_path / "s", number, (0.0, 2.0, 0.0, 2.0))
    found = [read_image(tmp_path / "s", frame).array[0, 0].tolist() for frame in range(4)]
    assert found == [[0, 1], [2, 3], [10, 11], [12, 13]]
    assert (
        "4 frames of a 4D image: 2 files in the order of InstanceNumber, in each 2 frames"
        in (read_image(tmp_path / "s").notes["frames"])
    )


def test_a_file_that_is_cut_short_is_named(tmp_path: Path) -> None:
    moment(tmp_path / "s", 0)
    file = moment(tmp_path / "s", 1)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(ImageError, match=r"8\.dcm"):
        read_image(tmp_path / "s", 1)
