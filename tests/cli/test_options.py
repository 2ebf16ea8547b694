"""Options of two words, and labels with and without values."""

from __future__ import annotations

import pytest

from jlabel.cli.options import joined_pairs, named_labels, pairs


@pytest.mark.parametrize(
    ("typed", "joined"),
    [
        (["s", "--conf", "a", "1", "--json"], ["s", "--conf", "a=1", "--json"]),
        (["--conf", "a=1", "s"], ["--conf", "a=1", "s"]),
        (["--conf", "a", "-1"], ["--conf", "a=-1"]),
        (["--conf"], ["--conf"]),
        (["--", "--conf", "a", "1"], ["--", "--conf", "a", "1"]),
    ],
)
def test_two_words_are_one_value(typed: list[str], joined: list[str]) -> None:
    assert joined_pairs(typed, ["--conf"]) == joined


def test_pairs_by_key() -> None:
    assert pairs(["a=1", "b=x=y"], "--conf") == {"a": "1", "b": "x=y"}


def test_labels() -> None:
    assert named_labels(["liver, spleen", "left kidney"]) == ["liver", "spleen", "left kidney"]
    assert named_labels(["liver=1,left kidney = 3"]) == {"liver": 1, "left kidney": 3}
    assert named_labels(None) is named_labels([","]) is None
