"""Which transform failed, by what was raised."""

from __future__ import annotations

import pytest

from jlabel.tasks.error_chain import error_chain
from jlabel.tasks.failing_step import failed_transform


@pytest.mark.timeout(60)
def test_errors_that_lead_back_to_themselves_are_followed_once() -> None:
    """An engine that catches an error and raises it again while it handles another makes such a circle."""
    one, other = ValueError("no good"), RuntimeError("while handling it")
    one.__context__, other.__context__ = other, one
    assert failed_transform(one) == ""
    one.__cause__, other.__cause__ = other, one
    assert failed_transform(one) == ""
    assert error_chain(one)[-1] is other
