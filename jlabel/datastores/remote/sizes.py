"""Sizes as people write them."""

from __future__ import annotations

import re

from jlabel.errors import DatastoreError

_SIZE = re.compile(r"\s*(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[kmgt]?i?b?)\s*", re.IGNORECASE)
_UNITS = "kmgt"


def parse_size(size: int | str) -> int:
    """Bytes of a size such as ``"20 GB"`` or ``"512 MiB"``.

    >>> parse_size("20 GB"), parse_size("1.5 KiB")
    (20000000000, 1536)

    Raises:
        DatastoreError: It is none.
    """
    if isinstance(size, int) and not isinstance(size, bool) and size >= 0:
        return size
    found = _SIZE.fullmatch(size) if isinstance(size, str) else None
    if found is None:
        raise DatastoreError(f"{size!r} is no size: give bytes, or a text such as '20 GB'")
    unit = found["unit"].lower()
    power = _UNITS.find(unit[:1]) + 1 if unit[:1] in tuple(_UNITS) else 0
    return int(float(found["number"]) * (1024 if "i" in unit else 1000) ** power)
