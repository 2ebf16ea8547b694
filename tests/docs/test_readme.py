"""The README is short, and what it names is there."""

from __future__ import annotations

import re

from tests.docs.pages import README, REPOSITORY, blocks

MOST_WORDS = 500


def test_it_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").split()) <= MOST_WORDS


def test_it_shows_four_lines_of_code_and_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    lines = [line for block in blocks(README) for line in block.code.splitlines() if line.strip()]
    assert len(lines) == 4
    assert re.findall(r"^make (\w+)", text, re.MULTILINE) == ["demo", "test"]


def test_every_file_that_it_links_to_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", text) + re.findall(r"(?:src|srcset|href)=\"([^\"]+)\"", text)
    files = [link for link in links if "://" not in link]
    assert len(files) > 5
    assert [link for link in files if not (REPOSITORY / link).exists()] == []
