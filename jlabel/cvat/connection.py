"""Asking a CVAT server: every answer is checked, what may be asked again is, and errors say what CVAT said.

What only reads, or puts something in its place, is asked again after a cut connection, a server error, or when the
server wants a pause. What makes something new is not, since nobody knows then whether it was made: see
:meth:`Connection.make_once`.
"""

from __future__ import annotations

import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jlabel.cvat.account import Account
from jlabel.cvat.answers import error_text, json_of
from jlabel.cvat.versions import OLDEST, Version, parse_version
from jlabel.errors import CvatError
from jlabel.progress import NO_PROGRESS, Progress

if TYPE_CHECKING:
    import httpx

Made = TypeVar("Made")

#: How many entries of a list are asked for at once.
PAGE = 100
_TIMEOUT, _CONNECT_TIMEOUT = 60.0, 15.0
_PATIENCE = 120.0  # seconds for which something is asked again and again
_FIRST_PATIENCE = 3.0  # the same of a server that has never answered: its address may be wrong
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 20.0
_LONGEST_WISH = 60.0  # seconds of a Retry-After that are waited for
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_MOST_PAGES = 100_000
_SLICE = 0.2  # seconds between two looks whether somebody still waits


def _nothing() -> None:
    return None


class Unsure(CvatError):
    """Whether the server has done what was asked is not known, or it wants to be asked again.

    Args:
        reason: As for every error.
        status: As for every error.
        pause: Seconds after which it wants to be asked again; None where it did not say.
    """

    def __init__(self, reason: str, status: int | None = None, pause: float | None = None) -> None:
        super().__init__(reason, status)
        self.pause = pause


