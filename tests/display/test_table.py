"""Tables of rows: pandas where it is installed, else lists that a notebook shows as tables."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from jlabel.display import table
from jlabel.display.table import Listing, Table, as_table

ROWS: list[dict[str, Any]] = [{"image": "a", "voxels": 3}, {"image": "<b>", "voxels": None}]


def test_rows_are_a_data_frame_where_pandas_is_installed() -> None:
    pandas = pytest.importorskip("pandas")
    found = as_table(iter(ROWS), ("image", "voxels"), "labels")
    assert isinstance(found, pandas.DataFrame)
    assert list(found.columns) == ["image", "voxels"]
    assert list(found["image"]) == ["a", "<b>"]


def test_an_empty_data_frame_has_its_columns() -> None:
    pytest.importorskip("pandas")
    assert list(as_table([], ("image", "voxels"), "labels").columns) == ["image", "voxels"]


def test_without_pandas_they_are_a_list_of_dicts_that_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(table, "find_spec", lambda name: None if name == "pandas" else find(name))
    found = as_table(iter(ROWS), ("image", "voxels"), "labels")
    assert isinstance(found, Table)
    assert found == ROWS
    assert "pip install pandas" in repr(found)
    assert "\n" not in repr(found)
    assert "&lt;b&gt;" in found._repr_html_()
    assert "<b>" not in found._repr_html_()


def test_a_listing_is_a_list_and_a_table() -> None:
    listing = Listing([1, 2], "Numbers", lambda n: {"number": n, "square": n * n})
    assert listing == [1, 2]
    assert repr(listing) == "[1, 2]"
    assert "square" in listing._repr_html_()
    assert ">4<" in listing._repr_html_()


def test_an_empty_listing_shows_its_columns() -> None:
    assert "version" in Listing([], "Versions", lambda n: {}, ("version",))._repr_html_()
