"""The table of the syntax on the page for authors: every example of it is what the page says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jlabel.apps.app_file.app_file import AppFile
from tests.docs.pages import DOCS, files

PAGE = DOCS / "how-to" / "app-config.md"
_ROW = re.compile(r"^\|[^|]*\|[^|]*\| `(?P<example>[^`]+)` \| `(?P<value>[^`]+)` \|$", re.MULTILINE)
SYNTAX = ("@a::b", "@a#b", "@a::0", "@#a", "@##a", "$…", "$import …", "$lambda …", "%a::b", "%file.json::a", "_target_")
KEYS = ("_requires_", "_disabled_", "_desc_", "_mode_: default", "_mode_: callable", "_mode_: debug")


def _examples() -> Iterator[tuple[str, str]]:
    for row in _ROW.finditer(PAGE.read_text(encoding="utf-8")):
        yield row["example"], row["value"]


@pytest.mark.parametrize(("example", "value"), list(_examples()))
def test_an_example_is_what_the_page_says(example: str, value: str, tmp_path: Path) -> None:
    for name, content in files(PAGE).items():
        (tmp_path / name).write_text(content)
    file = tmp_path / "syntax.yaml"
    file.write_text(f"{file.read_text()}example: {example}\n")
    assert AppFile(file).evaluated("example") == ast.literal_eval(value)


def test_every_part_of_the_syntax_has_a_row() -> None:
    first = re.findall(r"^\| (`.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    written = {part.strip("` ") for cell in first for part in cell.split(", ")}
    assert {*SYNTAX, *KEYS} - written == set()
    assert len(list(_examples())) >= 16
