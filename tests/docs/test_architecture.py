"""The page on the architecture names every package, in the order in which imports go."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import DOCS, REPOSITORY

_PAGE = (DOCS / "concepts" / "architecture.md").read_text(encoding="utf-8")


def test_the_packages_are_those_of_the_import_rules_in_their_order() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    wanted = [set(re.findall(r"jlabel\.\w+", layer)) for layer in layers]
    table = _PAGE.partition("## The packages")[2].partition("## ")[0]
    rows = re.findall(r"^\| ((?:`jlabel\.\w+`(?:, )?)+) \|", table, re.MULTILINE)
    assert [set(re.findall(r"jlabel\.\w+", row)) for row in rows] == wanted


def test_every_package_is_in_the_import_rules_and_every_named_one_is_there() -> None:
    package = REPOSITORY / "jlabel"
    there = {f"jlabel.{path.name}" for path in package.iterdir() if (path / "__init__.py").is_file()}
    named = set(re.findall(r"`(jlabel\.[a-z]\w*)", _PAGE.partition("## Threads")[0]))
    assert there - named == set()
    modules = {f"jlabel.{path.stem}" for path in package.glob("*.py")}
    assert named - modules == there
