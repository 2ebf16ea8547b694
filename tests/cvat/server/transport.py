"""HTTP: from bytes of a connection to a call and back, with a log and with faults."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.cvat.server.answers import Answer, Refused, page_of_html
from tests.cvat.server.calls import Call, find_route
from tests.cvat.server.credentials import authenticate
from tests.cvat.server.faults import Fault

if TYPE_CHECKING:
    from tests.cvat.server.contract_server import ContractServer

_ACCEPTED = ("*/*", "application/*", "application/vnd.cvat+json", "text/html", "text/*")


@dataclass
class Logged:
    """A request that arrived.

    Attributes:
        method, path: Of the request; the path is without the query.
        query: What stands after the path.
        headers: All of them, with names in lower case.
        status: Of the answer; None where the connection was cut, or while there is none yet.
        size: How many bytes of the body arrived.
        json: The body, where it is JSON.
        fault: What went wrong on demand.
        user: Who asked; empty where it is unknown.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    status: int | None = None
    size: int = 0
    json: Any = None
    fault: Fault | None = field(default=None, repr=False)
    user: str = ""


class Listener(ThreadingHTTPServer):
    """Listens on a port, and knows its connections, so that it can close them."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, port: int, server: ContractServer) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.contract = server
        self.closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Stop listening, cut all connections, and wait for those who answer."""
        self.closing.set()
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left in the middle is no error; anything else is one."""
        if not isinstance(sys.exception(), OSError):
            self.contract.crashes.append(traceback.format_exc())


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "ContractServer"
    disable_nagle_algorithm = True
    server: Listener

    def log_message(self, format: str, *args: Any) -> None:
        """The log is ``ContractServer.requests``."""

    def _serve(self) -> None:
        contract = self.server.contract
        url = urlsplit(self.path)
        logged = Logged(self.command, url.path, url.query, {name.lower(): text for name, text in self.headers.items()})
        logged.fault = contract.faults.meet(self.command, url.path)
        contract.requests.append(logged)
        kind = logged.fault.kind if logged.fault else ""
        if kind == "cut_before":
            return self._cut()
        body, whole = self._read(logged.fault.keep if logged.fault and kind == "cut_body" else None)
        logged.size = len(body)
        if kind == "hang" and logged.fault:
            self.server.closing.wait(logged.fault.seconds)
        if kind == "forget_sessions":
            contract.forget_sessions()
        if kind == "status" and logged.fault:
            return self._send(logged, logged.fault.answer())
        answer = self._answer(logged, url.query, body, whole)
        if not whole or kind in ("cut_after", "cut_body"):
            return self._cut()
        return self._send(logged, answer, cut=kind == "cut_answer")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def _read(self, most: int | None) -> tuple[bytes, bool]:
        """The body and whether all of it arrived; at most some bytes of it, which then is not all."""
        pieces = self._chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self._lengths()
        body = bytearray()
        try:
            for piece in pieces:
                body += piece
                if most is not None and len(body) >= most:
                    return bytes(body[:most]), False
        except (OSError, ValueError):
            return bytes(body), False
        return bytes(body), most is None

    def _lengths(self) -> Iterator[bytes]:
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            piece = self.rfile.read1(min(left, 65536))
            if not piece:
                raise ValueError("the client left")
            left -= len(piece)
            yield piece

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _answer(self, logged: Logged, query: str, body: bytes, whole: bool) -> Answer:
        contract = self.server.contract
        base = f"http://{self.headers.get('Host', 'localhost')}"
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        call = Call(contract, logged.method, logged.path, pairs, logged.headers, body, whole, base)
        with contextlib.suppress(ValueError):
            logged.json = json.loads(body) if "json" in logged.headers.get("content-type", "") else None
        try:
            with contract.lock:
                return _carry_out(call)
        except Refused as refused:
            return refused.answer
        except Exception:
            contract.crashes.append(traceback.format_exc())
            return page_of_html(500, "Server Error (500)")
        finally:
            logged.user = call.user

    def _send(self, logged: Logged, answer: Answer, cut: bool = False) -> None:
        content = answer.content()
        headers = {"Date": self.date_time_string(), **answer.headers}
        if content or answer.status not in (204, 304):
            headers |= {"Content-Type": answer.content_type, "Content-Length": str(len(content))}
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {text}" for name, text in headers.items()]
        lines += [f"Set-Cookie: {cookie}" for cookie in answer.cookies]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        message = head + (b"" if self.command == "HEAD" else content)
        logged.status = None if cut else answer.status
        if cut:
            message = message[: len(head) + len(content) // 2] if content else head[: len(head) // 2]
        with contextlib.suppress(OSError):
            self.wfile.write(message)
        if cut:
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _carry_out(call: Call) -> Answer:
    route, given = find_route(call.method, call.path)
    _check_accepted(call.headers.get("accept", "*/*"))
    if not route.public:
        authenticate(call)
    return route.handler(call, *given) if call.whole or route.partial else Answer(400)


def _check_accepted(header: str) -> None:
    """CVAT gives its own kind of JSON only: who asks for ``application/json`` and nothing else gets none."""
    kinds = [kind.partition(";")[0].strip() for kind in header.split(",")]
    if not any(kind in _ACCEPTED for kind in kinds):
        raise Refused(Answer(406, {"detail": "Could not satisfy the request Accept header."}))
