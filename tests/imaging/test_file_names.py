"""Stems, extensions and which names are images."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.imaging import IMAGE_EXTENSIONS, is_image_name, split_image_name
from jlabel.imaging.file_names import is_companion_name, is_data_of_header, is_unsupported_name, may_be_dicom_name


@pytest.mark.parametrize(
    ("name", "stem", "extension"),
    [
        ("spleen.nii", "spleen", ".nii"),
        ("spleen.nii.gz", "spleen", ".nii.gz"),
        ("a.b.nii.gz", "a.b", ".nii.gz"),
        ("SCAN.NII.GZ", "SCAN", ".NII.GZ"),
        ("photo.v2.png", "photo.v2", ".png"),
        ("no extension", "no extension", ""),
        (".hidden", ".hidden", ""),
        (".nii.gz", ".nii", ".gz"),
    ],
)
def test_a_double_extension_is_one(name: str, stem: str, extension: str) -> None:
    assert split_image_name(name) == (stem, extension)


@given(st.text(), st.sampled_from(["", *IMAGE_EXTENSIONS]))
def test_the_two_parts_make_the_name_again(stem: str, extension: str) -> None:
    assert "".join(split_image_name(stem + extension)) == stem + extension


@pytest.mark.parametrize(
    "name", ["a.nii", "a.NII.GZ", "it's 100% #1.nii.gz", "<b>.png", "naïve (1) — copy.mha", "x.dcm"]
)
def test_images(name: str) -> None:
    assert is_image_name(name)


@pytest.mark.parametrize("name", [".a.nii.gz", "a.img", "a.raw", "a.txt", "a.nii.gz.tmp", "nii", ".nii", "", "a.gz"])
def test_no_images(name: str) -> None:
    assert not is_image_name(name)


@pytest.mark.parametrize("name", ["IM0001", "a.dcm", "b.IMA", "c.img", "1.2.840.113.7", "d.DICOM"])
def test_names_that_say_nothing_against_dicom(name: str) -> None:
    assert may_be_dicom_name(name)


@pytest.mark.parametrize("name", ["a.nii.gz", "b.txt", "c.png", "1.2.840.113.x"])
def test_names_that_speak_against_dicom(name: str) -> None:
    assert not may_be_dicom_name(name)


def test_what_lies_beside_images_and_what_is_not_read() -> None:
    assert all(is_companion_name(name) for name in ("README.md", "a.bval", "T.JSON", "x.tsv", "Thumbs.db"))
    assert not any(is_companion_name(name) for name in ("a.ppm", "LICENSE", "a.nii.gz", "gif"))
    assert all(is_unsupported_name(name) for name in ("a.ppm", "b.ah.GIF", "c.nii.zip", "d.PAR", "e.mnc.gz"))
    assert not any(is_unsupported_name(name) for name in ("gif", ".gif", "a.txt", "a.nii"))


def test_data_belongs_to_a_header_that_is_there() -> None:
    assert is_data_of_header("a.IMG", {".hdr"})
    assert is_data_of_header("a.raw.gz", {".nhdr"})
    assert not is_data_of_header("a.img", {".mhd"})
    assert not is_data_of_header("a.txt", {".hdr", ".mhd"})
