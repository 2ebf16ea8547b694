"""``jlabel apps``: the templates, and one written out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import jlabel as package
from jlabel.apps.templates import TEMPLATES
from tests.cli.conftest import Jlabel


def test_the_templates_are_listed_with_their_classes(jlabel: Jlabel) -> None:
    code, out, _ = jlabel("apps", "--json")
    listed = json.loads(out)
    assert (code, [one["name"] for one in listed]) == (0, list(TEMPLATES))
    assert all(hasattr(package, one["class"].removeprefix("jlabel.")) for one in listed)
    assert "jlabel.RadiologyApp" in jlabel("apps")[1]


def test_one_is_written_out_as_a_folder(jlabel: Jlabel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = jlabel("apps", "--name", "radiology", "--download", "--output", "myapp")
    assert code == 0
    assert "--app myapp" in out
    assert {"main.py", "README.md", "lib"} <= {one.name for one in Path("myapp").iterdir()}
    read = json.loads(jlabel("apps", "--name", "radiology", "--json")[1])
    assert read == {"name": "radiology", "folder": str(tmp_path / "radiology")}


def test_nothing_is_written_over(jlabel: Jlabel, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    code, _, err = jlabel("apps", "--name", "radiology", "--output", tmp_path)
    assert (code, err) == (
        1,
        f"jlabel: {tmp_path} is not empty, and nothing is written over: choose another folder\n",
    )
    assert [one.name for one in tmp_path.iterdir() if one.name != "data"] == ["mine.txt"]


def test_one_that_is_not_there(jlabel: Jlabel) -> None:
    code, _, err = jlabel("apps", "--name", "cardiology")
    assert (code, err.startswith("jlabel: there is no template app 'cardiology'; there are radiology")) == (1, True)
    assert jlabel("apps", "--output", "x")[0] == 2
