"""Answers of the server, those that refuse, and lists page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.cvat.server.calls import Call

JSON = "application/vnd.cvat+json"
"""How CVAT calls its JSON."""
HTML = "text/html; charset=utf-8"


@dataclass
class Answer:
    """An answer: bytes are sent as they are, anything else but None as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON
    cookies: list[str] = field(default_factory=list)

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Refused(Exception):
    """The request is refused with an answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status}: {answer.body}")
        self.answer = answer


def bad(body: Any) -> Refused:
    """400: the request is wrong; CVAT says why by field, as a list or as a text."""
    return Refused(Answer(400, body, content_type=HTML if isinstance(body, bytes) else JSON))


def wrong_field(name: str, why: str = "This field is required.") -> Refused:
    """400: one field is wrong."""
    return bad({name: [why]})


def unauthorized(why: str = "Authentication credentials were not provided.") -> Refused:
    """401: it is unknown who asks."""
    return Refused(Answer(401, {"detail": why}, {"WWW-Authenticate": "Token"}))


def forbidden(why: str = "You do not have permission to perform this action.") -> Refused:
    """403: who asks may not."""
    return Refused(Answer(403, {"detail": why}))


def not_found(why: str = "Not found.") -> Refused:
    """404: there is no such thing."""
    return Refused(Answer(404, {"detail": why}))


def page_of_html(status: int, title: str) -> Answer:
    """What Django says where no view answers."""
    return Answer(status, f"<!doctype html><title>{title}</title><h1>{title}</h1>".encode(), content_type=HTML)


def date(moment: datetime | None) -> str | None:
    """A time as CVAT writes it."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Listed:
    """A kind of lists.

    Attributes:
        represent: The answer for one thing.
        filters: Values that ``?field=`` chooses by, of one thing.
        searched: Which of them ``?search=`` looks into.
    """

    represent: Callable[[Any], dict[str, Any]]
    filters: Callable[[Any], dict[str, Any]]
    searched: Sequence[str] = ()


def page_of(call: Call, things: Sequence[Any], listed: Listed) -> Answer:
    """A page of a list, newest first unless ``?sort=`` says otherwise.

    Without ``page_size``, or with one that is no number, a page has 10. Links to other pages are whole addresses.
    """
    found = [(thing, {"id": thing.id, **listed.filters(thing)}) for thing in things]
    found = [(thing, values) for thing, values in found if _chosen(call.query, values, listed.searched)]
    key, back = _order(call.query.get("sort", "-id"))
    found.sort(key=lambda pair: pair[1].get(key) or 0, reverse=back)
    size, number = _size_and_number(call, len(found))
    pages = max(1, -(-len(found) // size))
    shown = found[(number - 1) * size : number * size]
    return Answer(
        body={
            "count": len(found),
            "next": call.url(call.path, {**call.query, "page": number + 1}) if number < pages else None,
            "previous": call.url(call.path, {**call.query, "page": number - 1}) if number > 1 else None,
            "results": [listed.represent(thing) for thing, _ in shown],
        }
    )


def _order(sort: str) -> tuple[str, bool]:
    return sort.lstrip("-"), sort.startswith("-")


def _size_and_number(call: Call, count: int) -> tuple[int, int]:
    asked = call.query.get("page_size", "")
    size = call.state.max_page_size if asked == "all" else int(asked) if asked.isdigit() else 0
    size = min(size or 10, call.state.max_page_size)
    page = call.query.get("page", "1")
    pages = max(1, -(-count // size))
    number = pages if page == "last" else int(page) if page.isdigit() else 0
    if not 1 <= number <= pages:
        raise not_found("Invalid page.")
    return size, number


def _chosen(query: Mapping[str, str], values: Mapping[str, Any], searched: Sequence[str]) -> bool:
    for field_, asked in query.items():
        if field_ in values and field_ not in ("page", "sort") and not _same(values[field_], asked):
            return False
    words = query.get("search", "").lower().split()
    texts = [str(values.get(name) or "").lower() for name in searched]
    if not all(any(word in text for text in texts) for word in words):
        return False
    return "filter" not in query or _holds(json.loads(query["filter"]), values)


def _same(value: Any, asked: str) -> bool:
    if isinstance(value, bool):
        return asked.lower() in (("true", "1") if value else ("false", "0"))
    return value is not None and str(value) == asked


def _holds(rule: dict[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether a thing meets a rule of ``?filter=``, which is in JSON Logic."""
    (operator, operands), *_ = rule.items()
    if operator in ("and", "or"):
        return (all if operator == "and" else any)(_holds(one, values) for one in operands)
    if operator == "!":
        return not _holds(operands, values)
    left, right = operands
    if operator == "in" and isinstance(right, dict):
        return str(left).lower() in str(values.get(right["var"])).lower()
    value = values.get(left["var"])
    if operator not in ("==", "in"):
        raise bad([f"the contract server knows no {operator!r} in a filter"])
    return bool(value in right if operator == "in" else value == right)
