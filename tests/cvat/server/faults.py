"""Faults on demand: of the network, of a proxy, of the server."""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.cvat.server.answers import Answer

Kind = Literal["status", "hang", "cut_before", "cut_body", "cut_after", "cut_answer", "forget_sessions"]


@dataclass
class Fault:
    """What goes wrong with some requests.

    Attributes:
        method: Of the requests, as a pattern for all of it.
        path: A pattern that is searched for in the path, without the query.
        kind: ``"status"``: an answer instead of the right one, nothing is carried out.
            ``"hang"``: nothing happens for some seconds, then the request is carried out and answered.
            ``"cut_before"``: the connection is cut, nothing is carried out.
            ``"cut_body"``: the connection is cut as a part of the body has arrived. Nothing is carried out, only a
            piece of a file may be kept (TUS).
            ``"cut_after"``: the request is carried out, then the connection is cut without an answer.
            ``"cut_answer"``: the request is carried out, the connection is cut in the middle of the answer.
            ``"forget_sessions"``: keys and cookies of logins are no longer good, this request is the first to notice.
        times: How many requests it meets; None: all, until it is removed.
        after: How many matching requests pass before.
        status, body, headers: Of the answer of ``"status"``; text that is no JSON is given as bytes.
        retry_after: Seconds for ``Retry-After``.
        seconds: How long ``"hang"`` lasts.
        keep: How many bytes of the body arrive before ``"cut_body"``.
    """

    method: str = ".*"
    path: str = ".*"
    kind: Kind = "status"
    times: int | None = 1
    after: int = 0
    status: int = 500
    body: Any = b"<h1>Server Error (500)</h1>"
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: float | None = None
    seconds: float = 60.0
    keep: int = 0

    def answer(self) -> Answer:
        """The answer of ``"status"``."""
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = f"{self.retry_after:g}"
        kind = "text/html" if isinstance(self.body, bytes) else "application/vnd.cvat+json"
        return Answer(self.status, self.body, headers, kind)


class Faults:
    """The faults that are waiting for requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._rate: tuple[int, float] | None = None
        self._recent: deque[float] = deque()

    def add(self, fault: Fault) -> Fault:
        """Have a fault meet requests from now on; returns it."""
        with self._lock:
            self._waiting.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Have a fault meet no more requests."""
        with self._lock:
            self._waiting = [one for one in self._waiting if one is not fault]

    def clear(self) -> None:
        """Have nothing go wrong any more."""
        with self._lock:
            self._waiting.clear()
            self._rate = None

    def limit_rate(self, requests: int, seconds: float = 1.0) -> None:
        """Answer 429 to more than some requests within some seconds."""
        with self._lock:
            self._rate = (requests, seconds)
            self._recent.clear()

    def meet(self, method: str, path: str) -> Fault | None:
        """The fault that meets a request that arrived; a fault whose times are over is removed."""
        with self._lock:
            throttled = self._throttled()
            if throttled is not None:
                return throttled
            for fault in self._waiting:
                if re.fullmatch(fault.method, method) and re.search(fault.path, path):
                    if fault.after > 0:
                        fault.after -= 1
                        continue
                    self._count(fault)
                    return fault
            return None

    def _count(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._waiting = [one for one in self._waiting if one is not fault]

    def _throttled(self) -> Fault | None:
        if self._rate is None:
            return None
        requests, seconds = self._rate
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - seconds:
            self._recent.popleft()
        if len(self._recent) < requests:
            self._recent.append(now)
            return None
        wait = max(1, round(self._recent[0] + seconds - now + 0.5))
        detail = f"Request was throttled. Expected available in {wait} second{'s' if wait > 1 else ''}."
        return Fault(status=429, body={"detail": detail}, retry_after=wait)
