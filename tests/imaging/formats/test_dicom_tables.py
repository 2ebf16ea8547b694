"""Look-up tables: byte order, packed entries, segments, and damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut

from jlabel.errors import ImageError
from jlabel.imaging import read_image
from tests.imaging.dicom_samples import SECONDARY, save

RAMP = np.tile(np.arange(40, dtype=np.uint8) * 6, (4, 1))


def palette(
    path: Path, data: bytes, syntax: str = "explicit", *, entries: int = 256, bits: int = 16, segmented: bool = False
) -> Path:
    def change(dataset: Dataset) -> None:
        dataset.PhotometricInterpretation = "PALETTE COLOR"
        for colour in ("Red", "Green", "Blue"):
            dataset.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [entries, 0, bits])
            dataset.add_new(f"{'Segmented' * segmented}{colour}PaletteColorLookupTableData", "OW", data)

    return save(path, RAMP, syntax, change=change, SOPClassUID=SECONDARY)


@pytest.mark.parametrize(("syntax", "order"), [("explicit", "<"), ("implicit", "<"), ("big endian", ">")])
def test_words_are_in_the_byte_order_of_the_file(tmp_path: Path, syntax: str, order: str) -> None:
    image = read_image(palette(tmp_path / "a", (np.arange(256) << 8).astype(f"{order}u2").tobytes(), syntax))
    np.testing.assert_array_equal(image.array[..., 0], RAMP.T)
    assert (int(image.array.min()), int(image.array.max())) == (0, 234)
    assert "colour depth" not in image.notes


def test_words_that_hold_bytes_are_taken_as_bytes(tmp_path: Path) -> None:
    image = read_image(palette(tmp_path / "a", np.arange(256).astype("<u2").tobytes()))
    np.testing.assert_array_equal(image.array[..., 2], RAMP.T)
    assert "use 8 of them" in image.notes["colour"]


def test_entries_of_8_bits_may_take_a_word_each(tmp_path: Path) -> None:
    image = read_image(palette(tmp_path / "a", np.arange(256).astype("<u2").tobytes(), bits=8))
    np.testing.assert_array_equal(image.array[..., 1], RAMP.T)


def test_finer_colours_are_cut_and_said(tmp_path: Path) -> None:
    image = read_image(palette(tmp_path / "a", (np.arange(256) * 255 + 7).astype("<u2").tobytes()))
    assert image.notes["colour depth"] == "16 bits a colour were cut to 8"


@pytest.mark.parametrize(("syntax", "order"), [("explicit", "<"), ("big endian", ">")])
def test_segments(tmp_path: Path, syntax: str, order: str) -> None:
    # A run of two, a line of 100 up, both again, and the rest as a line down.
    words = [0, 2, 0, 0, 1, 100, 0xFF00, 2, 2, 0, 0, 1, 52, 0]
    path = palette(tmp_path / "a", np.array(words).astype(f"{order}u2").tobytes(), syntax, segmented=True)
    image = read_image(path)
    line = np.around(np.linspace(0, 0xFF00, 101)[1:]).astype(int)
    table = np.array([0, 0, *line, 0, 0, *line, *np.around(np.linspace(0xFF00, 0, 53)[1:]).astype(int)]) >> 8
    np.testing.assert_array_equal(image.array[..., 0], table[RAMP].T)
    if syntax == "explicit":
        reference = apply_color_lut(RAMP, dcmread(path)) >> 8
        np.testing.assert_array_equal(image.array, reference.transpose(1, 0, 2))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([1, 100, 5], "a segment of the kind 1 in a place where none may be"),
        ([0, 1, 5, 2, 1, 77, 0], "refers to a segment that is not there"),
        ([0, 3, 1, 2, 3], "has 3 entries, where 256 are promised"),
        ([9, 1, 5], "a segment of the kind 9"),
        ([0, 1, 5, *[1, 65535, 9] * 3], "more than 65,536 entries"),
    ],
)
def test_damaged_segments_are_named(tmp_path: Path, words: list[int], why: str) -> None:
    with pytest.raises(ImageError, match=why):
        read_image(palette(tmp_path / "a", np.array(words).astype("<u2").tobytes(), segmented=True))


def test_a_table_that_is_too_short_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="has 100 entries, where 256 are promised"):
        read_image(palette(tmp_path / "a", bytes(200)))
