"""A model zoo on this machine: an index, the files beside it and archives, served with the faults of a test."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

METADATA = {"version": "0.5.9", "task": "Decathlon spleen segmentation", "name": "Spleen"}


def bundle_archive(name: str = "spleen", version: str = "0.5.9", **more: bytes) -> bytes:
    """An archive as the zoo has them; its code would be noticed if it ran."""
    files = {
        "configs/metadata.json": json.dumps({**METADATA, "version": version}).encode(),
        "configs/inference.json": b'{"run": "$__import__(\'os\')._exit(77)"}',
        "scripts/__init__.py": b"import os\nos._exit(77)\n",
        "models/model.pt": bytes(range(256)) * 2000,
        "LICENSE": b"Apache License\nVersion 2.0\n",
        **more,
    }
    return archive({f"{name}/{path}": content for path, content in files.items()})


def archive(files: dict[str, bytes]) -> bytes:
    """A zip archive of those files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as packed:
        for path, content in files.items():
            packed.writestr(path, content)
    return written.getvalue()


class Zoo:
    """The served files, and what was asked for.

    Each of ``faults`` answers one request of an archive, in order; it is given the handler and the bytes asked for.
    """

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.files: dict[str, bytes] = {}
        self.index: dict[str, Any] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.faults: list[Callable[[BaseHTTPRequestHandler, bytes], None]] = []
        self.ranges = True
        self.root = f"http://127.0.0.1:{server.server_address[1]}"

    @property
    def address(self) -> str:
        return f"{self.root}/models/model_info.json"

    def add(self, name: str, version: str, content: bytes | None = None, checksum: str | None = None) -> str:
        """Offer an archive; its address."""
        content = bundle_archive(name, version) if content is None else content
        path = f"/files/{name}_v{version}.zip"
        self.files[path] = content
        checksum = hashlib.sha1(content).hexdigest() if checksum is None else checksum
        self.index[f"{name}_v{version}"] = {"checksum": checksum, "source": self.root + path}
        self.files["/models/model_info.json"] = json.dumps(self.index).encode()
        self.files[f"/models/{name}/configs/metadata.json"] = json.dumps({**METADATA, "version": version}).encode()
        self.files[f"/models/{name}/LICENSE"] = b"Apache License\n"
        return self.root + path

    def begun(self) -> list[int]:
        """From which byte on archives were asked for."""
        asked = [asked for path, asked in self.asked if path.startswith("/files/") and asked != "bytes=0-0"]
        return [_first(one) for one in asked]


def _first(asked: str | None) -> int:
    return int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0


class _Handler(BaseHTTPRequestHandler):
    zoo: Zoo

    def do_GET(self) -> None:
        asked = self.headers.get("Range") if self.zoo.ranges else None
        self.zoo.asked.append((self.path, self.headers.get("Range")))
        content = self.zoo.files.get(self.path)
        if content is None:
            return self.send_error(404)
        start = _first(asked)
        part = content[start : 1 if asked == "bytes=0-0" else None]
        if start and start >= len(content):
            return self.send_error(416)
        if self.path.startswith("/files/") and asked != "bytes=0-0" and self.zoo.faults:
            return self.zoo.faults.pop(0)(self, part)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{start + len(part) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)
        return None

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def zoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Zoo]:
    """A zoo that ``JLABEL_MODEL_ZOO`` names, without a bundle yet."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made = Zoo(server)
    server.RequestHandlerClass = type("Handler", (_Handler,), {"zoo": made})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("JLABEL_MODEL_ZOO", made.address)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def cut_after(count: int) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    """Promise all and break the connection off after so many bytes."""

    def fault(handler: BaseHTTPRequestHandler, content: bytes) -> None:
        start = _first(handler.headers.get("Range"))
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{start + len(content) - 1}/*")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:count])
        handler.close_connection = True

    return fault


def answer(status: int, content: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    """Answer with that, whatever was asked for."""

    def fault(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        handler.send_response(status)
        for name, value in {"Content_Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return fault
