"""What goes wrong with a DICOMweb server, in words: refusals, cut connections, and answers that are none."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from typing import Any

from jlabel.datastores.remote.store import StoreDenied, StoreUnreachable
from jlabel.dicomweb.credentials import WHERE
from jlabel.errors import DatastoreError
from jlabel.files.json_values import parse_json

_LATER = (408, 429, 502, 503, 504)
_LONGEST = 200
# FailureReason of a stored instance (PS3.18, table I.2-2).
_REASONS = {
    0xA700: "the server is out of room",
    0xA900: "the object does not match its kind",
    0xC000: "the server cannot understand the object",
    0xC122: "the server does not take its transfer syntax",
    0x0110: "the server failed to process it",
    0x0111: "the server has another object of that UID",
    0x0122: "the server does not take objects of this kind (DICOM SEG)",
    0x0124: "these credentials may not store",
}


class ServerRefused(DatastoreError):
    """The server has an answer, and it is no."""


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn whatever a request fails with into a :class:`DatastoreError` that begins with ``what``.

    Raises:
        FileNotFoundError: The server has no such study, series or instance.
    """
    import requests
    from retrying import RetryError

    try:
        yield
    except requests.HTTPError as error:
        raise _refusal(what, error.response) from None
    except RetryError as error:
        raise _refusal(what, error.last_attempt.value) from None
    except requests.exceptions.SSLError as error:
        raise StoreDenied(
            f"{what}: its certificate is not trusted ({_innermost(error)}). verify= is the file of the authority that "
            "signed it"
        ) from None
    except requests.JSONDecodeError:
        raise ServerRefused(f"{what}: the answer is no DICOMweb. See to the address") from None
    except requests.RequestException as error:
        raise StoreUnreachable(
            f"{what}: {_innermost(error)}. See whether the server can be reached from this machine, and try again"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, EOFError) as error:
        raise ServerRefused(f"{what}: its answer cannot be understood ({_short(str(error))})") from None
    except OSError as error:
        if isinstance(error, FileNotFoundError) or error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise StoreUnreachable(f"{what}: {error.strerror or error}") from None


def failure_words(code: Any) -> str:
    """Why an instance was not stored.

    >>> failure_words(0xA700)
    'the server is out of room (A700)'
    """
    number = code if isinstance(code, int) else 0
    words = _REASONS.get(number) or _REASONS.get(number & 0xFF00) or _REASONS.get(number & 0xF000)
    return f"{words or 'the server does not say why'} ({number:04X})"


def _refusal(what: str, response: Any) -> Exception:
    status = int(getattr(response, "status_code", 0) or 0)
    if status in (404, 410):
        return FileNotFoundError(what)
    said = _said(response)
    if status in (401, 403):
        why = "nobody is let in without credentials, or not with these" if status == 401 else "access is denied"
        return StoreDenied(f"{what}: {why} ({status}). {WHERE}")
    if status in _LATER:
        return StoreUnreachable(
            f"{what}: the server is busy or has no answer from behind it ({status}{said}). Try later"
        )
    return ServerRefused(f"{what}: the server refuses it ({status}{said})")


def _said(response: Any) -> str:
    """What the server says to it, if that is text."""
    kind = str(response.headers.get("Content-Type", "")).partition(";")[0]
    if "json" not in kind:
        return f": {_short(response.text)}" if kind == "text/plain" and response.text.strip() else ""
    try:
        found = parse_json(response.content)
    except ValueError:
        return ""
    failed = found.get("00081198") if isinstance(found, dict) else None
    for one in (failed or {}).get("Value") or () if isinstance(failed, dict) else ():
        code = next(iter((one.get("00081197") or {}).get("Value") or ()), None)
        return f": {failure_words(code)}"
    words = [
        str(found[name])
        for name in ("Details", "Message", "message", "error")
        if isinstance(found, dict) and found.get(name)
    ]
    return f": {_short(words[0])}" if words else ""


def _innermost(error: BaseException) -> str:
    """What the operating system says, or what kind of failure it is; the library's text would hold the query."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in seen:
            seen.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    told = [one.strerror for one in seen if isinstance(one, OSError) and one.strerror]
    if told:
        return told[-1]
    name = type(error).__name__
    known = {"ConnectTimeout": "no answer", "ReadTimeout": "no answer in time", "ChunkedEncodingError": "cut off"}
    return known.get(name, "the connection failed")


def _short(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in " ".join(text.split()))[:_LONGEST].rstrip(". ")
