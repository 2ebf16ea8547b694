"""How much memory the cache may take."""

from __future__ import annotations

from jlabel.resources import available_memory

_FALLBACK = 8 * 1024**3


def default_cache_bytes() -> int:
    """A quarter of the memory of the machine or its container; 2 GiB where the system does not tell."""
    return (available_memory() or _FALLBACK) // 4
