"""One object of a store: what a listing says of it, and the time that stands for its content on this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_TAGS = ("ETag", "etag", "md5Hash", "content_md5", "generation")
_TIMES = ("LastModified", "last_modified", "mtime", "modified", "updated", "created")
SECOND_NS = 1_000_000_000


@dataclass(frozen=True)
class RemoteObject:
    """One object.

    Attributes:
        path: Below the studies, with ``/``.
        size: Bytes.
        tag: Another one whenever the content is another: the store's ETag, else its time.
        time: When it was changed, in seconds; 0 where the store does not say.
    """

    path: str
    size: int
    tag: str
    time: int = 0

    @property
    def has_etag(self) -> bool:
        """Whether its tag is one by which a store of HTTP can be asked for this content and no other."""
        return self.tag.startswith('"')

    @property
    def mtime_ns(self) -> int:
        """Its content stamp: the time that files made from it have. The seconds are the object's own; the fraction is a
        digest of tag and size, so that another content is another time, however soon it came."""
        return max(0, self.time) * SECOND_NS + self.digest_ns

    @property
    def digest_ns(self) -> int:
        """The fraction alone, which is known without the time."""
        digest = hashlib.sha256(f"{self.tag}\0{self.size}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % SECOND_NS

    @classmethod
    def of(cls, path: str, facts: Mapping[str, Any]) -> RemoteObject:
        """From what a file system of fsspec tells of it."""
        tag = next((str(facts[name]) for name in _TAGS if facts.get(name)), "")
        when = next((facts[name] for name in _TIMES if facts.get(name)), None)
        return cls(path, int(facts.get("size") or 0), tag or str(when or ""), _seconds(when))


def _seconds(when: Any) -> int:
    if isinstance(when, datetime):
        return int(when.timestamp())
    return int(when) if isinstance(when, int | float) else 0
