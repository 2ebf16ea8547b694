"""What ``make demo`` runs: an address that answers, on the person's own folder, with a notebook that stays theirs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from jlabel.cli.lab import free_port
from scripts import demo

REPOSITORY = Path(__file__).resolve().parents[2]


def _write(path: Path, source: str, outputs: tuple[str, ...] = ()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cell = {"cell_type": "code", "source": [source], "outputs": list(outputs)}
    path.write_text(json.dumps({"cells": [cell]}))
    return path


def test_it_prints_an_address_that_answers_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "scans").mkdir()
    command = [sys.executable, str(REPOSITORY / "scripts" / "demo.py"), "--home", str(tmp_path / "home")]
    command += ["--studies", str(tmp_path / "scans"), "--browser", "none", "--port", str(free_port(None))]
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        address = next(found[0] for line in running.stdout if (found := re.search(r"http://\S+", line)))
        with urllib.request.urlopen(address, timeout=30) as page:
            assert page.status == 200
        assert "/lab/tree/notebooks/quickstart.ipynb?token=" in address
        running.terminate()
        assert running.wait(timeout=30) == 0


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(SystemExit, match="STUDIES=/no/such: there is no folder"):
        demo._studies("/no/such", Path())


def test_a_port_is_a_number() -> None:
    assert demo._port("") is None
    assert demo._port("8890") == 8890
    with pytest.raises(SystemExit, match="PORT=no: a port is a number"):
        demo._port("no")


def test_a_copy_with_no_changes_follows_the_shipped_notebook(tmp_path: Path) -> None:
    shipped, copy = _write(tmp_path / "shipped.ipynb", "one"), tmp_path / "home" / "copy.ipynb"
    demo.working_copy(shipped, copy)
    _write(copy, "one", outputs=("run by the person",))
    _write(shipped, "two")
    demo.working_copy(shipped, copy)
    assert copy.read_text() == shipped.read_text()


def test_a_changed_copy_is_kept_and_the_person_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shipped, copy = _write(tmp_path / "shipped.ipynb", "one"), tmp_path / "home" / "copy.ipynb"
    demo.working_copy(shipped, copy)
    mine = _write(copy, "my own cell").read_text()
    demo.working_copy(shipped, copy)
    assert capsys.readouterr().out == ""
    _write(shipped, "two")
    demo.working_copy(shipped, copy)
    assert copy.read_text() == mine
    assert "has your changes and is kept" in capsys.readouterr().out


def test_outputs_of_a_run_stay_while_the_shipped_notebook_is_the_same(tmp_path: Path) -> None:
    shipped, copy = _write(tmp_path / "shipped.ipynb", "one"), tmp_path / "home" / "copy.ipynb"
    demo.working_copy(shipped, copy)
    run = _write(copy, "one", outputs=("run by the person",)).read_text()
    demo.working_copy(shipped, copy)
    assert copy.read_text() == run
