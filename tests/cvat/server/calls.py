"""A request that came, and which function answers it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import message_from_string
from typing import Any
from urllib.parse import urlencode

from tests.cvat.server.answers import Answer, Refused, bad, page_of_html
from tests.cvat.server.records import Organization
from tests.cvat.server.state import State


@dataclass
class Call:
    """A request.

    Attributes:
        state: The memory of the server.
        method, path, query, headers, body: As they came; names of headers are in lower case.
        whole: Whether all of the body arrived.
        base: The address of the server, as the client calls it.
        user: Who asks.
        organization: The organisation that the client chose.
        organization_chosen: Whether it chose any, or none of them on purpose.
    """

    state: State
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    whole: bool
    base: str
    user: str = ""
    organization: Organization | None = None
    organization_chosen: bool = False

    def url(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        """A whole address of this server."""
        return f"{self.base}{path}" + (f"?{urlencode(query)}" if query else "")

    def json(self) -> dict[str, Any]:
        """The body, which must be JSON and an object.

        Raises:
            Refused: It is another kind of content (415), or none (400).
        """
        kind = self.headers.get("content-type", "").partition(";")[0].strip()
        if self.body and kind != "application/json":
            raise Refused(Answer(415, {"detail": f'Unsupported media type "{kind}" in request.'}))
        try:
            content = json.loads(self.body or b"{}")
        except ValueError as error:
            raise bad({"detail": f"JSON parse error - {error}"}) from error
        if not isinstance(content, dict):
            raise bad({"non_field_errors": ["Invalid data. Expected a dictionary."]})
        return content

    def form(self) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
        """The fields of the body, which is JSON or multipart, and its files with their names.

        Fields and files ``name[0]``, ``name[1]`` ... are lists in the order of their numbers. As Django does, only the
        last part of a file's path is kept.
        """
        kind = self.headers.get("content-type", "")
        if not kind.startswith("multipart/form-data"):
            return self.json(), []
        fields: dict[str, Any] = {}
        lists: dict[str, dict[tuple[int, ...], str]] = {}
        files: dict[int, tuple[str, bytes]] = {}
        for name, filename, content in _parts(self.body, kind):
            bare, *numbers = name.replace("]", "").split("[")
            places = tuple(int(number) for number in numbers if number)
            if filename is not None:
                files[places[0] if places else len(files)] = (re.split(r"[/\\]", filename)[-1], content)
            elif places:
                lists.setdefault(bare, {})[places] = content.decode()
            else:
                fields[bare] = content.decode()
        fields.update({name: _nested(values) for name, values in lists.items()})
        return fields, [files[number] for number in sorted(files)]


def _parts(body: bytes, content_type: str) -> list[tuple[str, str | None, bytes]]:
    head = message_from_string(f"Content-Type: {content_type}\n\n")
    boundary = head.get_param("boundary")
    if not boundary:
        raise bad({"detail": "Multipart form parse error - Invalid boundary in multipart: None"})
    found: list[tuple[str, str | None, bytes]] = []
    for piece in (b"\r\n" + body).split(f"\r\n--{boundary}".encode())[1:]:
        if piece.startswith(b"--"):
            return found
        lines, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        header = message_from_string(lines.decode())
        name = header.get_param("name", header="content-disposition")
        found.append((str(name), header.get_filename(), content))
    raise bad({"detail": "Multipart form parse error - the body ends too early"})


def _nested(values: Mapping[tuple[int, ...], str]) -> list[Any]:
    if all(len(places) == 1 for places in values):
        return [values[places] for places in sorted(values)]
    rows = sorted({places[0] for places in values})
    return [[values[places] for places in sorted(values) if places[0] == row] for row in rows]


Handler = Callable[..., Answer]


@dataclass
class Route:
    """Which requests a function answers.

    Attributes:
        method: Of the requests.
        path: A pattern for all of their path. Its groups are given to the function, as numbers where they are some.
        handler: The function.
        public: Whether one need not be logged in.
        partial: Whether it is called for a body that did not arrive whole, too.
    """

    method: str
    path: re.Pattern[str]
    handler: Handler
    public: bool = False
    partial: bool = False


ROUTES: list[Route] = []
"""All of them."""


def route(method: str, path: str, public: bool = False, partial: bool = False) -> Callable[[Handler], Handler]:
    """Have a function answer requests; see :class:`Route`."""

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, re.compile(path), handler, public, partial))
        return handler

    return register


def find_route(method: str, path: str) -> tuple[Route, list[int | str]]:
    """The route of a request, and what its function is given.

    Raises:
        Refused: Nothing is at that path (404), or not for that method (405).
    """
    matches = [(one, found) for one in ROUTES if (found := one.path.fullmatch(path))]
    for one, found in matches:
        if one.method == method:
            return one, [int(text) if text.isdigit() else text for text in found.groups()]
    if matches:
        raise Refused(Answer(405, {"detail": f'Method "{method}" not allowed.'}))
    raise Refused(page_of_html(404, "Not Found"))
