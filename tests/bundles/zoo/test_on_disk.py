"""Bundles in a folder are told by their files alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jlabel.bundles.zoo.licence import licence_in_short
from jlabel.bundles.zoo.on_disk import bundles_in, read_bundle


def _bundle(folder: Path, metadata: object = None, licence: str = "") -> Path:
    (folder / "configs").mkdir(parents=True)
    given = {"version": "1.2.0", "task": "Spleen"} if metadata is None else metadata
    (folder / "configs" / "metadata.json").write_text(given if isinstance(given, str) else json.dumps(given))
    (folder / "configs" / "inference.json").write_text('{"x": "$__import__(\'os\')._exit(77)"}')
    if licence:
        (folder / "LICENSE").write_text(licence)
    return folder


def test_those_in_a_folder_and_the_folder_itself(tmp_path: Path) -> None:
    _bundle(tmp_path / "one", licence="MIT License\n")
    _bundle(tmp_path / "two é")
    (tmp_path / "none" / "configs").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    _bundle(tmp_path / ".hidden")
    one, two = bundles_in(tmp_path)
    assert (one.name, one.version, one.task, one.licence, one.fault) == ("one", "1.2.0", "Spleen", "MIT", "")
    assert two.licence == ""
    assert one.bytes == sum(file.stat().st_size for file in (tmp_path / "one").rglob("*") if file.is_file())
    assert bundles_in(tmp_path / "one") == [one]
    assert bundles_in(tmp_path / "nowhere") == []


@pytest.mark.parametrize("metadata", ["{", "[1]", "", "[" * 100_000, '{"a": "' + "x" * (4 << 20) + '"}'])
def test_one_whose_metadata_are_damaged_is_listed_with_its_fault(metadata: str, tmp_path: Path) -> None:
    _bundle(tmp_path / "b", metadata)
    bundle = read_bundle(tmp_path / "b")
    assert bundle is not None
    assert bundle.fault.startswith("configs/metadata.json cannot be read")


def test_values_of_other_types_are_left_out(tmp_path: Path) -> None:
    bundle = read_bundle(_bundle(tmp_path / "b", {"version": 5, "task": ["x"]}))
    assert bundle is not None
    assert (bundle.version, bundle.task, bundle.fault) == ("", "", "")


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("                 Apache License\n     Version 2.0", "Apache-2.0"),
        ("MIT License\n\nCopyright", "MIT"),
        (
            "Apache License\n...\nModel Weights License\nNVIDIA\nused non-commercially",
            "Apache-2.0; weights: a licence of their own, non-commercial",
        ),
        ("Apache License\n\nModel Weights License\n\nAttribution-NonCommercial 4.0", "Apache-2.0; weights: CC BY-NC"),
        ("Our own terms\nfor you", "Our own terms"),
        ("Our own terms\nfor non-commercial use", "Our own terms, non-commercial"),
        ("", "empty"),
    ],
)
def test_licences_in_short(text: str, short: str) -> None:
    assert licence_in_short(text) == short
