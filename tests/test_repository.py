"""The files at the root of the repository are valid and say the same as the package."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import jlabel

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Internal"}
FORMS = ("bug.yml", "feature.yml", "data.yml")
GUIDES = ("CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md")


def _read(name: str) -> Any:
    return yaml.safe_load((REPOSITORY / name).read_text())


def _sections() -> dict[str, str]:
    """The text of the changelog by version."""
    _, *parts = re.split(r"^## (.+)$", (REPOSITORY / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_everything_names_one_version() -> None:
    front_end = _read("js/package.json")
    assert {jlabel.__version__, front_end["version"], _read("CITATION.cff")["version"]} == {PROJECT["version"]}


def test_the_changelog_has_this_version_and_what_is_not_released() -> None:
    newest, *released = _sections()
    assert newest == "[Unreleased]"
    dates = dict(re.fullmatch(r"\[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})", title).groups() for title in released)  # type: ignore[union-attr]
    assert next(iter(dates)) == PROJECT["version"]
    assert str(_read("CITATION.cff")["date-released"]) == dates[PROJECT["version"]]


@pytest.mark.parametrize("version", _sections())
def test_each_change_has_a_kind_and_one_line(version: str) -> None:
    _, *parts = re.split(r"^### (.+)$", _sections()[version], flags=re.MULTILINE)
    assert parts
    assert set(parts[::2]) <= KINDS
    assert len(set(parts[::2])) == len(parts[::2])
    for text in parts[1::2]:
        lines = [line for line in text.splitlines() if line]
        assert any(line.startswith("- ") for line in lines)
        assert not [line for line in lines if not line.startswith("- ") and not line.endswith(":")]


def test_the_citation_has_what_its_format_requires() -> None:
    citation = _read("CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= citation.keys()
    assert citation["license"] == PROJECT["license"]
    assert [author["name"] for author in citation["authors"]] == [author["name"] for author in PROJECT["authors"]]


def test_continuous_integration_calls_what_a_person_calls() -> None:
    workflow = _read(".github/workflows/ci.yml")
    # YAML 1.1 reads the key "on" as true.
    assert {"push", "pull_request"} <= workflow[True].keys()
    (job,) = workflow["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert job["timeout-minutes"] == 90
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert job["strategy"]["matrix"]["python"][0] == oldest
    supported = {line.rpartition(" :: ")[2] for line in PROJECT["classifiers"] if "Python :: 3." in line}
    assert set(job["strategy"]["matrix"]["python"]) <= supported


@pytest.mark.parametrize("form", FORMS)
def test_an_issue_form_asks(form: str) -> None:
    content = _read(f".github/ISSUE_TEMPLATE/{form}")
    assert content["name"]
    assert content["description"]
    asked = [part for part in content["body"] if part["type"] != "markdown"]
    assert {part["type"] for part in asked} <= {"input", "textarea", "dropdown", "checkboxes"}
    assert all(part["attributes"]["label"] for part in asked)
    ids = [part["id"] for part in asked]
    assert len(set(ids)) == len(ids)
    for part in asked:
        # An unquoted Yes or No is a truth value, which the form refuses.
        options = part["attributes"].get("options", [])
        assert all(isinstance(option, dict) == (part["type"] == "checkboxes") for option in options)
        assert all(isinstance(option, str | dict) for option in options)


def test_every_form_is_tested() -> None:
    folder = REPOSITORY / ".github" / "ISSUE_TEMPLATE"
    assert {file.name for file in folder.iterdir()} == {*FORMS, "config.yml"}
    assert not _read(".github/ISSUE_TEMPLATE/config.yml")["blank_issues_enabled"]


def test_hooks_download_nothing_and_call_the_tools_of_make_lint() -> None:
    hooks = {}
    for repository in _read(".pre-commit-config.yaml")["repos"]:
        assert repository["repo"] == "local"
        hooks.update({hook["id"]: hook for hook in repository["hooks"]})
    assert {hook["language"] for hook in hooks.values()} == {"pygrep", "system"}
    makefile = (REPOSITORY / "Makefile").read_text()
    for name in ("ruff", "ruff-format", "mypy", "imports", "biome"):
        command = hooks[name]["entry"].replace(".venv/bin/python", "$(PY)").replace(".venv", "$(VENV)")
        assert f"\t{command.partition(' --')[0]}" in makefile
    assert hooks["make-lint"]["entry"] == "make lint"


def _named(guide: str) -> Iterator[str]:
    """The paths that a guide names, in code spans and links."""
    text = re.sub(r"^```.*?^```$", "", (REPOSITORY / guide).read_text(), flags=re.MULTILINE | re.DOTALL)
    for span in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"\.?(\w+/[\w./]*|\w+\.(?:md|toml|cff))", span):
            yield span
    yield from (link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_names_only_what_is_there(guide: str) -> None:
    missing = [path for path in _named(guide) if not (REPOSITORY / path).exists()]
    assert missing == []


def test_the_guide_for_contributors_names_where_things_go() -> None:
    rooms = {"jlabel/labeler/features", "jlabel/datastores", "jlabel/selection", "jlabel/tasks/infer.py"}
    assert rooms <= set(_named("CONTRIBUTING.md"))


def test_the_code_of_conduct_names_its_version() -> None:
    assert "Contributor Covenant, version 2.1" in (REPOSITORY / "CODE_OF_CONDUCT.md").read_text()


def test_text_files_end_with_a_line_break_and_have_no_trailing_space() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout of git")
    wrong = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        file = REPOSITORY / name
        content = file.read_bytes() if file.is_file() else b""
        # What lies in tests/data stays byte for byte as jlabel wrote it.
        if b"\0" in content or name.startswith("tests/data/"):
            continue
        if content and (not content.endswith(b"\n") or content.endswith(b"\n\n")):
            wrong.append(f"{name}: its end")
        if b"\r\n" in content or (file.suffix != ".ipynb" and re.search(rb"[ \t]$", content, re.MULTILINE)):
            wrong.append(f"{name}: the end of a line")
    assert wrong == []
