"""What a CVAT server says, read with care: anybody's server may say anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jlabel.errors import CvatError

if TYPE_CHECKING:
    import httpx

_MOST_TEXT = 500


def json_of(answer: httpx.Response, url: str) -> Any:
    """The JSON of an answer; None where it is empty.

    Args:
        answer: Of the server.
        url: Whose it is, for people.

    Raises:
        CvatError: It is no JSON.
    """
    if not answer.content:
        return None
    try:
        return json.loads(answer.content)
    except ValueError as error:
        kind = answer.headers.get("content-type", "no type").partition(";")[0]
        raise CvatError(f"{url} does not answer as a CVAT server does: with {kind} instead of JSON") from error


def error_text(answer: httpx.Response) -> str:
    """What an answer says is wrong, in one line."""
    try:
        said = json.loads(answer.content)
    except ValueError:
        kind = answer.headers.get("content-type", "")
        text = "" if "html" in kind else answer.text
        return " ".join(text.split())[:_MOST_TEXT] or answer.reason_phrase or "no reason is given"
    return "; ".join(_sentences(said))[:_MOST_TEXT] or answer.reason_phrase


def number(entry: Any, key: str, url: str) -> int:
    """A whole number from 0 on that an answer must have.

    Raises:
        CvatError: It has none.
    """
    found = entry.get(key) if isinstance(entry, dict) else None
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise CvatError(f"{url} does not answer as a CVAT server does: {key!r} is {found!r}, and no number")
    return found


def text(entry: Any, key: str) -> str:
    """A text of an answer; "" where it has none."""
    found = entry.get(key) if isinstance(entry, dict) else None
    return found if isinstance(found, str) else ""


def _sentences(said: Any, about: str = "") -> list[str]:
    if isinstance(said, dict):
        return [one for key, value in said.items() for one in _sentences(value, "" if key == "detail" else str(key))]
    if isinstance(said, list):
        return [one for value in said for one in _sentences(value, about)]
    return [f"{about}: {said}" if about else str(said)] if said not in (None, "") else []
