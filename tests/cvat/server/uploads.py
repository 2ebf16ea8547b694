"""Data of tasks: in one request, in several, or piece by piece with TUS.

Read in `UploadMixin` of CVAT's `mixins.py`, `tus.py`, `TaskViewSet` of `views.py` and `test_tus_uploads.py`. What is
easily missed by a client is kept: a file name that was sent already is an error 500 in `Upload-Multiple` (a row of the
table of files would be there twice; issue 8201 has the like) and a conflict for TUS; a TUS upload that is complete
cannot be asked for; its address is found relative to that of the request, so the latter must end with a slash.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any
from urllib.parse import urljoin

from tests.cvat.server.answers import Answer, Refused, bad, page_of_html, wrong_field
from tests.cvat.server.background import start_making
from tests.cvat.server.calls import Call, route
from tests.cvat.server.records import Piecemeal, Task
from tests.cvat.server.tasks import found_task
from tests.cvat.server.versions import KEPT_PIECES, OWNED_UPLOADS, QUALITY_IS_OPTIONAL

_UNKNOWN = ("server_files", "remote_files", "start_frame", "stop_frame", "frame_filter", "cloud_storage_id")
_PIECES = r"/api/tasks/(\d+)/data/((?:\d+_)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_ORDERS = ("lexicographical", "natural", "predefined", "random")


@route("POST", r"/api/tasks/(\d+)/data/?")
def receive_data(call: Call, number: int) -> Answer:
    """Begin an upload, take files, or begin to make the task; headers say which."""
    task = found_task(call, number)
    if task.frames:
        raise bad("Adding more data is not supported")
    if task.data_id is None:
        task.data_id = call.state.new_id("data")
    if "upload-finish" in call.headers:
        return _finish(call, task)
    if "upload-start" in call.headers:
        return Answer(202)
    if "upload-length" in call.headers:
        return _begin_piecemeal(call, task)
    if "upload-multiple" in call.headers:
        options, files = call.form()
        _check_options(call, options)
        _take(call, task, files)
        return Answer(200)
    return _finish(call, task)


def _finish(call: Call, task: Task) -> Answer:
    options, files = call.form()
    _check_options(call, options)
    _take(call, task, files)
    order = options.get("upload_file_order") or []
    if options.get("sorting_method") == "predefined" and order and set(order) != set(task.announced):
        odd = sorted(set(order) ^ set(task.announced))
        raise bad([f"Uploaded files do not match the 'upload_file_order' field contents. Mismatching files: {odd}"])
    return start_making(call, task, options)


def _check_options(call: Call, options: dict[str, Any]) -> None:
    if "image_quality" not in options and call.state.version < QUALITY_IS_OPTIONAL:
        raise wrong_field("image_quality")
    quality = str(options.get("image_quality", 70))
    if not quality.isdigit() or not 0 <= int(quality) <= 100:
        raise wrong_field("image_quality", "Ensure this value is less than or equal to 100.")
    method = options.get("sorting_method", "lexicographical")
    if method not in _ORDERS:
        raise wrong_field("sorting_method", f'"{method}" is not a valid choice.')
    unknown = [name for name in _UNKNOWN if options.get(name)]
    if unknown:
        raise bad([f"the contract server knows no {unknown[0]}"])


def _take(call: Call, task: Task, files: list[tuple[str, bytes]]) -> None:
    names = [name for name, _ in files]
    if len(set(names)) < len(names) or set(names) & set(task.announced):
        raise Refused(page_of_html(500, "Server Error (500)"))
    for name, content in files:
        task.announced.append(name)
        task.files[name] = content
        call.state.uploads.append((task.id, name))


def _begin_piecemeal(call: Call, task: Task) -> Answer:
    name = _metadata(call.headers.get("upload-metadata", "")).get("filename", "")
    if not name or name.startswith("/") or ".." in name.split("/"):
        return _tus(400, f"File name {name} is not allowed")
    if name in task.files:
        return _tus(409, "File with same name already exists")
    if name not in task.announced:
        task.announced.append(name)
    identity = str(uuid.uuid4())
    if call.state.version >= OWNED_UPLOADS:
        identity = f"{call.state.person(call.user).id}_{identity}"
    task.arriving[identity] = Piecemeal(name, int(call.headers["upload-length"]), call.user)
    origin = call.headers.get("origin") or call.base
    return _tus(201, None, {"Location": urljoin(origin + call.path, identity), "Upload-Filename": name})


def _metadata(text: str) -> dict[str, str]:
    try:
        pairs = [pair.strip().partition(" ") for pair in text.split(",") if pair.strip()]
        return {key: base64.b64decode(value).decode() for key, _, value in pairs}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise bad("Upload-Metadata cannot be read") from error


@route("PATCH", _PIECES, partial=True)
def receive_piece(call: Call, number: int, identity: str) -> Answer:
    """Add a piece to a file; when it is complete, it is one of the task's."""
    task = found_task(call, number)
    file = _arriving(call, task, identity)
    if int(call.headers.get("upload-offset", 0)) != len(file.data):
        return _tus(409)
    if len(file.data) + int(call.headers.get("content-length", len(call.body))) > file.size:
        return _tus(413)
    if call.whole or call.state.version >= KEPT_PIECES:
        file.data += call.body
    offset = len(file.data)
    if offset == file.size:
        del task.arriving[identity]
        task.files[file.name] = bytes(file.data)
        call.state.uploads.append((task.id, file.name))
    return _tus(204, None, {"Upload-Offset": str(offset)})


@route("HEAD", _PIECES)
def tell_offset(call: Call, number: int, identity: str) -> Answer:
    """How much of a file is there."""
    file = _arriving(call, found_task(call, number), identity)
    return _tus(200, None, {"Upload-Offset": str(len(file.data)), "Upload-Length": str(file.size)})


def _arriving(call: Call, task: Task, identity: str) -> Piecemeal:
    file = task.arriving.get(identity)
    if file is None:
        broken = OWNED_UPLOADS <= call.state.version < KEPT_PIECES
        raise Refused(page_of_html(500, "Server Error (500)") if broken else _tus(404))
    if file.user != call.user and call.state.version >= OWNED_UPLOADS:
        raise Refused(_tus(403))
    return file


def _tus(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, body, {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store", **(headers or {})})
