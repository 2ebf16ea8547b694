"""Compressed pixels: every usual transfer syntax is decoded, and a missing decoder is named with what installs it."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders import (
    HTJ2KLosslessDecoder,
    JPEGLosslessSV1Decoder,
    JPEGLSLosslessDecoder,
)
from pydicom.uid import UID

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.dicom_samples import SECONDARY, place, save

STEEP = ((np.arange(64).reshape(8, 8) * 61 + (np.arange(8) % 3)[:, None] * 7) % 4096).astype(np.uint16)
SMOOTH = (np.add.outer(np.arange(8), np.arange(8)) * 200 + 100).astype(np.uint16)
LOSSLESS = (
    "/9j/xAAXAAEBAQEAAAAAAAAAAAAAAAAICQYM/8MACwwACAAIAQARAP/aAAgBAAAGAADn/wDe73e73e73e3vfD4fD4fD4fF73w+Hw+Hw+Hxdp2u"
    "12u12u123vfD4fD4fD4fF73w+Hw+Hw+Hxdp2u12u12u123vfD4fD4fD4fA/9k="
)
LS = (
    "/9j/6AAgU1BJRkYAAgAAAQAAAAgAAAAIChAGAQAAASwAAAEs/+gACAAAAAH/2P/3AAsQAAgACAEBEQD/+AANAf//ABIAQwEUAED/2gAIAQEAAAAA"
    "o8x5jzHedY8x3+9HqPE7TpcrhHr71utlqtFmskePZWLg3tza2J2+1ramloZ2ZOn2MrIxsTCwLl6y+vLq4trS4fUsrKwsK6stwP/Z"
)
LS_NEAR = (
    "/9j/6AAgU1BJRkYAAgAAAQAAAAgAAAAIChAGAQAAASwAAAEs/+gACAAAAAH/2P/3AAsQAAgACAEBEQD/+AANAf//ABgATQEiAED/2gAIAQEAAgAA"
    "ovF4zLysZl+NGJiYsVq0Y41atU200mN9lplplhMcTLDDDDCsxrrrrruVl5znNc1WYmtaxrFY/9k="
)
HTJ2K = (
    "/0//UQApQAAAAAAIAAAACAAAAAAAAAAAAAAACAAAAAgAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAUEBEAB/1wAEyCIkJCQkJCQkJCQ"
    "kJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAGUAAf+TwAAmKfYFB3QAAADAABNAABMAKv4CB3QAavEDh3QAwAATQAAVQBAQ"
    "AYJ0ABBwBAQ44gGGtADAACogABaYOI7jqnCCdQBzZihwp8CdAncK3AAQgAx6p1gA/9k="
)
TWELVE_BITS = (
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
    "AQEBAQH/wQALDAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAADf/EABsQAAEEAwAAAAAAAAAAAAAAAAwAKTlHV2V1/9oACAEBAAA/ADt8HCBw"
    "ogmgsG0bwtEv/9k="
)
BASELINE, JPEG_2000, RLE = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.5"


def packed(path: Path, pixels: np.ndarray, syntax: str, data: bytes, bits: int = 12) -> Path:
    def change(dataset: Dataset) -> None:
        dataset.PixelData = encapsulate([data])
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
        dataset.file_meta.TransferSyntaxUID = UID(syntax)

    return save(path, pixels, change=change, BitsStored=bits, HighBit=bits - 1, **place((0, 0, 0)))


@pytest.mark.parametrize(
    ("syntax", "data", "pixels", "near"),
    [
        ("1.2.840.10008.1.2.4.57", LOSSLESS, STEEP, 0),
        ("1.2.840.10008.1.2.4.70", LOSSLESS, STEEP, 0),
        ("1.2.840.10008.1.2.4.80", LS, STEEP, 0),
        ("1.2.840.10008.1.2.4.81", LS_NEAR, STEEP, 2),
        ("1.2.840.10008.1.2.4.51", TWELVE_BITS, SMOOTH, 1),
        ("1.2.840.10008.1.2.4.201", HTJ2K, STEEP, 0),
        ("1.2.840.10008.1.2.4.203", HTJ2K, STEEP, 0),
    ],
)
def test_what_the_extra_decodes(tmp_path: Path, syntax: str, data: str, pixels: np.ndarray, near: int) -> None:
    bits = 16 if data == HTJ2K else 12
    image = read_image(packed(tmp_path / "a", pixels, syntax, base64.b64decode(data), bits))
    assert image.array.dtype == np.uint16
    np.testing.assert_allclose(image.array[:, :, 0].astype(int), pixels.T.astype(int), atol=near)


def test_what_is_always_decoded(tmp_path: Path) -> None:
    grey = np.linspace(0, 255, 64).astype(np.uint8).reshape(8, 8)
    written = io.BytesIO()
    Pillow.fromarray(grey).save(written, "JPEG", quality=100)
    image = read_image(packed(tmp_path / "jpeg", grey, BASELINE, written.getvalue(), 8))
    np.testing.assert_allclose(image.array[:, :, 0].astype(int), grey.T, atol=2)
    written = io.BytesIO()
    Pillow.fromarray(grey).save(written, "JPEG2000", irreversible=False, no_jp2=True)
    image = read_image(packed(tmp_path / "j2k", grey, JPEG_2000, written.getvalue(), 8))
    np.testing.assert_array_equal(image.array[:, :, 0], grey.T)
    np.testing.assert_array_equal(
        read_image(save(tmp_path / "rle", STEEP, "RLE", **place((0, 0, 0)))).array[:, :, 0], STEEP.T
    )


def test_colours_of_a_jpeg(tmp_path: Path) -> None:
    colours = np.full((8, 8, 3), (200, 60, 30), np.uint8)
    written = io.BytesIO()
    Pillow.fromarray(colours).save(written, "JPEG", quality=100)

    def change(dataset: Dataset) -> None:
        dataset.PixelData = encapsulate([written.getvalue()])
        dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
        dataset.file_meta.TransferSyntaxUID = UID(BASELINE)
        dataset.PhotometricInterpretation = "YBR_FULL_422"

    image = read_image(save(tmp_path / "a", colours, change=change, SOPClassUID=SECONDARY))
    np.testing.assert_allclose(image.array[0, 0], [200, 60, 30], atol=3)


def test_a_12_bit_jpeg_whose_scan_header_is_wrong_is_mended(tmp_path: Path) -> None:
    data = bytearray(base64.b64decode(TWELVE_BITS))
    scan = data.index(b"\xff\xda")
    stop = scan + int.from_bytes(data[scan + 2 : scan + 4], "big")
    assert data[stop] == 63
    data[stop] = 0
    image = read_image(packed(tmp_path / "a", SMOOTH, "1.2.840.10008.1.2.4.51", bytes(data)))
    np.testing.assert_allclose(image.array[:, :, 0].astype(int), SMOOTH.T.astype(int), atol=1)
    assert "was mended" in image.notes["compression"]


@pytest.mark.parametrize(
    ("decoder", "data", "name"),
    [
        (JPEGLosslessSV1Decoder, LOSSLESS, "JPEG Lossless"),
        (JPEGLSLosslessDecoder, LS, "JPEG-LS Lossless"),
        (HTJ2KLosslessDecoder, HTJ2K, "High-Throughput JPEG 2000"),
    ],
)
def test_a_missing_decoder_is_named_with_the_command(tmp_path, monkeypatch, decoder, data, name):
    monkeypatch.setattr(decoder, "_available", {})
    path = packed(tmp_path / "a", STEEP, str(decoder.UID), base64.b64decode(data))
    with pytest.raises(ImageError) as caught:
        read_image(path)
    assert f"is compressed as {name}" in str(caught.value)
    assert 'run pip install "jlabel[dicom]"' in str(caught.value)


def test_a_compression_that_nothing_decodes_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"is compressed as MPEG2 .* is not supported; save it uncompressed"):
        read_image(packed(tmp_path / "a", STEEP, "1.2.840.10008.1.2.4.100", b"\0" * 20))


def test_damage_is_not_taken_for_a_missing_decoder(tmp_path: Path) -> None:
    data = base64.b64decode(LOSSLESS)[:60]
    with pytest.raises(ImageError, match="pixels that are damaged, cut short"):
        read_image(packed(tmp_path / "a", STEEP, "1.2.840.10008.1.2.4.70", data))
