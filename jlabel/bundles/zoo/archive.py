"""Looking into the archive of a bundle before it is unpacked: nothing leaves its folder, no link, no bomb."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path, PurePosixPath

from jlabel.errors import JlabelError

MOST_FILES = 20_000
MOST_BYTES = 64 << 30
#: How many times its packed size a file may have; deflate reaches at most about 1032, weights hardly 2.
MOST_GROWTH = 200
_SMALL = 16 << 20


def check_archive(file: Path, name: str) -> int:
    """Look at the list of what an archive holds.

    Args:
        file: A zip archive.
        name: Of the bundle, which is the one folder in it.

    Returns:
        How many bytes it has unpacked.

    Raises:
        JlabelError: It is no zip archive, holds what no bundle holds, or would be too large.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise JlabelError(f"the archive of {name} is no valid zip archive: {error}") from error
    if len(members) > MOST_FILES:
        raise JlabelError(f"the archive of {name} holds {len(members):,} files, and may hold {MOST_FILES:,}")
    seen: set[str] = set()
    for member in members:
        fault = _fault(member, name)
        path = member.filename.rstrip("/").casefold()
        if not fault and path in seen:
            fault = "is in it twice"
        if fault:
            raise JlabelError(f"the archive of {name} is not unpacked: {member.filename!r} {fault}")
        seen.add(path)
    if f"{name}/configs/metadata.json".casefold() not in seen:
        raise JlabelError(f"the archive of {name} is no bundle: it has no {name}/configs/metadata.json")
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES:
        raise JlabelError(f"the archive of {name} has {total:,} bytes unpacked, and may have {MOST_BYTES:,}")
    return total


def _fault(member: zipfile.ZipInfo, name: str) -> str:
    path = PurePosixPath(member.filename)
    # zipfile itself cuts names at a zero byte and makes the separators of its own system slashes.
    if member.filename != member.orig_filename or "\\" in member.filename or not member.filename.isprintable():
        return "is no name of a file"
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "would lie outside its folder"
    if path.parts[0] != name:
        return f"does not lie in the folder {name}"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind and not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        return "is a link or no regular file"
    if member.flag_bits & 0x1:
        return "is encrypted"
    if member.file_size > _SMALL and member.file_size > MOST_GROWTH * max(1, member.compress_size):
        return f"has {member.file_size:,} bytes unpacked of {member.compress_size:,}: nothing that a bundle holds is so"
    return ""
