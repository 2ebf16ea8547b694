"""Which folder stands for a series, and what tells that it has changed."""

from __future__ import annotations

from typing import Any

import pytest

from jlabel.datastores.safe_names import problem_with_id
from jlabel.dicomweb.address import checked_query, http_url, server_address
from jlabel.dicomweb.instance_header import make_header, read_instance
from jlabel.dicomweb.series import safe_name, series_of
from jlabel.errors import DatastoreError


def found(**more: Any) -> dict[str, Any]:
    """An answer of a search."""
    values = {
        "0020000D": "1.2.1",
        "0020000E": "1.2.2",
        "00080060": "MR",
        "00100020": "P1",
        "00201209": 3,
        **{tag.removeprefix("t"): value for tag, value in more.items()},
    }
    return {tag: {"vr": "LO", "Value": [value]} for tag, value in values.items() if value is not None}


def test_its_stamp_changes_with_what_the_server_tells_of_it() -> None:
    one, same, grown = series_of(found()), series_of(found(t00081190="http://elsewhere")), series_of(found(t00201209=4))
    assert one is not None
    assert same is not None
    assert grown is not None
    assert one.stamp == same.stamp != grown.stamp
    unknown = series_of(found(t00201209=None))
    assert unknown is not None
    assert unknown.stamp == ""


def test_kinds_of_objects_are_told_by_the_modality() -> None:
    kinds = {name: series_of(found(t00080060=name)) for name in ("MR", "SEG", "SR", "")}
    assert [one.holds_images for one in kinds.values() if one] == [True, False, False, True]
    assert [one.holds_labels for one in kinds.values() if one] == [False, True, False, False]


@pytest.mark.parametrize("uid", ["", "../1", "1.2/3", "1.2?x=1", None, 7, "1" * 65])
def test_what_cannot_be_asked_for_is_none(uid: object) -> None:
    assert series_of(found(t0020000E=uid)) is None


@pytest.mark.parametrize(
    "text", ["../..", "a/b\\c", ".hidden", "\0\n\r\x1b[31m", "<b>", "x" * 999, "série=1", "名前", "", "labels"]
)
def test_every_text_becomes_a_name_that_is_no_path(text: str) -> None:
    name = safe_name(text)
    assert name == "" or (problem_with_id(name) is None and "/" not in name and len(name) <= 41)
    assert name != "labels"
    assert set("<>=\0\n\x1b").isdisjoint(name)


def test_a_header_is_made_of_metadata_and_keeps_no_more_of_the_patient_than_the_id() -> None:
    metadata = found(t00080018="1.2.3", t00080016="1.2.840.10008.5.1.4.1.1.4", t00100010="Doe^Jane")
    metadata["00200013"] = {"vr": "IS", "Value": [4]}
    metadata["00280010"] = metadata["00280011"] = {"vr": "US", "Value": [512]}
    metadata["00280100"] = {"vr": "US", "Value": [16]}
    made = make_header(metadata)
    assert made is not None
    instance, header = made
    assert b"Doe" not in header
    assert read_instance(header) == instance
    assert instance.name.startswith("4-")
    assert 2 * 512 * 512 < instance.size < 2 * 512 * 512 + 10_000
    assert make_header(found()) is None
    with pytest.raises(ValueError, match="damaged"):
        make_header({**metadata, "00280010": {"vr": "US", "Value": ["many"]}})


def test_addresses_and_queries() -> None:
    assert http_url(server_address("dicomwebs://pacs/dicom-web/")) == "https://pacs/dicom-web"
    assert checked_query({"StudyDate": 20240102, "Modality": "MR"}) == {"Modality": "MR", "StudyDate": "20240102"}
    for url in ("s3://bucket/scans", "/data/scans", "http://", "http://pacs/dicom-web?x=1"):
        with pytest.raises(DatastoreError):
            server_address(url)
