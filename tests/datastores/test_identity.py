"""Who works here."""

from __future__ import annotations

from pathlib import Path

import pytest

from jlabel.datastores.identity import Identity, checked_name, identity, set_annotator
from jlabel.errors import DatastoreError


@pytest.fixture(autouse=True)
def own_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "settings" / "annotator.json"
    monkeypatch.setenv("JLABEL_ANNOTATOR_FILE", str(file))
    monkeypatch.setattr("getpass.getuser", lambda: "jovyan")
    return file


def test_the_name_of_an_account_may_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert identity() == Identity("jovyan", known=False)
    monkeypatch.setattr("getpass.getuser", lambda: "mmeier")
    assert identity() == Identity("mmeier", known=True)


def test_who_said_their_name_once_is_known_from_then_on(own_file: Path) -> None:
    set_annotator(" Mia ")
    assert identity() == Identity("Mia", known=True)
    set_annotator(None)
    assert identity() == Identity("jovyan", known=False)
    assert not own_file.exists()


def test_the_hub_knows_best_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    set_annotator("Mia")
    monkeypatch.setenv("JLABEL_USER", "ben")
    assert identity().name == "ben"
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    assert identity().name == "ada"


def test_a_file_that_holds_no_name_is_as_none(own_file: Path) -> None:
    own_file.parent.mkdir()
    for content in ("", "[]", '{"name": 3}', '{"name": ""}'):
        own_file.write_text(content)
        assert identity().name == "jovyan"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, 3])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(DatastoreError, match="a name is a text"):
        checked_name(name)
