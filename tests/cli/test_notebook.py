"""The notebook of an app: it runs, and is never written over what a person has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import jlabel
from jlabel.cli.notebook import app_notebook, notebooks_folder, write_notebook
from jlabel.errors import JlabelError
from tests.apps.app_file.conftest import Write


def _source(file: Path, number: int) -> str:
    return "".join(json.loads(file.read_text())["cells"][number]["source"])


def test_its_cells_make_the_app_and_show_the_labeler(write: Write, studies: Path, tmp_path: Path) -> None:
    files = [write("labels: [liver]\nname: A"), write({"labels": ["spleen"]}, 'it\'s "mine".json')]
    notebook = app_notebook("A", files, str(studies), {"name": 'it\'s "B"'})
    nbformat.validate(nbformat.from_dict(notebook))
    namespace: dict[str, Any] = {}
    for number in (1, 2):
        exec(_source(write_notebook(tmp_path / "out", notebook), number), namespace)
    assert (namespace["app"].name, namespace["app"].labels[0].name) == ('it\'s "B"', "spleen")
    assert isinstance(namespace["labeler"], jlabel.Labeler)
    namespace["labeler"].close()
    namespace["manager"].close()


def test_one_file_without_studies_and_overrides_is_said_shortly(tmp_path: Path) -> None:
    file = write_notebook(tmp_path, app_notebook("A", [Path("/a/app.yaml")], None, {}))
    assert _source(file, 1).splitlines()[2:] == [
        "app = jlabel.app_from_config(",
        "    '/a/app.yaml',",
        ")",
        "manager = jlabel.AppManager(app)",
        "manager",
    ]


def test_a_name_is_no_markup(tmp_path: Path) -> None:
    file = write_notebook(tmp_path, app_notebook("<img src=x>*a*\n# b [c](d)", [Path("/a.yaml")], None, {}))
    assert _source(file, 0).splitlines()[0] == r"# &lt;img src=x\>\*a\* \# b \[c\]\(d\)"


def test_the_same_again_is_the_same_file_also_with_outputs(tmp_path: Path) -> None:
    notebook = app_notebook("A", [Path("/a.yaml")], None, {})
    file = write_notebook(tmp_path, notebook)
    run = json.loads(file.read_text())
    run["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    file.write_text(json.dumps(run))
    assert write_notebook(tmp_path, notebook) == file
    assert json.loads(file.read_text()) == run


def test_one_that_nobody_changed_is_replaced(tmp_path: Path) -> None:
    file = write_notebook(tmp_path, app_notebook("A", [Path("/a.yaml")], None, {}))
    assert write_notebook(tmp_path, app_notebook("A", [Path("/a.yaml")], None, {"x": 1})) == file
    assert "{'x': 1}" in _source(file, 1)


@pytest.mark.parametrize("content", ["changed", "no notebook", '{"cells": 5}'])
def test_what_a_person_has_changed_is_kept(content: str, tmp_path: Path) -> None:
    notebook = app_notebook("A", [Path("/a.yaml")], None, {})
    file = write_notebook(tmp_path, notebook)
    mine = (
        file.read_text().replace("AppManager(app)", "AppManager(app, device='cpu')")
        if content == "changed"
        else content
    )
    file.write_text(mine)
    second = write_notebook(tmp_path, notebook)
    assert second.name == "label-2.ipynb"
    assert file.read_text() == mine
    assert write_notebook(tmp_path, notebook) == second


def test_a_file_of_the_users_own_is_kept(tmp_path: Path) -> None:
    (tmp_path / "label.ipynb").write_text(json.dumps({"cells": []}))
    assert write_notebook(tmp_path, app_notebook("A", [Path("/a.yaml")], None, {})).name == "label-2.ipynb"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JlabelError, match="cannot be made"):
        write_notebook(tmp_path / "file" / "x", app_notebook("A", [Path("/a.yaml")], None, {}))


def test_each_app_and_its_studies_have_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folders = {
        notebooks_folder([Path("/a/app.yaml")], None),
        notebooks_folder([Path("/b/app.yaml")], None),
        notebooks_folder([Path("/a/app.yaml")], Path("/s")),
        notebooks_folder([Path("/a/app.yaml"), Path("/b.json")], None),
    }
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {tmp_path / "jlabel" / "notebooks"}
    assert all(folder.name.startswith("app-") for folder in folders)
