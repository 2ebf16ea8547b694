"""Where jlabel's own folder begins in a path, and which of its parts is a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from jlabel.files.links import is_link, link_above, split_own


def test_the_first_link_on_the_way_down_is_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").symlink_to(tmp_path)
    assert link_above(tmp_path, tmp_path / "a" / "b" / "missing") is None
    assert link_above(tmp_path, tmp_path / "a" / "b" / "c" / "a") == tmp_path / "a" / "b" / "c"
    assert link_above(tmp_path / "a" / "b" / "c", tmp_path / "a" / "b" / "c" / "a") is None
    assert is_link(tmp_path / "a" / "b" / "c")


@pytest.mark.parametrize(
    ("path", "top", "below"),
    [
        ("/studies/.jlabel/drafts/x", "/studies", (".jlabel", "drafts", "x")),
        ("/studies/.jlabel", "/studies", (".jlabel",)),
        (".jlabel/tmp", ".", (".jlabel", "tmp")),
        ("/studies/labels/x", "/studies/labels/x", ()),
        ("/studies/.jlabel-0123456789abcdef.tmp", "/studies/.jlabel-0123456789abcdef.tmp", ()),
        # A studies folder that jlabel made in its own folder.
        ("/studies/.jlabel/simulation/.jlabel/tmp", "/studies", (".jlabel", "simulation", ".jlabel", "tmp")),
    ],
)
def test_the_way_below_the_own_folder_is_told_from_the_way_there(path: str, top: str, below: tuple[str, ...]) -> None:
    assert split_own(Path(path)) == (Path(top), below)
