"""Series as media and scanners lay them out: copies of media with a DICOMDIR, a file for each time point."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.fileset import FileSet

from tests.imaging.dicom_samples import groups, place, plane, save

PIXELS = np.arange(30, dtype=np.int16).reshape(6, 5)
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
HEIGHTS = (0.0, 2.0, 4.0)


def slices(folder: Path, uid: str, numbers: Sequence[int], step: float = 4.0, **tags: Any) -> list[Path]:
    """Axial slices of one series, at ``step`` mm times their numbers; with what a directory asks of its files."""
    named = {
        "SeriesNumber": 3,
        "SeriesDescription": "Lung",
        "StudyDate": "20240229",
        "StudyTime": "120000",
        "StudyDescription": "CT Thorax",
        "StudyID": "7",
        "PatientName": "Müller^Änne",
        "PatientID": "P-1",
        "SpecificCharacterSet": "ISO_IR 100",
    }
    return [
        save(
            folder / f"IM{number:04d}",
            PIXELS + number,
            SeriesInstanceUID=uid,
            InstanceNumber=number + 1,
            **{**named, **place((0, 0, step * number)), **tags},
        )
        for number in numbers
    ]


def medium(folder: Path, files: Sequence[Path]) -> Path:
    """Write those files and a DICOMDIR into a folder, under the names that a medium has; returns the DICOMDIR."""
    made = FileSet()
    for file in files:
        made.add(dcmread(file))
    made.write(folder)
    return folder / "DICOMDIR"


def moment(folder: Path, number: int, heights: tuple[float, ...] = HEIGHTS, **tags: Any) -> Path:
    """A volume of that time point: every voxel of slice ``k`` is ``10 * number + k``."""
    pixels = np.stack([np.full((6, 5), 10 * number + k, np.int16) for k in range(len(heights))])
    frames = [groups(FrameContentSequence={"TemporalPositionIndex": 1}, **plane(height)) for height in heights]
    tags = {"SOPClassUID": ENHANCED_MR, "SeriesInstanceUID": "1.2.5", "InstanceNumber": number + 1} | tags
    return save(folder / f"{9 - number}.dcm", pixels, PerFrameFunctionalGroupsSequence=frames, **tags)
