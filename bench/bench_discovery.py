"""Finding 100,000 DICOM slices in 500 series: the first look, another one, and one after a slice has come.

Each folder holds two series, a picture and a file of another kind, so that the bytes decide and no name. The floor of
the first look is opening every file and reading its first kilobytes; that of another look is looking at the times of
the folders.
``python -m bench.bench_discovery``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from bench.report import emit
from jlabel.datastores import LocalDatastore

SERIES, SLICES, FOLDERS = 500, 200, 250
FIRST_BAR_S, AGAIN_BAR_S = 60.0, 3.0
AGAIN = 5
_HEAD = 8192


def main() -> int:
    work = Path(tempfile.mkdtemp(prefix="jlabel-bench-"))
    try:
        return 0 if measure(work / "studies") else 1
    finally:
        shutil.rmtree(work)


def measure(studies: Path) -> bool:
    files = make_studies(studies)
    settle(studies)
    floor = seconds(lambda: read_heads(studies))
    found: list[str] = []

    def first() -> None:
        store = LocalDatastore(studies)
        found.extend(store.list_images())
        store.close()

    good = emit("discovery.first", seconds(first), "s", floor, bar=FIRST_BAR_S, files=files)
    assert len(found) == SERIES + FOLDERS, len(found)
    again = [seconds(lambda: LocalDatastore(studies).close()) for _ in range(AGAIN)]
    stat_folders = [seconds(lambda: [Path(folder).stat() for folder, _, _ in os.walk(studies)]) for _ in range(AGAIN)]
    good &= emit("discovery.again", again, "s", stat_folders, bar=AGAIN_BAR_S)
    store = LocalDatastore(studies)
    after = []
    for number in range(AGAIN):
        template = next((studies / f"patient{number:03d}").glob("IM*"))
        shutil.copyfile(template, template.with_name(f"new{number}"))
        after.append(seconds(store.refresh))
    good &= emit("discovery.one_more", after, "s", bar=AGAIN_BAR_S)
    store.close()
    return good


def make_studies(studies: Path) -> int:
    """Write the files: small pictures under headers of a usual length."""
    count = 0
    for series in range(SERIES):
        folder = studies / f"patient{series % FOLDERS:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        head, tail = template(f"1.2.840.{series}", series)
        for number in range(SLICES):
            position = f"-120.5\\-130.25\\{number * 1.25:09.3f}".encode()
            (folder / f"IM{series:03d}{number:04d}").write_bytes(head + position + tail)
            count += 1
        if series < FOLDERS:
            (folder / "preview.png").write_bytes(b"\x89PNG\r\n\x1a\n")
            (folder / "notes.bin").write_bytes(bytes(500))
            count += 2
    return count


def template(uid: str, number: int) -> tuple[bytes, bytes]:
    """The bytes of a slice before and behind its position."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = f"{uid}.1"
    dataset.SeriesInstanceUID, dataset.StudyInstanceUID, dataset.SeriesNumber = uid, "1.2.3", number
    dataset.SeriesDescription, dataset.Modality, dataset.Manufacturer = f"series {number}", "CT", "made"
    for element in range(60):  # as many as scanners write
        dataset.add_new((0x0018, 0x9000 + 2 * element), "LO", f"a value of a usual length {element}")
    code = Dataset()
    code.CodeValue, code.CodeMeaning = "1234", "a meaning"
    dataset.ProcedureCodeSequence = [code]
    dataset.private_block(0x0019, "MADE", create=True).add_new(1, "OB", bytes(2000))
    place = "#" * 24
    dataset.add_new("ImagePositionPatient", "LO", place)
    dataset.ImageOrientationPatient, dataset.PixelSpacing = [1, 0, 0, 0, 1, 0], [0.7, 0.7]
    pixels = np.zeros((16, 16), np.int16)
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.PixelData = pixels.tobytes()
    with tempfile.NamedTemporaryFile() as file:
        dataset.save_as(file.name, enforce_file_format=True)
        head, _, tail = Path(file.name).read_bytes().partition(place.encode())
    return head, tail


def settle(studies: Path) -> None:
    """Folders that have just changed would be listed again to be safe; people's folders are older."""
    for folder in [studies, *studies.iterdir()]:
        os.utime(folder, (time.time() - 60, time.time() - 60))
    os.sync()


def read_heads(studies: Path) -> None:
    for folder, _, names in os.walk(studies):
        for name in names:
            with open(os.path.join(folder, name), "rb", buffering=0) as file:  # noqa: PTH118, PTH123
                file.read(_HEAD)


def seconds(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
