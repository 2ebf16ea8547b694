"""What is left of a labeler that was closed says so, whatever it is asked."""

from __future__ import annotations

import pytest

from jlabel.errors import JlabelError
from jlabel.labeler.closed import CLOSED, closed_error


@pytest.mark.parametrize("name", ["draft", "manager", "choose", "lock"])
def test_whatever_is_asked_of_it_says_that_it_is_closed(name: str) -> None:
    with pytest.raises(JlabelError, match=r"this labeler is closed; make another one with manager\.labeler"):
        getattr(CLOSED, name)
    assert "is closed" in str(closed_error())


def test_it_can_be_shown_and_closed_again() -> None:
    assert CLOSED.open_image is None
    assert CLOSED.describe() == "Labeler: closed"
    CLOSED.close()
