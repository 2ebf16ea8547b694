"""The documentation is built strictly: links lead somewhere, pages are in the navigation, every name is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import jlabel
from jlabel.widget import namespaces
from scripts import frontend
from tests.docs.pages import DOCS, REPOSITORY, pages, title

NAMESPACES = "jlabel.widget.namespaces"
_LOADED = re.compile(r"<(?:script|img|iframe|source|link)\b[^>]*?\b(?:src|href)=[\"']?(https?:)?//")
_CSS_LOADED = re.compile(r"(?:@import|url\()\s*[\"']?(?:https?:)?//")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built pages; the environment lets nothing of the network through."""
    frontend.build()
    site = tmp_path_factory.mktemp("site")
    done = _build(REPOSITORY, site)
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def _build(repository: Path, site: Path) -> subprocess.CompletedProcess[str]:
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = {**os.environ, **nowhere, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)


def test_a_fault_of_each_kind_fails_the_build(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    # The reference takes most of the time, and is no fault of these.
    shutil.copytree(DOCS, copy / "docs", ignore=shutil.ignore_patterns("reference"))
    shutil.copy(REPOSITORY / "mkdocs.yml", copy)
    (copy / "jlabel").symlink_to(REPOSITORY / "jlabel")
    (copy / "docs" / "stray.md").write_text("# Nothing links here\n")
    faults = (
        "[a](nothing.md)",
        "[b](geometry.md#nowhere)",
        "[c][jlabel.Nobody]",
        "![d](nothing.webp)",
        "[e](/root.md)",
    )
    with (copy / "docs" / "concepts" / "trust.md").open("a") as page:
        page.write("\n\n".join(("", *faults)))
    done = _build(copy, tmp_path / "site")
    assert done.returncode != 0
    for named in ("stray.md", "nothing.md", "#nowhere", "jlabel.Nobody", "nothing.webp", "/root.md"):
        assert named in done.stderr, done.stderr


def test_make_docs_hears_every_warning() -> None:
    # With --quiet MkDocs counts no warnings, and --strict means nothing.
    recipe = (REPOSITORY / "Makefile").read_text(encoding="utf-8").partition("\ndocs:")[2].partition("\n\n")[0]
    assert "mkdocs build --strict" in recipe
    assert "quiet" not in recipe


def test_it_builds_strictly_and_every_page_is_there(built: Path) -> None:
    for page in DOCS.rglob("*.md"):
        assert (built / page.relative_to(DOCS).with_suffix(".html")).is_file()


def test_every_public_name_is_in_the_reference(built: Path) -> None:
    reference = "".join(file.read_text(encoding="utf-8") for file in (built / "reference").glob("*.html"))
    described = set(re.findall(r'id="jlabel\.(\w+)"', reference))
    assert set(jlabel.__all__) - described == set()
    assert described - set(jlabel.__all__) - {"demo", "types"} == set()


@pytest.mark.parametrize("name", ["jlabel.AppManager", *(f"{NAMESPACES}.{name}" for name in namespaces.__all__)])
def test_each_method_of_what_is_called_most_is_in_the_reference(name: str, built: Path) -> None:
    reference = "".join(file.read_text(encoding="utf-8") for file in (built / "reference").glob("*.html"))
    module, _, attribute = name.rpartition(".")
    bases = [one for one in getattr(sys.modules[module], attribute).__mro__ if one.__module__.startswith("jlabel.")]
    methods = {
        member
        for one in bases
        for member, value in vars(one).items()
        if not member.startswith("_") and isinstance(value, property | FunctionType) and value.__doc__
    }
    assert [member for member in sorted(methods) if f'id="{name}.{member}"' not in reference] == []


def test_every_action_is_in_the_table_of_keys(built: Path) -> None:
    from jlabel.widget.keymap import known_actions

    table = (built / "reference" / "keys.html").read_text(encoding="utf-8")
    assert [name for name in known_actions() if f"<code>{name}</code>" not in table] == []


def test_every_command_and_option_is_in_the_reference(built: Path) -> None:
    import typer

    from jlabel.cli.main import app

    page = (built / "reference" / "command-line.html").read_text(encoding="utf-8")

    def options(command: Any) -> Iterator[str]:
        yield from (name for one in command.params for name in one.opts if name.startswith("--") and name != "--help")
        for one in getattr(command, "commands", {}).values():
            yield from options(one)

    assert {"--studies", "--to", "--json"} <= set(options(typer.main.get_command(app)))
    assert [name for name in options(typer.main.get_command(app)) if f"<code>{name}" not in page] == []
    assert {"jlabel run", "jlabel bundles list", "jlabel bundles download"} <= set(
        re.findall(r"jlabel [a-z]+(?: [a-z]+)?", page)
    )


def test_no_page_loads_anything_from_elsewhere(built: Path) -> None:
    for file in built.rglob("*.html"):
        assert not _LOADED.search(file.read_text(encoding="utf-8")), file
    for file in built.rglob("*.css"):
        assert not _CSS_LOADED.search(file.read_text(encoding="utf-8")), file


def test_no_role_of_another_format_is_left(built: Path) -> None:
    for file in (built / "reference").glob("*.html"):
        assert not re.search(r":(?:class|meth|func|data|attr):", file.read_text(encoding="utf-8")), file


def test_commands_and_files_that_pages_name_are_there() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    for page in pages():
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
        assert named <= targets, title(page)
        files = set(re.findall(r"`((?:notebooks|scripts|tests|bench|js)/[\w/.-]+\.\w+)`", text))
        assert [file for file in files if not (REPOSITORY / file).exists()] == [], title(page)


def test_pictures_are_small_and_used() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in pages())
    for picture in [*DOCS.rglob("*.webp"), *DOCS.rglob("*.png")]:
        assert picture.stat().st_size <= 200_000, picture
        assert picture.name in text, picture
