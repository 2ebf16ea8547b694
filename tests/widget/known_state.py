"""What a page knows of the labeler's state from the messages that it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any


def known_state(messages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The whole state as it was sent last, and what has changed since."""
    known: dict[str, Any] = {}
    for message in messages:
        if message["type"] == "state":
            known = dict(message["state"])
        elif message["type"] == "changed":
            known |= message["state"]
    return known


def as_sent(content: dict[str, Any]) -> dict[str, Any]:
    """A message as it arrives at a page; what is no JSON fails here."""
    arrived: dict[str, Any] = json.loads(json.dumps(content))
    return arrived
