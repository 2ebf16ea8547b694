"""The few tags read without a library, beside pydicom."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from jlabel.imaging.formats import dicom_header
from jlabel.imaging.formats.dicom_header import DicomHeader, _digest, read_header
from tests.imaging.dicom_samples import SYNTAXES, place, save

PIXELS = np.zeros((6, 5), np.uint16)
TAGS = {
    "SeriesNumber": 7,
    "InstanceNumber": 12,
    "SeriesDescription": "T1 <b>",
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4",
    "SeriesInstanceUID": "1.2.3.4",
}
EXPECTED = DicomHeader(
    sop_class="1.2.840.10008.5.1.4.1.1.4",
    series="1.2.3.4",
    number="7",
    description="T1 <b>",
    instance=12,
    rows=6,
    columns=5,
    placed=True,
    orientation=(1, 0, 0, 0, 1, 0),
    spacing=(3, 2),
    position=(0, 0, 0),
    study=_digest("made", "1.2"),
)


def nested(dataset: Dataset) -> None:
    """Sequences, with items of their own, before what is looked for, and a long private value."""
    inner, outer = Dataset(), Dataset()
    inner.CodeValue, inner.SeriesInstanceUID = "1", "9.9.9"
    outer.ConceptCodeSequence, outer.CodeMeaning = [inner, Dataset()], "meaning"
    dataset.ProcedureCodeSequence = [outer, outer]
    for sequence in (dataset["ProcedureCodeSequence"], outer["ConceptCodeSequence"]):
        sequence.is_undefined_length = True
        for item in sequence.value:
            item.is_undefined_length_sequence_item = True
    dataset.private_block(0x0019, "MADE", create=True).add_new(1, "OB", bytes(100_000))


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("change", [None, nested])
def test_every_encoding(tmp_path: Path, syntax: str, change: object) -> None:
    path = save(tmp_path / "a", PIXELS, syntax, change=change, **TAGS, **place((0, 0, 0)))
    assert read_header(path) == EXPECTED


@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
def test_files_without_a_preamble(tmp_path: Path, syntax: str) -> None:
    path = save(tmp_path / "a", PIXELS, syntax, **TAGS, **place((0, 0, 0)))
    whole = path.read_bytes()
    dataset = dcmread(path)
    with_meta, without = tmp_path / "meta", tmp_path / "bare"
    with_meta.write_bytes(whole[132:])
    dataset.save_as(without, implicit_vr=syntax == "implicit", little_endian=True, enforce_file_format=False)
    bare = whole[144 + int.from_bytes(whole[140:144], "little") :]
    without.write_bytes(bare)
    assert read_header(with_meta) == EXPECTED
    assert read_header(without) == EXPECTED


def test_real_files_are_read_as_pydicom_reads_them(shared_data: Path) -> None:
    files = [path for path in sorted(shared_data.rglob("*")) if path.is_file()]
    compared = 0
    for path in files:
        with path.open("rb") as file:
            if file.read(132)[128:] != b"DICM":
                continue
        ours, theirs = read_header(path), dicom_header._header(dicom_header._by_pydicom(path))
        assert ours == theirs, path
        compared += 1
        if compared == 300:
            break
    assert compared > 20


def test_an_object_without_pixels_has_no_rows(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a", PIXELS, change=lambda dataset: [delattr(dataset, "Rows"), delattr(dataset, "PixelData")]
    )
    assert read_header(path).rows == 0


def test_damage_is_an_error_or_a_header_and_nothing_else(tmp_path: Path) -> None:
    whole = save(tmp_path / "a", PIXELS, change=nested, **TAGS, **place((0, 0, 0))).read_bytes()
    rng, path = random.Random(0), tmp_path / "damaged"
    for _ in range(400):
        damaged = bytearray(whole[: rng.randrange(140, len(whole))])
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(132, min(len(damaged), 2000))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            assert isinstance(read_header(path), DicomHeader)
        except ValueError:
            continue


def test_a_header_cut_short_is_an_error(tmp_path: Path) -> None:
    path = save(tmp_path / "a", PIXELS, **TAGS, **place((0, 0, 0)))
    path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(ValueError, match=r"."):
        read_header(path)
