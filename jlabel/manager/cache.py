"""A cache bounded in bytes, for opened images and what tasks prepared from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


class ByteCache:
    """Keeps what was used last, up to a number of bytes; the newest entry stays even where it alone is larger.

    Several threads may ask for one key: it is built once, and the others wait for it.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._building: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._bytes = 0

    @property
    def bytes(self) -> int:
        """Bytes kept now."""
        return self._bytes

    def get(self, key: Hashable, build: Callable[[], T]) -> T:
        """What is kept under ``key``, built where it is not there; an exception of ``build`` is kept by nobody."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]  # type: ignore[no-any-return]
            gate = self._building.setdefault(key, threading.Lock())
        with gate:
            with self._lock:
                if key in self._entries:
                    return self._entries[key][0]  # type: ignore[no-any-return]
            try:
                value = build()
                self._put(key, value)
            finally:
                with self._lock:
                    self._building.pop(key, None)
        return value

    def drop(self, chosen: Callable[[Any], bool]) -> None:
        """Forget every entry whose key is chosen."""
        with self._lock:
            for key in [key for key in self._entries if chosen(key)]:
                self._bytes -= self._entries.pop(key)[1]

    def _put(self, key: Hashable, value: Any) -> None:
        size = size_of(value)
        with self._lock:
            self._entries[key] = (value, size)
            self._bytes += size
            while self._bytes > self.max_bytes and len(self._entries) > 1:
                _, (_, freed) = self._entries.popitem(last=False)
                self._bytes -= freed


def size_of(value: Any, seen: set[int] | None = None) -> int:
    """Bytes of the arrays and tensors in a value, each once."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if hasattr(value, "nelement") and hasattr(value, "element_size"):  # a tensor, without importing torch
        return int(value.nelement() * value.element_size())
    if isinstance(value, Mapping):
        return sum(size_of(item, seen) for item in value.values())
    if isinstance(value, list | tuple | set):
        return sum(size_of(item, seen) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return sum(size_of(getattr(value, field.name), seen) for field in fields(value))
    return 0
