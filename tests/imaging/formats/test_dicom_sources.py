"""From which file and frame each slice of a DICOM image was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jlabel.imaging import read_image
from tests.imaging.dicom_samples import groups, place, plane, save


def test_slices_name_their_files_in_the_order_of_the_volume(tmp_path: Path) -> None:
    for name, height in (("a", 8), ("b", 0), ("c", 4)):
        save(tmp_path / name, np.zeros((3, 4), np.int16), **place((0, 0, height)))
    image = read_image(tmp_path)
    assert image.sources == ((tmp_path / "b", 0), (tmp_path / "c", 0), (tmp_path / "a", 0))


def test_one_of_several_series_and_of_several_frames(tmp_path: Path) -> None:
    for name, uid, height in (("a", "1.5", 0), ("b", "1.5", 4), ("c", "1.6", 0), ("d", "1.6", 4)):
        save(tmp_path / name, np.zeros((3, 4), np.int16), SeriesInstanceUID=uid, **place((0, 0, height)))
    assert read_image(tmp_path / "series=1.6").sources == ((tmp_path / "c", 0), (tmp_path / "d", 0))

    frames = [groups(**plane(height)) for height in (5, 0)]
    file = save(tmp_path / "e.dcm", np.zeros((2, 3, 4), np.int16), PerFrameFunctionalGroupsSequence=frames)
    assert read_image(file).sources == ((file, 1), (file, 0))


def test_a_picture_has_one_and_other_formats_none(tmp_path: Path) -> None:
    file = save(tmp_path / "a.dcm", np.zeros((2, 3, 4), np.uint8))
    assert read_image(file, frame=1).sources == ((file, 1),)
