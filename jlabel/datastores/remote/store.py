"""The store that studies lie in: S3 or whatever else fsspec speaks with, behind the few requests that jlabel makes."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.errors import DatastoreError, UnreachableError

# Headers that are asked for at once.
_TOGETHER = 512
_ONCE_MORE = (0.2, 1.0)
_TRIES = 3
_RANGED = frozenset(["s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oss", "memory"])
_WITH_TAGS = frozenset(["s3", "s3a"])
_SSH = frozenset(["sftp", "ssh"])
_NOT_LET_IN = ("AuthenticationException", "BadAuthenticationType", "PasswordRequiredException", "BadHostKeyException")
# A store that does not answer is given up in a minute, and not in the quarter of an hour that is usual.
_S3 = {"connect_timeout": 10, "read_timeout": 30, "retries": {"max_attempts": 2}}


class Replaced(Exception):
    """An object is not, or not any more, the one that was to be replaced."""


class ObjectStore:
    """The objects below a URL, by their paths from there.

    Args:
        url: Such as ``s3://bucket/scans``.
        options: What fsspec's file system is made with.

    Raises:
        DatastoreError: fsspec, or the package for this kind of URL, is not installed, or an option is unknown.
    """

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        self.url = url
        self.scheme = url.partition("://")[0]
        self._options = dict(options)

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise DatastoreError(f"{self.url}: studies elsewhere need fsspec: pip install 'jlabel[remote]'") from None
        options: dict[str, Any] = {"skip_instance_cache": True, **self._options}
        if self.scheme not in _SSH:  # which takes it for an option of the connection
            options = {"use_listings_cache": False, **options}
        if self.scheme in _WITH_TAGS:
            options["config_kwargs"] = {**_S3, **options.get("config_kwargs", {})}
        try:
            system, top = url_to_fs(self.url, **options)
        except ImportError as error:
            raise DatastoreError(f"{self.url}: a package is missing for URLs of this kind: {error}") from None
        except (ValueError, TypeError) as error:
            raise DatastoreError(f"{self.url} cannot be opened: {error}") from None
        except Exception as error:  # noqa: BLE001 - SSH connects at once, and has errors of its own
            what = f"{self.url} cannot be opened: {_short(error)}"
            if type(error).__name__ in _NOT_LET_IN:
                raise StoreDenied(f"{what}. {self._credentials()}") from None
            raise StoreUnreachable(f"{what}. See whether the server can be reached from this machine") from None
        if self.scheme in _WITH_TAGS:
            system.retries = _TRIES
        return system, str(top).rstrip("/")

    @property
    def ranged(self) -> bool:
        """Whether a part of an object costs no more than that part."""
        return self.scheme in _RANGED

    def list(self, below: str = "", *, deep: bool = True) -> list[RemoteObject]:
        """All objects below a folder, or those in it alone.

        Raises:
            DatastoreError: The store cannot be asked.
        """
        system, _ = self._opened
        folder = self._full(below)
        with self.explained(f"{self.url} cannot be listed"):
            try:
                if deep:
                    found = system.find(folder, detail=True)
                else:
                    found = {one["name"]: one for one in system.ls(folder, detail=True)}
            except FileNotFoundError:
                if not below and not system.exists(folder):
                    raise
                found = {}
        # A store may give the object itself for its own folder.
        start = f"{self._full('')}/"
        files = ((name, facts) for name, facts in found.items() if facts.get("type", "file") == "file")
        return [
            RemoteObject.of(name[len(start) :], facts)
            for name, facts in files
            if name.startswith(start) and len(name) > len(start) and not name.endswith("/")
        ]

    def stat(self, path: str) -> RemoteObject | None:
        """The object as it is now; None where there is none."""
        system, _ = self._opened
        with self.explained(f"{self.url}/{path} cannot be looked at"):
            try:
                facts = system.info(self._full(path))
            except FileNotFoundError:
                return None
        return RemoteObject.of(path, facts) if facts.get("type", "file") == "file" else None

    def heads(self, paths: Sequence[str], size: int) -> Iterator[tuple[str, bytes | None]]:
        """The first bytes of many objects; None for one that cannot be read."""
        system, _ = self._opened
        for at in range(0, len(paths), _TOGETHER):
            some = paths[at : at + _TOGETHER]
            with self.explained(f"{self.url}: the beginnings of its files cannot be read"):
                found = system.cat_ranges(
                    [self._full(path) for path in some], [0] * len(some), [size] * len(some), on_error="return"
                )
            for path, head in zip(some, found, strict=True):
                if isinstance(head, PermissionError | TimeoutError):
                    with self.explained(f"{self.url}/{path} cannot be read"):
                        raise head
                yield path, bytes(head) if isinstance(head, bytes | bytearray) else None

    def read(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """An object's bytes, or some of them; tried again where the connection is cut.

        Raises:
            DatastoreError: It cannot be read.
            FileNotFoundError: It is gone.
        """
        for wait in _ONCE_MORE:
            try:
                return self.read_once(path, start, end)
            except StoreUnreachable:
                time.sleep(wait)
        return self.read_once(path, start, end)

    def read_once(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """As :meth:`read`, but for that it is not tried again."""
        system, _ = self._opened
        with self.explained(f"{self.url}/{path} cannot be read"):
            found: bytes = system.cat_file(self._full(path), start=start, end=end)
            if start is not None and end is not None and len(found) != end - start:
                raise EOFError(f"{end - start} bytes were promised and {len(found)} came")
            return found

    def signed(self, path: str) -> str | None:
        """An address by which anybody may read an object for an hour; None where the store gives none."""
        if self.scheme not in _WITH_TAGS:
            return None
        system, _ = self._opened
        try:
            return str(system.sign(self._full(path), expiration=3600))
        except Exception:  # noqa: BLE001 - it is read the other way, which says what is wrong
            return None

    def get(self, path: str, file: str) -> None:
        """Download an object as a whole; for stores of which a part costs more than that part.

        Raises:
            DatastoreError: It cannot be read.
            FileNotFoundError: It is gone.
        """
        system, _ = self._opened
        with self.explained(f"{self.url}/{path} cannot be read"):
            system.get_file(self._full(path), file)

    def create(self, path: str, data: bytes) -> str:
        """Write a new object.

        Returns:
            Its tag.

        Raises:
            FileExistsError: There is one.
            DatastoreError: It cannot be written.
        """
        system, _ = self._opened
        full = self._full(path)
        with self.explained(f"{self.url}/{path} cannot be written"):
            if self.scheme in _WITH_TAGS:
                return self._tag(path, system.pipe_file(full, data, mode="create"))
            if system.exists(full):
                raise FileExistsError(full)
            self._write(full, data)
        return self._tag(path, None)

    def replace(self, path: str, data: bytes, before: str | None) -> str:
        """Write an object in the place of the one with that tag, or of none.

        Raises:
            Replaced: There is another one by now.
            DatastoreError: It cannot be written.
        """
        system, _ = self._opened
        full = self._full(path)
        with self.explained(f"{self.url}/{path} cannot be written"):
            if self.scheme in _WITH_TAGS:
                condition = {"IfMatch": before} if before is not None else {"mode": "create"}
                try:
                    return self._tag(path, system.pipe_file(full, data, **condition))
                except (FileExistsError, FileNotFoundError):
                    raise Replaced from None
                except OSError as error:
                    if not _is_condition(error):
                        raise
                    raise Replaced from None
            now = self.stat(path)
            if (None if now is None else now.tag) != before:
                raise Replaced
            self._write(full, data)
        return self._tag(path, None)

    def write(self, path: str, data: bytes) -> None:
        """Write an object, whatever is there."""
        with self.explained(f"{self.url}/{path} cannot be written"):
            self._write(self._full(path), data)

    def put_new(self, path: str, file: str) -> None:
        """Upload a file as a new object.

        Raises:
            FileExistsError: There is one.
            DatastoreError: It cannot be written.
        """
        system, _ = self._opened
        full = self._full(path)
        with self.explained(f"{self.url}/{path} cannot be written"):
            if self.scheme in _WITH_TAGS:
                system.put_file(file, full, mode="create")
                return
            if system.exists(full):
                raise FileExistsError(full)
            system.makedirs(full.rpartition("/")[0], exist_ok=True)
            system.put_file(file, full)

    def remove(self, path: str) -> None:
        """Remove an object, if there is one."""
        system, _ = self._opened
        with self.explained(f"{self.url}/{path} cannot be removed"), contextlib.suppress(FileNotFoundError):
            system.rm_file(self._full(path))

    def _write(self, full: str, data: bytes) -> None:
        system, _ = self._opened
        if self.scheme not in _WITH_TAGS:
            system.makedirs(full.rpartition("/")[0], exist_ok=True)
        system.pipe_file(full, data)

    def _tag(self, path: str, answer: Any) -> str:
        if isinstance(answer, Mapping) and answer.get("ETag"):
            return str(answer["ETag"])
        now = self.stat(path)
        return "" if now is None else now.tag

    def _full(self, path: str) -> str:
        top = self._opened[1]
        return f"{top}/{path}" if path else top

    @contextlib.contextmanager
    def explained(self, what: str) -> Iterator[None]:
        """Turn whatever a store, or the way there, has against something into a :class:`DatastoreError`.

        What is missing or there already is passed on: whoever asks knows what that means.
        """
        try:
            yield
        except (DatastoreError, Replaced, FileExistsError):
            raise
        except FileNotFoundError as error:
            if what.startswith(f"{self.url} "):
                raise DatastoreError(f"{self.url}: there is no such place of studies ({_short(error)})") from None
            raise
        except PermissionError as error:
            raise StoreDenied(f"{what}: access is denied ({_short(error)}). {self._credentials()}") from None
        except NotImplementedError:
            raise StoreDenied(f"{what}: {self.scheme}:// can only be read") from None
        except Exception as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise  # of the disk on this machine
            if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"):
                raise StoreDenied(f"{what}: {_short(error)}. {self._credentials()}") from None
            if self.scheme in _SSH:
                self.__dict__.pop("_opened", None)  # a connection that broke stays broken
            raise StoreUnreachable(
                f"{what}: {_short(error)}. See whether the store can be reached from this machine, and try again"
            ) from None

    def _credentials(self) -> str:
        where = (
            "the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID …) and ~/.aws"
            if self.scheme in _WITH_TAGS
            else "where the store's own tools look for them"
        )
        return f"Credentials come from {where}, or are named by storage_options, such as a profile"


class StoreDenied(DatastoreError):
    """The store lets nobody with these credentials do that."""


class StoreUnreachable(UnreachableError):
    """The store does not answer, or not as a whole."""


def total_size(objects: Iterable[RemoteObject]) -> int:
    """Bytes of all objects."""
    return sum(one.size for one in objects)


def _is_condition(error: OSError) -> bool:
    response = getattr(error.__cause__, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, Mapping) else None
    return code in ("PreconditionFailed", "412", "ConditionalRequestConflict")


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())[:200].rstrip(".")
    return text or type(error).__name__
