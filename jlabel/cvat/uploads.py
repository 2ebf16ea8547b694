"""Pictures on their way to CVAT: together in few requests, and a large file in pieces that survive a cut connection."""

from __future__ import annotations

import base64
import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jlabel.cvat.answers import text
from jlabel.cvat.connection import Connection, Unsure
from jlabel.errors import CvatError
from jlabel.progress import Progress

if TYPE_CHECKING:
    import httpx

#: Bytes of the files of one request.
MOST_BYTES = 100 * 1000**2
_PIECE = 10 * 1024**2
_TRIES = 5  # at one piece
_PAUSE = 0.5
_TUS = {"Tus-Resumable": "1.0.0"}


def upload(
    connection: Connection, path: str, files: Sequence[Path], options: Mapping[str, Any], progress: Progress
) -> str:
    """Upload files, and begin what the server does with them.

    Args:
        connection: To the server.
        path: Where they go, below ``/api/``.
        files: Each of another name.
        options: What the server is told beside them.
        progress: Told how many bytes are there.

    Returns:
        The id of the server's request; "" of servers without them.

    Raises:
        CvatError: A file cannot be read, or the server refuses.
        Unsure: Nobody knows whether all has arrived.
    """
    sizes = {file: _size(file) for file in files}
    total = sum(sizes.values())
    if total <= MOST_BYTES:
        answer = _post(connection, path, files, options, {})
        progress.step(total, max(1, total))
        return _request(answer)
    connection.send("POST", path, {"headers": {"Upload-Start": ""}})
    done = 0
    for group in _groups(sizes):
        progress.step(done, total)
        if sizes[group[0]] > MOST_BYTES:
            _in_pieces(connection, path, group[0], sizes[group[0]], progress.part(done / total, 1))
        else:
            _post(connection, path, group, {"image_quality": options["image_quality"]}, {"Upload-Multiple": ""})
        done += sum(sizes[file] for file in group)
    progress.step(done, total)
    finish = {"headers": {"Upload-Finish": ""}, "json": dict(options)}
    return _request(connection.send("POST", path, finish))


def _groups(sizes: Mapping[Path, int]) -> Iterator[list[Path]]:
    """Files that go together, each that is too large for a request alone."""
    group: list[Path] = []
    for file, size in sizes.items():
        if group and sum(sizes[one] for one in group) + size > MOST_BYTES:
            yield group
            group = []
        group.append(file)
    if group:
        yield group


def _post(
    connection: Connection, path: str, files: Sequence[Path], options: Mapping[str, Any], headers: Mapping[str, str]
) -> httpx.Response:
    with contextlib.ExitStack() as opened:
        parts = [
            (f"client_files[{index}]", (file.name, opened.enter_context(_reading(file))))
            for index, file in enumerate(files)
        ]
        data = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in options.items()}
        return connection.send("POST", path, {"files": parts, "data": data, "headers": dict(headers)})


def _in_pieces(connection: Connection, path: str, file: Path, size: int, progress: Progress) -> None:
    """Upload a large file by the tus protocol (https://tus.io, version 1.0.0): a piece that got lost is sent again."""
    name = base64.b64encode(file.name.encode()).decode()
    # Without an origin a server that is behind no proxy cannot say where the pieces go.
    origin = {"Origin": connection.account.url}
    headers = {**_TUS, **origin, "Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
    answer = connection.send("POST", f"{path}/", {"headers": headers})
    place = _place(connection, answer.headers.get("location", ""))
    offset = failures = 0
    with _reading(file) as source:
        while offset < size:
            progress.step(offset, size)
            source.seek(offset)
            try:
                reached = _send_piece(connection, place, offset, source.read(_PIECE))
            except Unsure:
                failures += 1
                if failures >= _TRIES:
                    raise
                time.sleep(_PAUSE * 2**failures)
                reached = _reached(connection, place)
            if not 0 <= reached <= size:
                raise CvatError(f"{connection.account.url}: {reached} bytes of {size} are there, says the server")
            failures = 0 if reached > offset else failures
            offset = reached


def _send_piece(connection: Connection, place: str, offset: int, piece: bytes) -> int:
    headers = {**_TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    try:
        answer = connection.send("PATCH", place, {"headers": headers, "content": piece})
    except CvatError as error:
        if error.status == 409:  # the server has another part of the file than was thought
            raise Unsure(str(error), 409) from error
        raise
    return _offset(connection, answer)


def _reached(connection: Connection, place: str) -> int:
    try:
        return _offset(connection, connection.send("HEAD", place, {"headers": _TUS}))
    except CvatError as error:
        if error.status == 404:  # a file of which all has arrived cannot be asked for
            raise Unsure(str(error), 404) from error
        raise


def _offset(connection: Connection, answer: httpx.Response) -> int:
    found = answer.headers.get("upload-offset", "")
    if not found.isdigit():
        raise CvatError(f"{connection.account.url}: the server does not say how much of a file it has")
    return int(found)


def _place(connection: Connection, location: str) -> str:
    """Where the pieces go, below ``/api/``: a server behind a proxy may not know its own address."""
    path = urlsplit(location).path
    _, found, rest = path.partition("/api/")
    if not found or not rest:
        raise CvatError(f"{connection.account.url}: the server does not say where a large file goes")
    return rest


def _request(answer: httpx.Response) -> str:
    try:
        return text(answer.json(), "rq_id") if answer.content else ""
    except ValueError:
        return ""


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise CvatError(f"{file}: this picture cannot be read: {error.strerror or error}") from error


@contextlib.contextmanager
def _reading(file: Path) -> Iterator[Any]:
    try:
        source = file.open("rb")
    except OSError as error:
        raise CvatError(f"{file}: this picture cannot be read: {error.strerror or error}") from error
    with source:
        yield source
