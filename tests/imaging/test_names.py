"""Stems, extensions and which names are images."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.imaging import IMAGE_EXTENSIONS, is_image_name, split_image_name


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
