"""The records of a draft's file: framed, with a checksum, so that one that a kill cut short is known for it."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from jlabel.files.json_values import parse_json

# Before every record: length of its head (JSON), length of its voxels, checksum of both.
_FRAME = struct.Struct("<III")
# More than any record has; what is larger is no record of ours, and is not read.
_MOST_BYTES = 1024**3


def record(fields: dict[str, Any], voxels: bytes) -> bytes:
    """One record.

    Args:
        fields: Its head: ``region`` (None where no voxel changed) and ``dtype``, and what else there is to say.
        voxels: The voxels of the region, as :func:`jlabel.imaging.encode_voxels` writes them.
    """
    head = json.dumps(fields).encode()
    return _FRAME.pack(len(head), len(voxels), zlib.crc32(head + voxels)) + head + voxels


def records(file: BinaryIO) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Whole records from where the file is, up to the first that is cut short or damaged.

    A whole one that tells nothing of a draft is passed by.

    Raises:
        OSError: It cannot be read.
    """
    while True:
        frame = file.read(_FRAME.size)
        if len(frame) < _FRAME.size:
            return
        head_size, voxel_size, checksum = _FRAME.unpack(frame)
        size = head_size + voxel_size
        if size > _MOST_BYTES:
            return
        content = file.read(size)
        if len(content) < size or zlib.crc32(content) != checksum:
            return
        try:
            head = parse_json(content[:head_size])
        except ValueError:
            return
        if isinstance(head, dict) and "region" in head and "dtype" in head:
            yield head, content[head_size:]
