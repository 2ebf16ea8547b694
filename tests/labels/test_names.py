"""Every character of a label's name is seen, and what looks the same is the same."""

from __future__ import annotations

import pytest

from jlabel.errors import LabelError
from jlabel.labels.label import Label, make_labels
from jlabel.labels.names import alike, label_name, seen_name


@pytest.mark.parametrize("name", ["liver", "lobe (left)", "肝臓", "Épiploon", "печень", "كبد", "🫀"])
def test_a_name_stays_as_it_is(name: str) -> None:
    assert label_name(name) == name
    assert seen_name(name) == name


@pytest.mark.parametrize(
    "unseen",
    [
        "\0",
        "\n",
        "\x7f",
        "\x9b",
        "\u200b",
        "\u200d",
        "\u200e",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u00ad",
        "\u2028",
        "\u034f",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\ud800",
        "\ue000",
        "\U000e0041",
    ],
)
def test_what_nobody_sees_is_refused_by_its_number(unseen: str) -> None:
    with pytest.raises(LabelError, match=f"U\\+{ord(unseen):04X}"):
        label_name(f"li{unseen}ver")
    with pytest.raises(LabelError):
        make_labels([f"li{unseen}ver"])
    with pytest.raises(LabelError):
        make_labels([Label(f"li{unseen}ver", 1, "#ffffff")])
    assert seen_name(f"li{unseen}ver") == "liver"


@pytest.mark.parametrize("name", ["", " ", "\u3000", None, 3])
def test_what_is_no_name(name: object) -> None:
    with pytest.raises(LabelError):
        label_name(name)


def test_both_unicode_forms_are_one_name() -> None:
    assert label_name("e\u0301") == "\u00e9"
    assert [label.name for label in make_labels({"e\u0301": 3})] == ["\u00e9"]
    with pytest.raises(LabelError, match="given twice"):
        make_labels(["e\u0301", "\u00e9"])


@pytest.mark.parametrize(("one", "other"), [("Left_Kidney", "left  kidney"), ("e\u0301tat", "\u00e9tat"), ("A", "a")])
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert alike(one) == alike(other)
