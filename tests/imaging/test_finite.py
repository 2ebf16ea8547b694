"""Voxels that are no numbers, in whatever computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jlabel.imaging import finite
from jlabel.imaging.finite import all_finite, filled, finite_values


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_is_no_number_counts_as_the_lowest(dtype: type, order: str) -> None:
    array = np.array([[np.nan, 3], [np.inf, -np.inf], [5, 4]], dtype, order=order)
    assert not all_finite(array)
    assert filled(array).tolist() == [[3, 3], [5, 3], [5, 4]]
    assert filled(array, "median").tolist() == [[4, 3], [5, 3], [5, 4]]
    assert filled(array).dtype == dtype
    assert sorted(finite_values(array).tolist()) == [3, 4, 5]
    assert np.isnan(array[0, 0])


@pytest.mark.parametrize("array", [np.arange(6).reshape(2, 3), np.ones((2, 2), bool), np.ones((2, 2), np.float32)])
def test_an_array_of_numbers_is_itself(array: np.ndarray) -> None:
    assert all_finite(array)
    assert filled(array) is array


def test_where_nothing_is_finite_all_is_0() -> None:
    assert filled(np.full((2, 3), np.nan, np.float32)).tolist() == [[0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_padding_is_no_measurement(dtype: type) -> None:
    array = np.array([[-2000, 3], [-2010, 7]], dtype)
    assert finite_values(array, (-2010, -2000)).tolist() == [3, 7]
    assert filled(array, padding=(-2010, -2000)).tolist() == [[3, 3], [3, 7]]
    assert filled(array, padding=(5, 6)) is array
    assert filled(array, "median", (-2010, -2000)).dtype == dtype


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (5,), (3, 0, 2), (7, 6), (5, 4, 3)])
def test_every_slab_is_looked_at(monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...], order: Any) -> None:
    monkeypatch.setattr(finite, "_SLAB", 4)
    array = np.ones(shape, np.float32, order=order)
    assert all_finite(array)
    for place in np.ndindex(shape):
        array[place] = np.nan
        assert not all_finite(array)
        array[place] = 1


def test_a_long_row_is_looked_at_in_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    isfinite = np.isfinite
    monkeypatch.setattr(finite.np, "isfinite", lambda values: steps.append(1) or isfinite(values))
    assert all_finite(np.zeros(1_000_000, np.float32))
    assert len(steps) == 1