class Connection:
    """A way to a CVAT server; several threads may use it.

    Args:
        account: Address and login.
        verify: Whether the certificate is checked, or the file of the authorities that it is checked by.
        patience: For how many seconds something is asked again.
    """

    def __init__(self, account: Account, verify: bool | str | Path = True, patience: float = _PATIENCE) -> None:
        self.account = account
        self._patience = patience
        # It takes a fifth of a second to import, and most notebooks ask no server.
        import httpx

        # The session of a cookie would make the server ask for a token against forged requests.
        jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        # An empty one means the user's own workspace; without one a server shows everything that the user can see.
        headers = {"Accept": "application/vnd.cvat+json", "X-Organization": account.organization}
        context = _trusted(verify) if account.url.startswith("https") else False
        self._http = httpx.Client(
            base_url=f"{account.url}/api/",
            headers=headers,
            cookies=jar,
            timeout=httpx.Timeout(_TIMEOUT, connect=_CONNECT_TIMEOUT),
            verify=context,
        )
        self._lock = threading.Lock()
        self._reached = False
        #: Called while something is waited for; what it raises ends the wait.
        self.check: Callable[[], object] = _nothing
        self._login = f"Bearer {account.token}" if account.token else ""
        self._version: Version | None = None

    def __repr__(self) -> str:
        return f"Connection({self.account!r})"

    def close(self) -> None:
        """End the connection."""
        self._http.close()

    @property
    def version(self) -> Version:
        """The server's version.

        Raises:
            CvatError: It is no CVAT server, or one that is too old.
        """
        if self._version is None:
            about = self._json(self._repeated("GET", "server/about", {}, login=False))
            found = parse_version(about.get("version") if isinstance(about, dict) else None)
            if found is None:
                raise CvatError(f"{self.account.url} does not answer as a CVAT server does: it tells no version")
            if found < OLDEST:
                raise CvatError(f"{self.account.url} is CVAT {found}; jlabel works with {OLDEST} and newer")
            self._version = found
        return self._version

    def forget_version(self) -> None:
        """Ask for the version again at the next use: the server may have been upgraded."""
        self._version = None

    def get(self, path: str, **params: Any) -> Any:
        """What is at a path below ``/api/``, from JSON.

        Raises:
            CvatError: The server cannot be reached or refuses.
        """
        return self._json(self._repeated("GET", path, {"params": params}))

    def put(self, path: str, content: Any) -> Any:
        """Put something in a place; an answer that got lost is asked for again.

        Raises:
            CvatError: As for :meth:`get`.
        """
        return self._json(self._repeated("PUT", path, {"json": content}))

    def patch(self, path: str, content: Any) -> Any:
        """Change fields; it must not matter whether they are changed once or twice.

        Raises:
            CvatError: As for :meth:`get`.
        """
        return self._json(self._repeated("PATCH", path, {"json": content}))

    def delete(self, path: str) -> None:
        """Remove something; it is no error where it is gone.

        Raises:
            CvatError: As for :meth:`get`.
        """
        try:
            self._repeated("DELETE", path, {})
        except CvatError as error:
            if error.status != 404:
                raise

    def post(self, path: str, content: Any = None, **options: Any) -> Any:
        """Make something new, or begin something.

        Args:
            path: Below ``/api/``.
            content: JSON, if there is any.
            **options: Of the request, as httpx has them: ``headers``, ``files``, ``data``, ``params``.

        Raises:
            Unsure: Nobody knows whether it was done.
            CvatError: As for :meth:`get`.
        """
        given = options if content is None else {"json": content, **options}
        return self._json(self.send("POST", path, given))

    def make_once(
        self, find: Callable[[], Made | None], make: Callable[[], Made], progress: Progress = NO_PROGRESS
    ) -> Made:
        """Make something unless it is there; where it is not known whether it was made, look first and try again.

        Args:
            find: What is there already, None where it is not.
            make: Makes it.
            progress: Told nothing; asked whether somebody still waits.

        Raises:
            CvatError: It could not be made.
        """
        pauses = self._pauses()
        while True:
            progress.check()
            found = find()
            if found is not None:
                return found
            try:
                return make()
            except Unsure as error:
                pauses.wait(error)

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All entries of a list, to its end.

        Raises:
            CvatError: As for :meth:`get`, or the answer is no list.
        """
        for number in range(1, _MOST_PAGES):
            found = self.get(path, page=number, page_size=PAGE, **params)
            entries = found.get("results") if isinstance(found, dict) else None
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise CvatError(f"{self.account.url}: the answer to {path} is no list: {str(found)[:200]}")
            yield from entries
            if not found.get("next") or not entries:
                return

    def send(self, method: str, path: str, options: Mapping[str, Any], login: bool = True) -> httpx.Response:
        """Ask once, and say so where nobody knows whether the server has done it.

        Raises:
            Unsure: It may have been done, or it was not and may be tried again.
            CvatError: The server refuses.
        """
        import httpx

        try:
            answer = self._asked(method, path, options, login)
        except httpx.TransportError as error:
            reason = f"{self.account.url} cannot be reached: {error or type(error).__name__}"
            raise Unsure(reason if self._reached else f"{reason}. Is the address right, and the server up?") from error
        self._reached = True
        if answer.status_code in _AGAIN:
            raise self._unsure(method, path, answer)
        if not answer.is_success:
            raise CvatError(self._refused(method, path, answer), answer.status_code)
        return answer

    def _repeated(self, method: str, path: str, options: Mapping[str, Any], login: bool = True) -> httpx.Response:
        pauses = self._pauses()
        while True:
            try:
                return self.send(method, path, options, login)
            except Unsure as error:
                pauses.wait(error)

    def _pauses(self) -> _Pauses:
        patience = self._patience if self._reached else min(self._patience, _FIRST_PATIENCE)
        return _Pauses(patience, lambda: self.check())

    def _asked(self, method: str, path: str, options: Mapping[str, Any], login: bool) -> httpx.Response:
        given = dict(options)
        headers = given.pop("headers", {})
        key = self._key() if login else ""
        answer = self._request(method, path, given, headers, key)
        if answer.status_code == 401 and login and not self.account.token:
            # The session has ended: a new login, once.
            self._drop(key)
            answer = self._request(method, path, given, headers, self._key())
        return answer

    def _request(
        self, method: str, path: str, options: Mapping[str, Any], headers: Mapping[str, str], key: str
    ) -> httpx.Response:
        sent = {**headers, "Authorization": key} if key else dict(headers)
        return self._http.request(method, path, headers=sent, **options)

    def _key(self) -> str:
        with self._lock:
            if not self._login:
                who = {"username": self.account.username, "password": self.account.password}
                answer = self._http.request("POST", "auth/login", json=who)
                if answer.status_code in (400, 401, 403):
                    raise CvatError(f"{self.account.url}: CVAT does not let {self.account.who} in", answer.status_code)
                if not answer.is_success:
                    raise self._unsure("POST", "auth/login", answer)
                found = self._json(answer)
                key = found.get("key") if isinstance(found, dict) else None
                if not isinstance(key, str):
                    raise CvatError(f"{self.account.url}: the login was answered without a key")
                self._login = f"Token {key}"
            return self._login

    def _drop(self, key: str) -> None:
        with self._lock:
            if self._login == key:
                self._login = ""

    def _json(self, answer: httpx.Response) -> Any:
        return json_of(answer, self.account.url)

    def _unsure(self, method: str, path: str, answer: httpx.Response) -> Unsure:
        wish = answer.headers.get("retry-after", "")
        pause = min(_LONGEST_WISH, float(wish)) if wish.isdigit() else None
        return Unsure(self._refused(method, path, answer), answer.status_code, pause)

    def _refused(self, method: str, path: str, answer: httpx.Response) -> str:
        if answer.status_code == 401:
            return f"{self.account.url}: CVAT does not let {self.account.who} in: {error_text(answer)}"
        if answer.is_redirect:
            return (
                f"{self.account.url}: the server sends on to {answer.headers.get('location', '?')!r}: use that address"
            )
        return f"{self.account.url}: CVAT refused {method} {path} ({answer.status_code}): {error_text(answer)}"


class _Pauses:
    """Pauses that become longer, until patience ends, or somebody who is asked now and then does not want to wait."""

    def __init__(self, patience: float, check: Callable[[], object]) -> None:
        self._check = check
        self._until = time.monotonic() + patience
        self._pause = _FIRST_PAUSE

    def wait(self, error: Unsure) -> None:
        pause = self._pause * random.uniform(0.5, 1.0) if error.pause is None else error.pause
        if time.monotonic() + pause > self._until:
            raise error
        end = time.monotonic() + pause
        while (left := end - time.monotonic()) > 0:
            self._check()
            time.sleep(min(left, _SLICE))
        self._check()
        self._pause = min(_LONGEST_PAUSE, 2 * self._pause)


def _trusted(verify: bool | str | Path) -> ssl.SSLContext | bool:
    if isinstance(verify, bool):
        return ssl.create_default_context() if verify else False
    try:
        return ssl.create_default_context(cafile=str(verify))
    except (OSError, ssl.SSLError) as error:
        raise CvatError(f"{verify}: this file holds no certificates: {error}") from error
