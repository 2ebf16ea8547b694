"""An app file or a bundle that nobody named never runs, wherever it lies."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import jlabel
from jlabel.cli.main import main
from tests.apps.app_file.conftest import studies as studies


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that is there once something has run."""
    return tmp_path / "it ran"


@pytest.fixture
def planted(studies: Path, marker: Path) -> Path:
    """Studies among which lie app files and bundles that would run code."""
    code = f"$__import__('os').system('touch \"{marker}\"')"
    evil = {"labels": ["a"], "infers": {"x": code}, "run": [code], "initialize": [code]}
    for name in ("app.json", "app.yaml", "app.yml", ".jlabel.yaml", "labels/app.yaml"):
        file = studies / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(evil))
    for place in (studies / "bundle", studies / "bundles" / "one"):
        (place / "configs").mkdir(parents=True)
        (place / "configs" / "metadata.json").write_text(json.dumps({"version": "1", "task": code, "name": code}))
        for name in ("inference.json", "train.json", "inference.yaml"):
            (place / "configs" / name).write_text(json.dumps(evil))
        (place / "scripts").mkdir()
        (place / "scripts" / "__init__.py").write_text(f"import os\nos.system('touch \"{marker}\"')\n")
    return studies


def test_opening_studies_reads_none_of_them(planted: Path, marker: Path, own_locks: Path) -> None:
    path, modules = list(sys.path), set(sys.modules)
    manager = jlabel.AppManager(jlabel.RadiologyApp(planted, ["liver"]), device="cpu")
    assert manager.datastore.list_images() == ["case_0"]
    labeler = manager.labeler("case_0")
    manager.info()
    repr(manager)
    labeler.close()
    manager.close()
    assert not marker.exists()
    assert sys.path == path
    assert not [name for name in set(sys.modules) - modules if name.partition(".")[0] == "scripts"]


def test_an_app_that_was_named_reads_only_what_it_names(planted: Path, marker: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("labels: [liver]\nstudies: studies\n")
    assert jlabel.app_from_config(file).datastore.list_images() == ["case_0"]
    assert not marker.exists()


def test_listing_bundles_reads_their_metadata_alone(
    planted: Path, marker: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JLABEL_MODEL_ZOO", "http://127.0.0.1:9/model_info.json")
    monkeypatch.setenv("XDG_DATA_HOME", str(planted.parent / "data"))
    with pytest.raises(SystemExit):
        main(["bundles", str(planted), str(planted / "bundles")])
    assert "Here are 2" in capsys.readouterr().out
    assert not marker.exists()


def test_the_one_that_is_named_does_run(planted: Path, marker: Path) -> None:
    with pytest.raises(jlabel.ConfigError, match="expected an infer task"):
        jlabel.app_from_config(planted / "app.yaml", planted)
    assert marker.exists()
