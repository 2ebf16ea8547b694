from __future__ import annotations

import threading

import numpy as np
import pytest
import torch

from jlabel.manager.cache import ByteCache, size_of


def kilobytes(n: int) -> np.ndarray:
    return np.zeros(n * 1000, np.uint8)


def test_what_was_built_is_kept():
    cache, built = ByteCache(10_000), []
    for _ in range(3):
        cache.get("a", lambda: built.append(1) or kilobytes(1))
    assert len(built) == 1
    assert cache.bytes == 1000


def test_what_was_used_longest_ago_goes_first():
    cache = ByteCache(3_000)
    for key in "abc":
        cache.get(key, lambda: kilobytes(1))
    cache.get("a", lambda: pytest.fail("a was forgotten"))
    cache.get("d", lambda: kilobytes(1))
    cache.get("a", lambda: pytest.fail("a was forgotten"))
    built = []
    cache.get("b", lambda: built.append(1) or kilobytes(1))
    assert built
    assert cache.bytes <= 3_000


def test_the_newest_stays_even_where_it_is_larger_than_the_cache():
    cache = ByteCache(1_000)
    cache.get("small", lambda: kilobytes(1))
    cache.get("large", lambda: kilobytes(5))
    cache.get("large", lambda: pytest.fail("the open image was forgotten"))
    assert cache.bytes == 5_000


def test_two_threads_build_once():
    cache, built, gate = ByteCache(10_000), [], threading.Event()

    def build():
        built.append(1)
        gate.wait(5)
        return kilobytes(1)

    threads = [threading.Thread(target=cache.get, args=("a", build)) for _ in range(4)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert len(built) == 1


def test_a_failure_is_not_kept():
    cache = ByteCache(1_000)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0)
    assert cache.get("a", lambda: 7) == 7


def test_sizes():
    array = kilobytes(2)
    assert size_of({"x": array, "y": [array, torch.zeros(10)]}) == 2040
    assert size_of("text") == 0
