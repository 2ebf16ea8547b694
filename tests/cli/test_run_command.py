"""``jlabel run``: what the file says, or JupyterLab on a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jlabel.cli import lab
from tests.apps.app_file.conftest import Write
from tests.cli.conftest import Jlabel

CLICK = "infers: {click: {_target_: jlabel.ClassicClickSegment, description: a}}"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a server was started for; none is."""
    calls: list[Any] = []
    monkeypatch.setattr(lab, "serve", lambda *arguments: calls.append(arguments) or 0)
    return calls


def test_run_does_what_the_file_says_in_order(write: Write, studies: Path, jlabel: Jlabel, served: list[Any]) -> None:
    file = write(f"""
        labels: [liver]
        {CLICK}
        size: [1, 1, 1]
        run:
          - $print('first', @app.name, @manager.datastore.count_images())
          - $@infers::click.description
          - $@size
    """)
    code, out, err = jlabel(
        "run", file, "--studies", studies, "--size", "[96,96,96]", "--infers#click#description=b c", "--name", "Mine"
    )
    assert (code, err) == (0, "")
    assert out.splitlines() == ["first Mine 1", "b c", "[96, 96, 96]"]
    assert served == []


def test_files_are_merged_and_macros_taken(
    write: Write, studies: Path, jlabel: Jlabel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write("labels: [a]\nvalues: [1]\nrun: [$@values]")
    second = write({"+values": [2]}, "second.json")
    write({"more": [7]}, "elsewhere/other.json")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert jlabel("run", first, second, "--studies", studies) == (0, "[1, 2]\n", "")
    assert jlabel("run", first, second, "--studies", studies, "--values", "%other.json::more") == (0, "[7]\n", "")


def test_a_job_is_waited_for(write: Write, studies: Path, jlabel: Jlabel, own_locks: Path) -> None:
    file = write("""
        labels: [liver]
        infers: {bright: {_target_: tests.cli.bright.Bright, labels: '@labels'}}
        run: $@manager.batch_infer('bright')
    """)
    code, out, err = jlabel("run", file, "--studies", studies)
    assert (code, out, err) == (0, "infer bright: done\n", "")
    assert (studies / "labels" / "original" / "case_0.nii.gz").is_file()


def test_a_job_that_fails_is_code_1(write: Write, studies: Path, jlabel: Jlabel, own_locks: Path) -> None:
    file = write("""
        labels: [liver]
        infers: {bright: {_target_: tests.cli.bright.Bright, labels: '@labels', fails: true}}
        run: [$@manager.batch_infer('bright')]
    """)
    code, out, _ = jlabel("run", file, "--studies", studies)
    assert code == 1
    assert out.startswith("infer bright: failed (")


def test_a_mistake_in_run_is_told_with_its_line(write: Write, studies: Path, jlabel: Jlabel) -> None:
    file = write("labels: [a]\nrun:\n- $1\n- $@manager.batch_infer('none')")
    code, _, err = jlabel("run", file, "--studies", studies)
    assert code == 1
    assert err.startswith(f"jlabel: {file}, line 4: run::1: ")
    assert "no model 'none'; the app has none" in err


def test_without_run_a_notebook_is_opened(write: Write, studies: Path, jlabel: Jlabel, served: list[Any]) -> None:
    file = write(f"labels: [liver]\n{CLICK}")
    code, _, err = jlabel(
        "run", file, "--studies", studies, "--browser", "none", "--port", "8899", "--infers#click#description", "new"
    )
    assert (code, err) == (0, "")
    ((home, notebook, port, browser),) = served
    assert (notebook.parent, port, browser) == (home, 8899, "none")
    text = notebook.read_text()
    assert str(file) in text
    assert str(studies) in text
    assert "{'infers#click#description': 'new'}" in text


def test_a_mistake_is_told_before_a_server_is_started(
    write: Write, studies: Path, jlabel: Jlabel, served: list[Any]
) -> None:
    file = write("labels: [a]\ninfers:\n  x: {_target_: jlabel.Nothing}")
    code, out, err = jlabel("run", file, "--studies", studies)
    assert (code, out) == (1, "")
    assert err.startswith(f"jlabel: {file}, line 3: infers::x: there is no jlabel.Nothing")
    assert err.count("\n") == 1
    assert served == []


def test_an_override_of_nothing_is_told(write: Write, studies: Path, jlabel: Jlabel) -> None:
    file = write(f"labels: [a]\n{CLICK}\nrun: $1")
    for typed, said in {
        "--infers#klick#description": "there is no infers::klick: did you mean 'click'?",
        "--lables": "lables: overrides nothing: did you mean 'labels'?",
    }.items():
        code, _, err = jlabel("run", file, "--studies", studies, typed, "1")
        assert code == 1
        assert said in err


def test_studies_that_are_not_there(write: Write, jlabel: Jlabel, tmp_path: Path) -> None:
    code, _, err = jlabel("run", write("labels: [a]\nrun: $1"), "--studies", tmp_path / "nowhere")
    assert code == 1
    assert "nowhere" in err
    assert "give studies=" in jlabel("run", write("labels: [a]\nrun: $1"))[2]
