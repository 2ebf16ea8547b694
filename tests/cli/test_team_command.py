"""``jlabel team``, and ``jlabel next`` for two people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Jlabel
from tests.cli.studies import make_studies


@pytest.fixture
def studies(tmp_path: Path, own_locks: Path) -> Path:
    return make_studies(tmp_path / "studies")


def test_who_asks_for_the_next_image_has_it(jlabel: Jlabel, studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {}
    for name in ("mia", "ben", "mia"):
        monkeypatch.setenv("JLABEL_USER", name)
        code, out, _ = jlabel("next", studies, "--labels", "liver", "--strategy", "first", "--json")
        assert code == 0
        given.setdefault(name, []).append(json.loads(out)[0]["image"])
    assert given["mia"][0] == given["mia"][1] != given["ben"][0]
    code, out, _ = jlabel("team", studies, "--labels", "liver", "--json")
    told = json.loads(out)
    working = {one["name"]: one["images"] for one in told["members"] if one["images"]}
    assert (code, working) == (0, {"mia": given["mia"][:1], "ben": given["ben"]})


def test_the_team_is_a_table(jlabel: Jlabel, studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JLABEL_USER", "mia")
    jlabel("next", studies, "--labels", "liver", "--strategy", "first")
    code, out, _ = jlabel("team", studies, "--labels", "liver", "--agreement")
    assert code == 0
    assert "working on" in out
    assert "mia" in out
    assert "wait for a review" in out
