"""The directory of a medium, beside pydicom, and what is refused of one that anybody may have written."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from pydicom import dcmread

from jlabel.imaging.formats.dicom_directory import MediaDirectory, SeriesNames, read_media_directory
from jlabel.imaging.formats.dicom_header import read_header
from jlabel.imaging.formats.dicom_objects import MEDIA_DIRECTORY
from tests.imaging.media import medium, slices


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    files = slices(tmp_path / "a", "1.2.1", range(3))
    files += slices(tmp_path / "b", "1.2.2", range(2), SeriesNumber=4, SeriesDescription="Bone")
    files += slices(tmp_path / "c", "1.2.3", [0], PatientID="P-2", PatientName="", StudyInstanceUID="1.9")
    return medium(tmp_path / "cd", files)


def patch(directory: Path, old: bytes, new: bytes, count: int = 1) -> Path:
    content = directory.read_bytes()
    assert len(old) == len(new)
    assert old in content
    directory.write_bytes(content.replace(old, new, count))
    return directory


def test_files_and_names_are_those_that_a_reference_reader_finds(directory: Path) -> None:
    found = read_media_directory(directory)
    records = dcmread(directory).DirectoryRecordSequence
    listed = [record.ReferencedFileID for record in records if "ReferencedFileID" in record]
    assert sorted(found.files) == sorted("/".join(parts) for parts in listed)
    assert len(found.files) == 6
    assert set(found.series) == {record.SeriesInstanceUID for record in records if "SeriesInstanceUID" in record}


def test_names_of_patient_study_and_series_in_their_own_letters(directory: Path, tmp_path: Path) -> None:
    found = read_media_directory(directory)
    assert found.series["1.2.1"] == SeriesNames("Müller^Änne P-1", "20240229 CT Thorax", "CT 3")
    assert found.series["1.2.3"] == SeriesNames("P-2", "20240229 CT Thorax", "CT 3")
    files = slices(tmp_path / "j", "1.5", [0], PatientName="山田^太郎", SpecificCharacterSet="ISO_IR 192")
    assert read_media_directory(medium(tmp_path / "jp", files)).series["1.5"].patient == "山田^太郎 P-1"


def test_a_directory_is_told_by_its_file_meta_information(directory: Path) -> None:
    assert read_header(directory).sop_class == MEDIA_DIRECTORY


def test_what_was_taken_off_the_medium_is_not_listed(directory: Path) -> None:
    element = b"\x04\x00\x10\x14US\x02\x00"
    content = directory.read_bytes()
    last = content.rindex(element) + len(element)
    directory.write_bytes(content[:last] + b"\0\0" + content[last + 2 :])
    assert len(read_media_directory(directory).files) == 5


@pytest.mark.parametrize(
    "name", [b"..\\..\\..\\..", b"/etc/passwd0", b"C:\\Windows00", b".\\ST000000\\0", b"a\\\\PASSWDXX"]
)
def test_paths_that_lead_out_of_the_folder_are_refused(directory: Path, name: bytes) -> None:
    old = b"PT000000\\ST000000\\SE000000\\IM000000"
    patch(directory, old, name.ljust(len(old), b" ") if b".." in name else name + old[len(name) :])
    with pytest.raises(ValueError, match="outside of its folder"):
        read_media_directory(directory)


@pytest.mark.parametrize(
    "where", [b"\x04\x00\x00\x14UL\x04\x00", b"\x04\x00\x20\x14UL\x04\x00", b"\x04\x00\x00\x12UL\x04\x00"]
)
@pytest.mark.parametrize("to", ["round", "beyond", "into nothing"])
def test_offsets_that_lead_nowhere_or_round_in_circles_are_refused(directory: Path, where: bytes, to: str) -> None:
    content = directory.read_bytes()
    places = [at for at in range(len(content)) if content.startswith(where, at)]
    first = struct.unpack("<I", content[(root := content.index(b"\x04\x00\x00\x12UL\x04\x00") + 8) : root + 4])[0]
    target = {"round": first, "beyond": 2**32 - 1, "into nothing": 150}[to]
    for at in places:
        content = content[: at + 8] + struct.pack("<I", target) + content[at + 12 :]
    directory.write_bytes(content)
    if to == "round" and places == [root - 8]:
        assert len(read_media_directory(directory).files) == 6, "it is where it should be"
        return
    with pytest.raises(ValueError, match="damaged"):
        read_media_directory(directory)


@pytest.mark.parametrize("kind", ["elements", "items", "deep", "undefined", "huge length"])
def test_megabytes_of_records_are_refused_at_once(directory: Path, kind: str) -> None:
    content = directory.read_bytes()
    at = content.index(b"\x04\x00\x20\x12SQ")
    first = at + 12
    element, item = b"\x09\x00\x01\x10CS\0\0", b"\xfe\xff\x00\xe0"
    body = {
        "elements": item + struct.pack("<I", 8 * 2**20) + element * 2**20,
        "items": (item + b"\0\0\0\0") * 2**20,
        "deep": (b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + item + b"\xff\xff\xff\xff") * 2**16,
        "undefined": item + b"\xff\xff\xff\xff" + element * 2**20,
        "huge length": item + b"\xff\xff\xff\x7f" + b"\x04\x00\x00\x15UT\0\0\xff\xff\xff\x7f",
    }[kind]
    if kind == "deep":
        body = item + struct.pack("<I", len(body)) + body
    directory.write_bytes(content[:at] + b"\x04\x00\x20\x12SQ\0\0" + struct.pack("<I", len(body)) + body)
    assert read_offset(directory) == first
    if kind == "items":
        assert read_media_directory(directory) == MediaDirectory()
    else:
        with pytest.raises(ValueError, match=r"damaged|more than"):
            read_media_directory(directory)


def read_offset(directory: Path) -> int:
    content = directory.read_bytes()
    at = content.index(b"\x04\x00\x00\x12UL\x04\x00") + 8
    return int(struct.unpack("<I", content[at : at + 4])[0])


def test_records_that_share_their_bytes_are_read_only_so_often(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jlabel.imaging.formats.dicom_directory._MOST_STEPS", 20)
    with pytest.raises(ValueError, match="more than 20 elements"):
        read_media_directory(directory)


def test_damage_is_a_directory_or_an_error_and_nothing_else(directory: Path, tmp_path: Path) -> None:
    whole, rng = directory.read_bytes(), random.Random(0)
    for turn in range(400):
        content = bytearray(whole[: rng.randrange(len(whole)) if turn % 4 == 0 else len(whole)])
        for _ in range(rng.randrange(1, 30)):
            if content:
                content[rng.randrange(len(content))] = rng.randrange(256)
        (tmp_path / "DICOMDIR").write_bytes(bytes(content))
        try:
            found = read_media_directory(tmp_path / "DICOMDIR")
        except ValueError:
            continue
        assert all(".." not in path.split("/") and not path.startswith("/") for path in found.files)


def test_one_without_records_and_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "b").write_bytes(b"")
    for name in "ab":
        with pytest.raises(ValueError, match="damaged"):
            read_media_directory(tmp_path / name)
