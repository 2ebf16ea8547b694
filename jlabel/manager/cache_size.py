"""How much memory the cache may take."""

from __future__ import annotations

import os

_FALLBACK = 2 * 1024**3


def default_cache_bytes() -> int:
    """A quarter of the machine's memory; 2 GiB where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
    except (AttributeError, ValueError, OSError):
        return _FALLBACK
