"""The version of a CVAT server, and what servers can do from which version on."""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class Version(NamedTuple):
    """A version such as 2.48.0."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return ".".join(map(str, self))


#: Older servers are refused.
OLDEST = Version(2, 15)


def parse_version(text: object) -> Version | None:
    """The version that a text begins with; None where it does not."""
    found = _VERSION.match(text) if isinstance(text, str) else None
    return None if found is None else Version(*(int(part or 0) for part in found.groups()))
