"""Files with bytes that were changed or lost: jlabel's own errors, and never another one."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from jlabel.datastores import LocalDatastore
from jlabel.errors import JlabelError
from jlabel.exchange.dicom_seg.importing import read_segments
from jlabel.exchange.dicom_seg.label_object import open_label_object
from jlabel.exchange.dicom_seg.listing import dicom_labels
from jlabel.imaging import read_image
from tests.exchange.dicom_seg.samples import box, lps, seg, structure_set


@pytest.mark.parametrize("kind", ["SEG", "RTSTRUCT"])
def test_a_damaged_file_raises_no_other_error(
    studies: Path, sources: list[Dataset], values: np.ndarray, kind: str
) -> None:
    image, file = read_image(studies / "ct"), studies / "a.dcm"
    if kind == "SEG":
        seg(file, sources, values.transpose(2, 1, 0))
    else:
        structure_set(file, {"a": [lps(image.affine, box((1, 1), (4, 4), 1))]})
    whole, chance = file.read_bytes(), random.Random(7)
    refused: list[str] = []
    for _ in range(60):
        changed = bytearray(whole)
        for _ in range(chance.choice([1, 3, 20])):
            changed[chance.randrange(128, len(changed))] = chance.choice([0, 255, chance.randrange(256)])
        file.write_bytes(changed[: chance.choice([len(changed), chance.randrange(200, len(changed))])])
        try:
            read_segments(file, open_label_object(file), image, "ct", fit=True)
        except JlabelError as error:
            refused.append(str(error))
    assert len(refused) > 10
    assert all(words.startswith(str(file)) for words in refused)
    assert len(dicom_labels(LocalDatastore(studies))) <= 1
