"""A small DICOMweb server for tests: what it keeps is in memory, and it fails in the ways that it is told to."""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.datadict import keyword_for_tag, tag_for_keyword

_SERIES = (
    "StudyDate",
    "Modality",
    "StudyDescription",
    "SeriesDescription",
    "PatientName",
    "PatientID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SeriesNumber",
)
_BOUNDARY = "a-boundary"
_LONG = 1024


class SmallServer:
    """A server, whose address is ``url``.

    Attributes:
        instances: What it keeps, by SOPInstanceUID.
        credentials: What ``Authorization`` has to be; None for anything.
        failing: Gets the method and the path of a request; a status that it returns is the answer, and ``"cut"`` cuts
            the answer in its middle.
        page: How many series one answer has at most.
        asked: The requests.
    """

    def __init__(self, port: int = 0) -> None:
        self.instances: dict[str, bytes] = {}
        self.credentials: str | None = None
        self.failing: Callable[[str, str], int | str | None] = lambda method, path: None
        self.reason = 0xA700
        self.page = 2
        self.asked: list[str] = []
        server = self

        class Handler(_Handler):
            of = server

        self._http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/dicom-web"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def encrypt(self, certificate: Path) -> None:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    def put(self, *datasets: Dataset) -> None:
        for dataset in datasets:
            out = BytesIO()
            dcmwrite(out, dataset)
            self.instances[str(dataset.SOPInstanceUID)] = out.getvalue()

    def remove(self, uid: str) -> None:
        """Remove an instance, or all of a series."""
        gone = [one.SOPInstanceUID for one in self.datasets() if uid in (one.SOPInstanceUID, one.SeriesInstanceUID)]
        for one in gone:
            del self.instances[str(one)]

    def datasets(self, **match: str) -> list[Dataset]:
        """What it keeps with these values, by UID."""
        found = [dcmread(BytesIO(self.instances[uid])) for uid in sorted(self.instances)]
        return [one for one in found if all(str(one.get(name, "")) == text for name, text in match.items())]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    of: SmallServer

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        if self._fails("GET", place.path):
            return
        query = {name: values[-1] for name, values in parse_qs(place.query).items()}
        parts = place.path.removeprefix("/dicom-web/").split("/")
        if parts == ["series"]:
            self._answer(self._series(query))
            return
        names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        found = self.of.datasets(**dict(zip(names, parts[1:6:2], strict=False)))
        if not found:
            self._send(404, b"{}", "application/json")
        elif parts[-1] == "metadata":
            self._answer([self._metadata(one) for one in found])
        elif "bulk" in parts:
            value = bytes(found[0][int(parts[-1], 16)].value)
            self._multipart("application/octet-stream", [value])
        else:
            self._multipart("application/dicom", [self.of.instances[str(one.SOPInstanceUID)] for one in found])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._fails("POST", self.path):
            return
        boundary = re.search(r'boundary="?([^";]+)', self.headers["Content-Type"])[1].encode()
        stored = []
        for part in body.split(b"--" + boundary)[1:-1]:
            content = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            dataset = dcmread(BytesIO(content))
            self.of.instances[str(dataset.SOPInstanceUID)] = content
            stored.append({"00081155": {"vr": "UI", "Value": [str(dataset.SOPInstanceUID)]}})
        self._answer({"00081199": {"vr": "SQ", "Value": stored}})

    def _series(self, query: dict[str, str]) -> list[dict[str, Any]]:
        wanted = {name: text for name, text in query.items() if tag_for_keyword(name)}
        series: dict[str, list[Dataset]] = {}
        for one in self.of.datasets(**wanted):
            series.setdefault(str(one.SeriesInstanceUID), []).append(one)
        found = []
        for members in series.values():
            one = Dataset()
            for name in _SERIES:
                if name in members[0]:
                    setattr(one, name, members[0].get(name))
            one.NumberOfSeriesRelatedInstances = len(members)
            found.append(one.to_json_dict())
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 1000))
        return found[offset : offset + min(limit, self.of.page)]

    def _metadata(self, dataset: Dataset) -> dict[str, Any]:
        names = (dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID)
        # As servers behind others do it, under a name that means nothing here.
        top = "http://not-here.example/dicom-web/studies/{}/series/{}/instances/{}/bulk".format(*names)
        found = dataset.to_json_dict(_LONG, lambda element: f"{top}/{int(element.tag):08X}")
        return {tag: one for tag, one in found.items() if keyword_for_tag(int(tag, 16)) != "PixelData"}

    def _fails(self, method: str, path: str) -> bool:
        self.of.asked.append(f"{method} {path}")
        if self.of.credentials is not None and self.headers.get("Authorization") != self.of.credentials:
            self._send(401, b"{}", "application/json")
            return True
        failure = self.of.failing(method, path)
        self._cut = failure == "cut"
        if isinstance(failure, int):
            refused = {"00081198": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [self.of.reason]}}]}}
            body = refused if failure == 409 else {"Message": "told to fail"}
            self._send(failure, json.dumps(body).encode(), "application/dicom+json")
        return isinstance(failure, int)

    def _multipart(self, kind: str, parts: list[bytes]) -> None:
        head = f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n".encode()
        body = b"".join(head + part + b"\r\n" for part in parts) + f"--{_BOUNDARY}--".encode()
        self._send(200, body, f'multipart/related; type="{kind}"; boundary={_BOUNDARY}')

    def _answer(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), "application/dicom+json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if getattr(self, "_cut", False):
            self.wfile.write(body[: len(body) // 2])
            self.close_connection = True
            return
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


def basic(user: str, password: str) -> str:
    """The header of a user and a password."""
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
