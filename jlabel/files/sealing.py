"""What a process of this user wrote for another one, told from what anybody else may have written.

A pickle runs code when it is loaded, and lies in a studies folder, which may come from someone else, in an archive or
over a network mount where every file seems to be the user's. So what is to be loaded is signed (HMAC-SHA256) with a key
that lies outside of all studies: in the user's own data folder, or where ``JLABEL_KEY_FILE`` says.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

import platformdirs

from jlabel.errors import JobError
from jlabel.files.plain_files import write_all
from jlabel.files.temporary import temporary_name

KEY_VARIABLE = "JLABEL_KEY_FILE"

_KEY_BYTES = 32
_HEAD = b"jlabel-sealed-1\n"


def key_file() -> Path:
    """Where the user's key is."""
    named = os.environ.get(KEY_VARIABLE)
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("jlabel", appauthor=False)) / "job.key"


def sign(content: bytes, about: str) -> str:
    """The signature of some bytes, in hex; the key is made at first use.

    Args:
        content: What is signed.
        about: What it is and where it belongs: signed too, so that it counts nowhere else.

    Raises:
        JobError: The key cannot be made or read.
    """
    return _signature(_key(), content, about)


def is_signed(content: bytes, about: str, signature: object) -> bool:
    """Whether this user signed it. False, too, where there is no key yet: nothing can be signed then."""
    if not isinstance(signature, str) or not key_file().exists():
        return False
    try:
        return hmac.compare_digest(_signature(_key(), content, about).encode(), signature.encode())
    except (JobError, UnicodeEncodeError):
        return False


def sealed(content: bytes, about: str) -> bytes:
    """The bytes with their signature before them; arguments and errors as for :func:`sign`."""
    return _HEAD + sign(content, about).encode() + b"\n" + content


def unsealed(data: bytes, about: str) -> bytes | None:
    """The bytes that :func:`sealed` was given; None where this user did not seal them for that."""
    if not data.startswith(_HEAD):
        return None
    signature, newline, content = data[len(_HEAD) :].partition(b"\n")
    if not newline or not is_signed(content, about, signature.decode("ascii", "replace")):
        return None
    return content


def _signature(key: bytes, content: bytes, about: str) -> str:
    # The length keeps the two apart: no other pair of them gives the same bytes.
    named = about.encode("utf-8", "surrogateescape")
    signed = hmac.new(key, _HEAD + len(named).to_bytes(8, "big") + named, hashlib.sha256)
    signed.update(content)
    return signed.hexdigest()


def _key() -> bytes:
    file = key_file()
    try:
        return _read(file)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise JobError(
            f"{file}: the key that jobs are signed with cannot be read: {error.strerror or error}; name a file in a "
            f"folder of your own by {KEY_VARIABLE}"
        ) from error
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(file)
        return _read(file)
    except OSError as error:
        raise JobError(
            f"{file}: the key that jobs are signed with cannot be made: {error.strerror or error}; name a file in a "
            f"folder of your own by {KEY_VARIABLE}"
        ) from error


def _read(file: Path) -> bytes:
    key = file.read_bytes()
    if len(key) < _KEY_BYTES:
        raise JobError(
            f"{file}: this is no key of jlabel; delete it, and a new one is made (jobs begun before then can no "
            "longer be resumed)"
        )
    return key


def _make(file: Path) -> None:
    """Put a new key in its place, whole or not at all; where another process was quicker, its key stays."""
    beside = file.with_name(temporary_name())
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            write_all(descriptor, secrets.token_bytes(_KEY_BYTES))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(beside, file)
        except FileExistsError:
            return
        except OSError:
            # A file system without links: of two processes that begin at the same moment, the later one's key stays.
            if not file.exists():
                beside.replace(file)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
