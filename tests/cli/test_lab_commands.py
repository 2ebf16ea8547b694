"""``jlabel lab`` and ``jlabel demo``: the notebooks that they open run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jlabel.cli import lab
from tests.apps.app_file.conftest import Write
from tests.cli.conftest import Jlabel
from tests.cli.studies import make_studies


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a server was started for; none is."""
    calls: list[Any] = []
    monkeypatch.setattr(lab, "serve", lambda *arguments: calls.append(arguments) or 0)
    return calls


def run_cells(notebook: Path) -> dict[str, Any]:
    """What the cells of a notebook leave behind; the labeler is closed."""
    namespace: dict[str, Any] = {}
    for cell in json.loads(notebook.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), namespace)
    namespace["labeler"].close()
    namespace["manager"].close()
    return namespace


def test_a_template_app(jlabel: Jlabel, tmp_path: Path, served: list[Any]) -> None:
    studies = make_studies(tmp_path / "studies")
    typed = ("lab", studies, "--labels", "liver=4,spleen=2", "--browser", "none", "--port", "8899")
    assert jlabel(*typed)[0] == 0
    ((home, notebook, port, browser),) = served
    assert (notebook.parent, port, browser) == (home, 8899, "none")
    app = run_cells(notebook)["app"]
    assert [(label.name, label.value) for label in app.labels] == [("liver", 4), ("spleen", 2)]
    assert "click" in app.infers
    jlabel(*typed)
    assert served[1][1] == notebook  # the same again


def test_an_app_file_with_settings(jlabel: Jlabel, write: Write, tmp_path: Path, served: list[Any]) -> None:
    studies = make_studies(tmp_path / "studies")
    file = write("labels: [liver]\nname: A\ninfers: {click: {_target_: jlabel.ClassicClickSegment, description: a}}")
    typed = ["--app", file, "--labels", "spleen", "--conf", "name", "Mine", "--conf", "infers#click#description", "b c"]
    assert jlabel("lab", studies, *typed)[0] == 0
    app = run_cells(served[0][1])["app"]
    assert (app.name, app.infers["click"].description, app.labels[0].name) == ("Mine", "b c", "spleen")


def test_what_is_wrong_is_told_before_a_server_is_started(
    jlabel: Jlabel, write: Write, tmp_path: Path, served: list[Any]
) -> None:
    studies = make_studies(tmp_path / "studies")
    assert "nobody has named the labels" in jlabel("lab", studies)[2]
    assert "there is no app" in jlabel("lab", studies, "--app", tmp_path / "none", "--labels", "a")[2]
    assert "no such folder" in jlabel("lab", tmp_path / "nowhere", "--labels", "a")[2]
    assert jlabel("lab", studies, "--conf", "a")[0] == 2
    assert served == []


def test_the_example_studies(
    jlabel: Jlabel, tmp_path: Path, served: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import jlabel.demo as demo

    made = demo.example_studies
    monkeypatch.setattr(demo, "example_studies", lambda folder: made(folder, cases=2, spacing=8.0))
    code, _, err = jlabel("demo", "--to", tmp_path / "demo", "--browser", "none")
    assert (code, err) == (0, "jlabel: making the example studies …\n")
    found = run_cells(served[0][1])
    assert found["app"].datastore.list_images() == ["case_01", "case_02"]
    assert jlabel("demo", "--to", tmp_path / "demo")[2] == ""  # they are there now


def test_an_app_of_ones_own_that_is_a_folder(jlabel: Jlabel, tmp_path: Path, served: list[Any]) -> None:
    studies, folder = make_studies(tmp_path / "studies"), tmp_path / "myapp"
    jlabel("apps", "--name", "radiology", "--output", folder)
    typed = ("--app", folder, "--labels", "liver", "--conf", "models", "click,segmentation_liver")
    assert jlabel("lab", studies, *typed)[0] == 0
    app = run_cells(served[0][1])["app"]
    assert list(app.infers) == ["click", "segmentation_liver", "threshold", "my_segmentation"]
