"""Asking a server: only by HTTP, with a limit on what is read, and every failure in words."""

from __future__ import annotations

import http.client
import json
import re
import urllib.error
import urllib.request
from typing import Any, Protocol
from urllib.parse import quote, urlsplit, urlunsplit

from jlabel.errors import JlabelError

TIMEOUT_S = 30.0
_AGENT = "jlabel"


class Unreachable(JlabelError):
    """A server does not answer, or breaks off."""


class Refused(JlabelError):
    """A server answers that it has no such thing, or does not give it.

    Attributes:
        status: Its HTTP status.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Response(Protocol):
    """What :func:`ask` returns, to be closed."""

    status: int
    headers: Any

    def read(self, amount: int = -1) -> bytes: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


def ask(address: str, headers: dict[str, str] | None = None) -> Response:
    """Send a request.

    Args:
        address: An address that begins with http or https.
        headers: Further headers.

    Raises:
        Unreachable: No answer.
        Refused: An answer that is an error.
        JlabelError: The address is none, or leads to one without encryption.
    """
    agent = {"User-Agent": _AGENT}
    request = urllib.request.Request(_checked(address), headers={**agent, **(headers or {})})
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        raise Refused(f"{address}: the server says {error.code} {error.reason}", error.code) from error
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        why = getattr(error, "reason", None) or error
        raise Unreachable(f"{urlsplit(address).netloc} cannot be reached: {why}") from error
    if address.startswith("https:") and not response.url.startswith("https:"):
        response.close()
        raise JlabelError(f"{address} leads to {response.url}, which is not encrypted")
    answer: Response = response
    return answer


def read(address: str, most: int) -> bytes:
    """What lies at an address.

    Args:
        address: As for :func:`ask`.
        most: How many bytes it may have.

    Raises:
        JlabelError: As for :func:`ask`, or there is more than that.
    """
    response = ask(address)
    try:
        content = response.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{address}: the connection broke off: {error}") from error
    finally:
        response.close()
    if len(content) > most:
        raise JlabelError(f"{address} has more than {most:,} bytes")
    return content


def read_json(address: str, most: int) -> Any:
    """What lies at an address, as JSON.

    Raises:
        JlabelError: As for :func:`read`, or it is no JSON.
    """
    try:
        return json.loads(read(address, most))
    except (ValueError, RecursionError) as error:
        raise JlabelError(f"{address} holds no valid JSON: {error}") from error


def size(address: str) -> int | None:
    """How many bytes lie at an address; None where the server does not say.

    One byte is asked for: addresses that are signed for reading, as those behind the zoo are, refuse ``HEAD``.

    Raises:
        JlabelError: As for :func:`ask`.
    """
    response = ask(address, headers={"Range": "bytes=0-0"})
    response.close()
    part = re.fullmatch(r"bytes 0-0/(\d+)", response.headers.get("Content-Range", ""))
    said = response.headers.get("Content-Length", "")
    if response.status == 206:
        return int(part[1]) if part is not None else None
    return int(said) if said.isdigit() else None


def _checked(address: str) -> str:
    try:
        parts = urlsplit(address)
        ok = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        ok = False
    if not ok:
        raise JlabelError(f"{address!r} is no address that begins with https:// or http://")
    return urlunsplit(parts._replace(path=quote(parts.path, safe="/%:@!$&'()*+,;=~"), fragment=""))
