"""Segmentations of every kind, read into the grid of their series."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, RLELossless

from jlabel.errors import ImageError, LabelError, LabelGridError
from jlabel.exchange.dicom_seg.importing import read_segments
from jlabel.exchange.dicom_seg.label_object import open_label_object
from jlabel.exchange.dicom_seg.seg_pixels import SegPixels
from jlabel.exchange.dicom_seg.segment import ReadSegments
from jlabel.imaging import Image, read_image
from tests.exchange.dicom_seg.samples import SHAPE, TILTED, seg, series
from tests.imaging.dicom_samples import save


def frames(label: np.ndarray) -> np.ndarray:
    """As DICOM has it: ``(k, row, column)``."""
    return np.ascontiguousarray(label.transpose(2, 1, 0))


def read(file: Path, image: Image, **options: Any) -> ReadSegments:
    return read_segments(file, open_label_object(file), image, "ct", **options)


def mask_of(found: ReadSegments, number: int, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    block = next(one.block for one in found.segments if one.segment.number == number)
    mask = np.zeros(shape, bool)
    mask[tuple(slice(at, at + n) for at, n in zip(block.lower, block.mask.shape, strict=True))] = block.mask
    return mask


def changed(file: Path, change: Callable[[Dataset], Any]) -> Path:
    dataset = pydicom.dcmread(file)
    change(dataset)
    dataset.save_as(file)
    return file


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP", "FRACTIONAL"])
def test_every_kind_is_read_voxel_for_voxel(
    studies: Path, sources: list[Dataset], values: np.ndarray, kind: str
) -> None:
    found = read(seg(studies / "a.dcm", sources, frames(values), kind), read_image(studies / "ct"))
    for number in (1, 2):
        np.testing.assert_array_equal(mask_of(found, number), values == number)


@pytest.mark.parametrize("kind", ["LABELMAP", "FRACTIONAL"])
@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
def test_compressed_frames(tmp_path: Path, kind: str, syntax: str) -> None:
    shape = (40, 33, 2)  # the smallest that the compressor takes
    values = np.random.default_rng(1).integers(0, 3, shape).astype(np.uint8)
    sources = series(tmp_path / "ct", shape=shape)
    file = seg(tmp_path / "a.dcm", sources, frames(values), kind, transfer_syntax_uid=syntax)
    np.testing.assert_array_equal(mask_of(read(file, read_image(tmp_path / "ct")), 2, shape), values == 2)


def test_frames_in_any_order_and_on_a_tilted_series(tmp_path: Path, values: np.ndarray) -> None:
    sources = series(tmp_path / "ct", TILTED)

    def reverse(dataset: Dataset) -> None:
        groups = list(dataset.PerFrameFunctionalGroupsSequence)
        dataset.PerFrameFunctionalGroupsSequence = groups[::-1]
        pixels = dataset.pixel_array[::-1]
        dataset.PixelData = np.packbits(pixels.ravel(), bitorder="little").tobytes() + b"\0"

    file = changed(seg(tmp_path / "a.dcm", sources, frames(values)), reverse)
    found = read(file, read_image(tmp_path / "ct"))
    for number in (1, 2):
        np.testing.assert_array_equal(mask_of(found, number), values == number)


def test_a_part_of_the_largest_value_decides_about_fractions(studies: Path, sources: list[Dataset]) -> None:
    parts = np.linspace(0, 1, np.prod(SHAPE)).reshape(SHAPE[::-1]).astype(np.float32)
    file = seg(studies / "a.dcm", sources, parts[..., None], "FRACTIONAL", max_fractional_value=200, names=["soft"])
    found = read(file, read_image(studies / "ct"), threshold=0.75)
    np.testing.assert_array_equal(mask_of(found, 1), np.rint(parts * 200).T >= 150)
    assert "0.75 or more" in found.notes["fractions"]


def test_deflated_frames(studies: Path, sources: list[Dataset], values: np.ndarray) -> None:
    dataset = pydicom.dcmread(seg(studies / "a.dcm", sources, frames(values)))
    pixels, packed = dataset.pixel_array, []
    for one in pixels:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        packed.append(packer.compress(np.packbits(one, axis=None, bitorder="little").tobytes()) + packer.flush())
    dataset.PixelData = encapsulate(packed)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.8.1"
    found = SegPixels(studies / "a.dcm", dataset)
    for index in range(found.count):
        np.testing.assert_array_equal(found.frame(index), pixels[index].T)


def test_another_grid_is_refused_unless_it_is_to_be_fitted(tmp_path: Path) -> None:
    sources = series(tmp_path / "ct")
    coarse = np.zeros((4, 3, 4), np.uint8)  # pixels of 6 × 4 mm on slices of 3 × 2 mm
    coarse[1:3, 1, 1:3] = 1

    def doubled(dataset: Dataset) -> None:
        measures = dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        measures.PixelSpacing = [6, 4]
        for group in dataset.PerFrameFunctionalGroupsSequence:
            x, y, z = group.PlanePositionSequence[0].ImagePositionPatient
            group.PlanePositionSequence[0].ImagePositionPatient = [x + 1, y + 1.5, z]

    smaller = [pydicom.dcmread(save(tmp_path / "b" / f"{k}", coarse[k], **_tags(one))) for k, one in enumerate(sources)]
    file = changed(seg(tmp_path / "a.dcm", smaller, coarse), doubled)
    image = read_image(tmp_path / "ct")
    with pytest.raises(LabelGridError, match=r"frames of 4 × 3 pixels of 4 × 6 mm .* fit=True"):
        read(file, image)
    found = read(file, image, fit=True)
    expected = np.zeros(SHAPE, bool)
    expected[2:6, 2:4, 1:3] = True
    np.testing.assert_array_equal(mask_of(found, 1), expected)
    assert "resampled" in found.notes["grid"]


def test_a_series_without_places_is_matched_by_its_instances(tmp_path: Path) -> None:
    tags = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.1", "Modality": "CR", "PatientName": "", "PatientID": "1"}
    tags |= dict.fromkeys(
        ["PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber"], ""
    )
    source = save(tmp_path / "cr.dcm", np.zeros((5, 6), np.uint8), **tags)
    mask = np.arange(30, dtype=np.uint8).reshape(1, 5, 6) % 2
    file = seg(tmp_path / "a.dcm", [pydicom.dcmread(source)], mask)
    found = read(file, read_image(source))
    np.testing.assert_array_equal(mask_of(found, 1, (6, 5, 1))[..., 0], mask[0].T == 1)


FAULTS = {
    "no pixel data": (lambda d: d.__delitem__("PixelData"), ImageError, "has no pixel data"),
    "too few bytes": (lambda d: setattr(d, "PixelData", d.PixelData[:4]), ImageError, "is truncated: 4 bytes"),
    "huge rows": (lambda d: setattr(d, "Rows", 65535), ImageError, "is truncated"),
    "frames without places": (
        lambda d: d.PerFrameFunctionalGroupsSequence.pop(),
        ImageError,
        "frames and positions for",
    ),
    "an unknown type": (lambda d: setattr(d, "SegmentationType", "SURFACE"), ImageError, "not supported: SURFACE"),
    "a whole slide": (
        lambda d: setattr(d.PerFrameFunctionalGroupsSequence[0], "PlanePositionSlideSequence", [Dataset()]),
        ImageError,
        "whole-slide",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_file_is_refused(studies: Path, sources: list[Dataset], values: np.ndarray, fault: str) -> None:
    change, error, words = FAULTS[fault]
    file = changed(seg(studies / "a.dcm", sources, frames(values)), change)
    with pytest.raises(error, match=words):
        read(file, read_image(studies / "ct"))


def test_a_file_that_ends_too_early(studies: Path, sources: list[Dataset], values: np.ndarray) -> None:
    file = seg(studies / "a.dcm", sources, frames(values))
    whole = file.read_bytes()
    for size in (300, len(whole) // 2, len(whole) - 40):
        file.write_bytes(whole[:size])
        with pytest.raises((ImageError, LabelError)):
            read(file, read_image(studies / "ct"))


def test_frames_beyond_the_image_are_counted(tmp_path: Path, values: np.ndarray) -> None:
    file = seg(tmp_path / "a.dcm", series(tmp_path / "ct"), frames(values))
    (tmp_path / "ct" / "IM9").unlink()
    found = read(file, read_image(tmp_path / "ct"))
    np.testing.assert_array_equal(mask_of(found, 1, (7, 6, 3)), values[..., 1:] == 1)
    assert found.segments[0].left_out == np.count_nonzero(values[..., 0] == 1)
    assert found.notes["instances"].startswith("1 of the ")


def test_private_tags_change_nothing(studies: Path, sources: list[Dataset], values: np.ndarray) -> None:
    def add(dataset: Dataset) -> None:
        block = dataset.private_block(0x0029, "SOMEBODY", create=True)
        block.add_new(0x10, "SQ", [Dataset()])
        dataset.SegmentSequence[0].private_block(0x0029, "SOMEBODY", create=True).add_new(0x11, "LO", "secret")

    file = changed(seg(studies / "a.dcm", sources, frames(values)), add)
    np.testing.assert_array_equal(mask_of(read(file, read_image(studies / "ct")), 1), values == 1)


def _tags(source: Dataset) -> dict[str, Any]:
    left_out = ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation")
    return {one.keyword: one.value for one in source if one.keyword and one.keyword not in left_out}
