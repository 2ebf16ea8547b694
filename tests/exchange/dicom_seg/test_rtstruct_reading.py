"""Structure sets, read into the grid of their series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from jlabel.errors import ImageError, LabelError
from jlabel.exchange.dicom_seg.importing import read_segments
from jlabel.exchange.dicom_seg.label_object import open_label_object
from jlabel.exchange.dicom_seg.segment import ReadSegments
from jlabel.imaging import Image, read_image
from tests.exchange.dicom_seg.samples import SHAPE, TILTED, box, lps, series, structure_set
from tests.exchange.dicom_seg.test_seg_reading import mask_of


def read(file: Path, image: Image, **options: Any) -> ReadSegments:
    return read_segments(file, open_label_object(file), image, "ct", **options)


@pytest.mark.parametrize("turn", [(1, 0, 0, 0, 1, 0), TILTED])
def test_contours_are_filled_on_their_slices(tmp_path: Path, turn: tuple[float, ...]) -> None:
    series(tmp_path / "ct", turn)
    image = read_image(tmp_path / "ct")
    outer, hole = box((0.5, 0.5), (5.5, 4.5), 1), box((1.5, 1.5), (3.5, 2.5), 1)
    regions = {
        "ring": [lps(image.affine, outer), lps(image.affine, hole)],
        "top": [lps(image.affine, box((2, 2), (4, 3), 3))],
    }
    found = read(structure_set(tmp_path / "rt.dcm", regions), image)
    ring, top = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    ring[1:6, 1:5, 1] = True
    ring[2:4, 2:3, 1] = False
    top[2:5, 2:4, 3] = True
    np.testing.assert_array_equal(mask_of(found, 1), ring)
    np.testing.assert_array_equal(mask_of(found, 2), top)
    assert [(one.segment.name, one.segment.color) for one in found.segments] == [
        ("ring", "#ff8001"),
        ("top", "#ff8002"),
    ]
    assert not found.notes


def test_contours_of_another_plane_are_filled_in_it(studies: Path, sources: list[Dataset]) -> None:
    image = read_image(studies / "ct")
    corners = [[3, 0.5, -0.5], [3, 4.5, -0.5], [3, 4.5, 2.5], [3, 0.5, 2.5]]
    found = read(structure_set(studies / "rt.dcm", {"sagittal": [lps(image.affine, corners)]}), image)
    expected = np.zeros(SHAPE, bool)
    expected[3, 1:5, :3] = True
    np.testing.assert_array_equal(mask_of(found, 1), expected)


def test_what_cannot_be_filled_is_said(studies: Path, sources: list[Dataset]) -> None:
    image = read_image(studies / "ct")
    inside = lps(image.affine, box((1, 1), (3, 3), 2))
    contours = [
        inside,
        inside,
        ("POINT", inside[:1]),
        ("OPEN_PLANAR", inside),
        lps(image.affine, box((1, 1), (3, 3), 9)),
        lps(image.affine, box((4.5, 1), (5.5, 2), 1.4)),
    ]
    found = read(structure_set(studies / "rt.dcm", {"a": contours}), image)
    assert mask_of(found, 1).sum() == 9 + 2
    assert found.notes == {
        "open contours": "points and open contours enclose nothing and were left out: 2 of 'a'",
        "beyond": "1 contours lie beyond the slices of the image and were left out",
        "between slices": "1 contours lie between slices and were put on the nearest one",
        "copies": "1 contours are there twice and count once",
    }


def test_damaged_contours_are_refused(studies: Path, sources: list[Dataset]) -> None:
    image = read_image(studies / "ct")
    with pytest.raises(ImageError, match="a contour of 'a' has 4 numbers"):
        read(structure_set(studies / "rt.dcm", {"a": [np.arange(4.0)]}), image)
    across = lps(image.affine, [[0, 0, 0], [5, 0, 1], [5, 4, 3], [0, 4, 2]])
    with pytest.raises(ImageError, match="'a' that lie in no slice"):
        read(structure_set(studies / "rt.dcm", {"a": [across]}), image)
    with pytest.raises(LabelError, match="none of its segments has a voxel"):
        read(structure_set(studies / "rt.dcm", {"a": []}), image)


def test_contours_of_a_program_that_makes_up_a_frame_of_reference(shared_data: Path) -> None:
    folder = shared_data / "dicom_seg_rt" / "rt_utils" / "mock_data"
    found = read(folder / "rt.dcm", read_image(folder))
    assert found.segments[0].count > 1000
    assert "another frame of reference" in found.notes["space"]
