from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jlabel.errors import KeyMapError
from jlabel.widget.keymap import checked_keys, key_name, known_actions
from scripts import frontend


@pytest.fixture(scope="module", autouse=True)
def table() -> None:
    """The actions are what the present front end can do."""
    frontend.build()


def test_keys_are_given_by_action() -> None:
    given = {"next": "space", "undo": "U", "redo": ["Ctrl+Y", "cmd+shift+Z"], "skip": None, "zoom-in": "ctrl++"}
    assert checked_keys(given) == {
        "next": ["space"],
        "undo": ["u"],
        "redo": ["mod+y", "mod+shift+z"],
        "skip": [],
        "zoom-in": ["mod++"],
    }
    assert checked_keys({}) == {}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Shift+Alt+Ctrl+ArrowUp", "mod+alt+shift+up"),
        ("⌘+a", "mod+a"),
        ("Page Up", "pageup"),
        (" ", "space"),
        ("+", "+"),
        ("plus", "+"),
        ("ctrl + minus", "mod+-"),
        ("F2", "f2"),
        ("ä", "ä"),
    ],
)
def test_a_key_has_one_name_however_it_is_written(written: str, name: str) -> None:
    assert key_name(written, "next") == name


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"nxt": "space"}, r"no action 'nxt' to give a key; did you mean 'next'\?"),
        ({"next": "spcae"}, "the key 'spcae' for 'next' is not known"),
        ({"next": "hyper+n"}, "the key 'hyper\\+n' for 'next' is not known"),
        ({"next": "u", "undo": "U"}, "the key 'u' is given to two actions, 'next' and 'undo'"),
        ({"reset-3d": "u", "zoom-3d-in": "u"}, "the key 'u' is given to two actions, 'reset-3d' and 'zoom-3d-in'"),
        ({"next": ""}, "a key for 'next' is a name such as"),
        ({"next": 5}, "keys for 'next' are a name or a list of names, not 5"),
        ({"next": [5]}, "a key for 'next' is a name such as"),
        ("space", "keys are given as"),
    ],
)
def test_what_cannot_be_given_is_said(given: Any, said: str) -> None:
    with pytest.raises(KeyMapError, match=said):
        checked_keys(given)


@given(st.text(max_size=12))
def test_a_name_is_known_and_stays_or_is_refused(written: str) -> None:
    try:
        name = key_name(written, "next")
    except KeyMapError:
        return
    assert key_name(name, "next") == name


def test_every_key_of_the_front_end_can_be_given() -> None:
    keys = [(action.scope, key) for action in known_actions().values() for key in action.keys]
    assert [key_name(key, "next") for _, key in keys] == [key for _, key in keys]
    assert len(set(keys)) == len(keys)
    assert {"save", "next", "undo", "brush", "label-1"} <= set(known_actions())


def test_the_3d_pane_has_a_scope_of_its_own() -> None:
    assert checked_keys({"turn-3d-left": "a", "auto-run": "a"}) == {"turn-3d-left": ["a"], "auto-run": ["a"]}
    scopes = {action.group: action.scope for action in known_actions().values()}
    assert scopes["In the 3D pane"] == "solid"
    assert [group for group, scope in scopes.items() if scope != "labeler"] == ["In the 3D pane"]
