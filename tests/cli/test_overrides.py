"""Unknown options as overrides, with values read as ``python -m monai.bundle`` reads them."""

from __future__ import annotations

from typing import Any

import pytest

from jlabel.cli.overrides import misspelled_option, parsed, split_overrides

KNOWN = {"--studies": True, "--port": True, "--json": False, "--help": False}


def test_options_of_the_command_and_overrides_may_be_mixed() -> None:
    typed = [
        "a.yaml",
        "--infers#spleen#roi_size",
        "[96,96,96]",
        "--studies",
        "~/scans",
        "--name=A b",
        "b.yaml",
        "--json",
    ]
    own, overrides = split_overrides(typed, KNOWN)
    assert own == ["a.yaml", "--studies", "~/scans", "b.yaml", "--json"]
    assert overrides == {"infers#spleen#roi_size": "[96,96,96]", "name": "A b"}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (["--a::b", "5"], 5),
        (["--a::b", "-5"], -5),
        (["--a::b=-1e-3"], -1e-3),
        (["--a::b", "[1, 2.5, 'x']"], [1, 2.5, "x"]),
        (["--a::b", "[liver, spleen]"], ["liver", "spleen"]),
        (["--a::b", "{c: 1}"], {"c": 1}),
        (["--a::b", "True"], True),
        (["--a::b", "None"], None),
        (["--a::b", "cuda:0"], "cuda:0"),
        (["--a::b", "$@c + 1"], "$@c + 1"),
        (["--a::b", "%other.yaml::x"], "%other.yaml::x"),
        (["--a::b", "@c#d"], "@c#d"),
        (["--a::b="], ""),
        (["--a::b=x=y"], "x=y"),
        (["--a::b"], True),
        (["--a::b", "--json"], True),
        (["--a::b", "'5'"], "5"),
    ],
)
def test_values(typed: list[str], value: Any) -> None:
    _, overrides = split_overrides(typed, KNOWN)
    assert parsed(overrides) == {"a::b": value}


def test_the_last_of_two_counts() -> None:
    assert split_overrides(["--a", "1", "--a=2"], KNOWN) == ([], {"a": "2"})


def test_after_two_dashes_nothing_is_an_option() -> None:
    assert split_overrides(["--a", "1", "--", "--b", "x"], KNOWN) == (["--", "--b", "x"], {"a": "1"})


def test_an_option_of_the_command_with_an_equals_sign_is_its_own() -> None:
    assert split_overrides(["--studies=x", "--port=5"], KNOWN) == (["--studies=x", "--port=5"], {})


def test_an_option_typed_wrongly_is_told_from_an_override() -> None:
    options = list(KNOWN)
    assert misspelled_option({"studis": "x"}, {"labels"}, options) == ("--studis", "--studies")
    assert misspelled_option({"labels": "x", "infers#port": "1"}, {"labels"}, options) is None
