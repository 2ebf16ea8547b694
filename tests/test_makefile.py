"""The scripts behind the Makefile: which Python, which browser, and that help names every command."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts import find_browser, make_venv

REPOSITORY = Path(__file__).resolve().parents[1]


def test_an_old_python_is_refused_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_venv, "OLDEST", (99, 0))
    said = make_venv.main(tmp_path / "venv")
    assert said is not None
    assert "jlabel needs Python 99.0 or newer" in said
    assert not (tmp_path / "venv").exists()


def test_a_named_browser_that_does_not_start_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JLABEL_TEST_BROWSER", str(tmp_path / "none"))
    with pytest.raises(find_browser.BrowserError, match="JLABEL_TEST_BROWSER"):
        find_browser.find_browser()


def test_a_stub_that_only_tells_where_to_get_a_browser_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, status in (("chromium", 1), ("google-chrome", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv("JLABEL_TEST_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser.find_browser() == str(tmp_path / "google-chrome")


def test_where_nothing_can_be_installed_the_person_learns_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find_browser, "find_browser", lambda: None)
    monkeypatch.setattr(find_browser, "_runs", lambda command: False)
    with pytest.raises(find_browser.BrowserError, match="set JLABEL_TEST_BROWSER"):
        find_browser.install_browser()


def test_help_names_every_command() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    commands = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split()) - {"help"}  # type: ignore[index]
    helped = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert {line.split()[1] for line in helped.splitlines() if line.startswith("make ")} == commands


def test_continuous_integration_runs_what_a_person_runs() -> None:
    script = REPOSITORY / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    commands = [line for line in script.read_text().splitlines() if line.startswith("make ")]
    assert commands == ["make lint", "make test"]
