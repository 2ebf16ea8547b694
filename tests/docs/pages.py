"""The pages of the documentation, and the code in them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
README = REPOSITORY / "README.md"
_BLOCK = re.compile(
    r"^(?P<file><!-- file: [\w./-]+ -->\n)?(?P<indent> *)```python\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_FILE = re.compile(r"^<!-- file: (?P<name>[\w./-]+) -->\n```\w+\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of Python on a page.

    Attributes:
        page: The page.
        line: Where its code begins, counted from 1.
        code: The code.
    """

    page: Path
    line: int
    code: str


def pages() -> list[Path]:
    """All pages, and the README."""
    return [README, *sorted(DOCS.rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """The blocks of Python that a reader runs, in order: all but files that the page shows."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start("code")) + 1,
            textwrap.dedent(found["code"]),
        )
        for found in _BLOCK.finditer(text)
        if not found["file"]
    ]


def files(page: Path) -> dict[str, str]:
    """The files that a page shows for its code, by name."""
    return {found["name"]: found["content"] for found in _FILE.finditer(page.read_text(encoding="utf-8"))}


def title(page: Path) -> str:
    """A page as a test's name shows it."""
    return page.relative_to(REPOSITORY).as_posix()
