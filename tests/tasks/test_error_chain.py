"""An exception and those that it came from."""

from __future__ import annotations

from jlabel.tasks.error_chain import error_chain


def test_what_it_was_raised_from_and_what_was_being_handled() -> None:
    first, second, third = ValueError("a"), KeyError("b"), RuntimeError("c")
    second.__context__, third.__cause__ = first, second
    assert error_chain(third) == [third, second]
    assert error_chain(third, contexts=True) == [third, second, first]
