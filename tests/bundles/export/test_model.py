"""The values that structures have in the files of masks and labels."""

from __future__ import annotations

import pytest

from jlabel.bundles.export.model import file_values

COMPOSED, DECOMPOSED = "\u00fc", "u\u0308"


@pytest.mark.parametrize(
    ("classes", "app", "values"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 2, "b": 1}),
        ({"a": 1, "b": 2}, {}, {"a": 1, "b": 2}),
        # What the app does not have gets a value that is free.
        ({"a": 1, "b": 2}, {"b": 1}, {"a": 2, "b": 1}),
        ({"a": 1, "b": 2, "c": 3}, {"b": 3, "x": 1}, {"a": 4, "b": 3, "c": 5}),
        ({COMPOSED: 1}, {DECOMPOSED: 9}, {COMPOSED: 9}),
    ],
)
def test_the_apps_values_or_free_ones(classes, app, values) -> None:
    assert file_values(classes, app) == values
