"""What a DICOM SEG of jlabel's own says of its label."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict

import pytest
from pydicom import Dataset

from jlabel.dicomweb.label_note import (
    LabelNote,
    file_uri,
    is_own_label,
    note_and_file,
    note_in_header,
    parse_note,
    write_note,
)

NOTE = LabelNote(
    "1.2.3", "1.2.3.4", "final", 2, 1700000000.25, "mia \\ <b>", ".nii.gz", 5, "00", {"labels": {"ä\n": 1}}
)


def encoded(**changes: object) -> str:
    return base64.b64encode(json.dumps({**asdict(NOTE), **changes}).encode()).decode()


def made() -> Dataset:
    dataset = Dataset()
    dataset.SOPInstanceUID = "1.2.3.9"
    write_note(dataset, NOTE, b"label")
    return dataset


def test_what_is_written_is_read_again() -> None:
    assert note_and_file(made()) == (NOTE, b"label")


def test_a_header_tells_it_without_the_object() -> None:
    header = made().to_json_dict(4, lambda element: f"http://pacs/{element.tag}" if element.VR == "OB" else None)
    header["00951001"] = {"vr": "UT", "Value": [encoded()]}
    header["00951003"] = {"vr": "LO", "Value": ["1.2.3.9"]}
    header["00080018"] = {"vr": "UI", "Value": ["1.2.3.9"]}
    header["00950010"] = {"vr": "LO", "Value": ["JLABEL LABEL"]}
    assert is_own_label(header)
    assert note_in_header(header) == NOTE
    assert file_uri(header) is not None
    header["00080018"] = {"vr": "UI", "Value": ["1.2.3.10"]}  # another program made another object of it
    assert not is_own_label(header)
    assert not is_own_label({})


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "../../x"},
        {"tag": ".hidden"},
        {"ext": "/../../x"},
        {"number": -1},
        {"number": "1"},
        {"time": 1e300},
        {"info": []},
        {"series": "/"},
        {"size": -5},
        {"author": 7},
        {"unknown": 1, "tag": None},
    ],
)
def test_what_could_not_be_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no note of a label"):
        parse_note(encoded(**change))


def test_text_that_is_none_is_refused() -> None:
    for text in ("", "no base64!", base64.b64encode(b"{").decode(), base64.b64encode(b"[]").decode()):
        with pytest.raises(ValueError, match=r".+"):
            parse_note(text)
    with pytest.raises(ValueError, match="holds no label of jlabel"):
        note_and_file(Dataset())
