"""Parts of messages: their names on the wire, and that they cannot be changed once they are told."""

from __future__ import annotations

import msgspec
import pytest

from jlabel.labeler.protocol.values import Value


class Slider(Value, frozen=True, kw_only=True):
    least_value: int
    most_value: int = 7


def test_fields_are_in_camel_case_on_the_wire() -> None:
    assert msgspec.to_builtins(Slider(least_value=1)) == {"leastValue": 1, "mostValue": 7}
    assert msgspec.convert({"leastValue": 2}, Slider) == Slider(least_value=2)


def test_a_field_that_is_missing_or_of_another_kind_is_named() -> None:
    with pytest.raises(msgspec.ValidationError, match="leastValue"):
        msgspec.convert({}, Slider)
    with pytest.raises(msgspec.ValidationError, match=r"\$\.leastValue"):
        msgspec.convert({"leastValue": "1"}, Slider)


def test_what_was_told_stays() -> None:
    with pytest.raises(AttributeError):
        Slider(least_value=1).least_value = 2  # type: ignore[misc]
