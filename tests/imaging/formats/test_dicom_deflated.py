"""DICOM that is compressed as a whole: a small file that unpacks to a large one is refused before it is unpacked."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from jlabel import read_image
from jlabel.errors import ImageError
from jlabel.imaging.formats import dicom_deflated, dicom_header
from jlabel.imaging.formats.dicom_deflated import check_deflated
from jlabel.imaging.formats.dicom_header import read_header
from tests.imaging.dicom_samples import place, save

PIXELS = np.arange(30, dtype=np.int16).reshape(6, 5)


@pytest.fixture
def deflated(tmp_path: Path) -> Path:
    return save(tmp_path / "a.dcm", PIXELS, "deflated", **place((0, 0, 0)))


def pack_again(file: Path, change) -> None:
    """With other contents in place of what is compressed."""
    whole = file.read_bytes()
    start = 144 + int.from_bytes(whole[140:144], "little")
    content = change(zlib.decompress(whole[start:], -zlib.MAX_WBITS))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    file.write_bytes(whole[:start] + packer.compress(content) + packer.flush())


def test_an_honest_one_is_read(deflated: Path) -> None:
    check_deflated(deflated)
    assert read_image(deflated).array[..., 0].T.tolist() == PIXELS.tolist()


def test_one_that_is_not_compressed_is_left_alone(tmp_path: Path) -> None:
    check_deflated(save(tmp_path / "b.dcm", PIXELS, **place((0, 0, 0))))
    (tmp_path / "text").write_text("no DICOM")
    check_deflated(tmp_path / "text")


def test_a_bomb_is_named_and_its_header_is_read_without_unpacking_it(
    deflated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack_again(deflated, lambda content: content + bytes(64 * 1024**2))
    assert deflated.stat().st_size < 100_000
    monkeypatch.setattr(dicom_deflated, "_MOST_BYTES", 1024**2)

    def unpacked(file, most):
        assert most <= 10 * 1024**2
        return dicom_deflated.unpacked(file, most)

    monkeypatch.setattr(dicom_header, "unpacked", unpacked)
    assert read_header(deflated).rows == 6
    with pytest.raises(ImageError, match=r"a\.dcm: is damaged: it unpacks to more than \d+ bytes"):
        read_image(deflated)


@pytest.mark.parametrize(
    "element", [b"\x09\x00\x01\x10CS\0\0", b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\0\0\0\0"]
)
def test_millions_of_elements_before_the_pixels_are_refused(deflated: Path, element: bytes) -> None:
    pack_again(deflated, lambda content: element * 100_000 + content)
    with pytest.raises(ImageError, match=r"a\.dcm: is damaged: it (has more than|ends before)"):
        read_image(deflated)
    with pytest.raises(ValueError, match=r"has more than \d+ elements|ends within its header"):
        read_header(deflated)


def test_one_that_is_cut_or_does_not_unpack_is_an_error(deflated: Path) -> None:
    whole = deflated.read_bytes()
    for content in (whole[:-150], whole[:-100] + b"\xff" * 100, whole[: whole.index(b"1.2.840.10008.1.2.1.99") + 24]):
        deflated.write_bytes(content)
        with pytest.raises(ImageError, match=r"a\.dcm"):
            read_image(deflated)
