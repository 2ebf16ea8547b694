"""Downloads of a server's instances: a whole series as one stream, and one by one what that does not give."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from jlabel.datastores.remote.remote_object import RemoteObject
from jlabel.datastores.remote.store import StoreUnreachable
from jlabel.dicomweb.failures import ServerRefused
from jlabel.dicomweb.instance_header import Instance
from jlabel.dicomweb.server import DicomWebServer
from jlabel.errors import DatastoreError

_AT_ONCE = 6
_ONCE_MORE = (0.3, 1.5)


class SeriesDownloads:
    """Downloads from a server.

    Args:
        server: The server.
        instances: Gives the instances of listed paths.
        forget: Told of a series of which an instance is gone.
    """

    def __init__(
        self,
        server: DicomWebServer,
        instances: Callable[[Iterable[str]], list[tuple[str, Instance]]],
        forget: Callable[[str], None],
    ) -> None:
        self._server = server
        self._instances = instances
        self._forget = forget

    def get_all(self, objects: Sequence[tuple[RemoteObject, Path]]) -> bool:
        """Download instances, each to its file.

        Returns:
            False: a server does not say of an instance whether it is as it was listed.

        Raises:
            DatastoreError: One cannot be read, or is gone.
            OSError: A file cannot be written.
        """
        files = {one.path: file for one, file in objects}
        found = self._instances(files)
        if len(found) < len(files):
            raise DatastoreError(f"{self._server.url}: the listing has changed meanwhile; try again")
        by_series: dict[tuple[str, str], dict[str, Path]] = defaultdict(dict)
        for path, instance in found:
            by_series[instance.study, instance.series][instance.uid] = files[path]
        for (study, series), wanted in by_series.items():
            try:
                if len(wanted) > 1:
                    self._stream(study, series, wanted)
                self._one_by_one(study, series, wanted)
            except FileNotFoundError:
                self._forget(series)
                raise DatastoreError(
                    f"{self._server.url}: an instance of series {series} is gone; refresh() looks for what there is"
                ) from None
        return False

    def stream(self, one: RemoteObject, file: Path) -> bool:
        """An instance is always looked at before it is fetched."""
        return False

    def _stream(self, study: str, series: str, wanted: dict[str, Path]) -> None:
        """What comes of the series is taken out of ``wanted``."""
        try:
            for dataset in self._server.series(study, series):
                file = wanted.pop(str(dataset.get("SOPInstanceUID", "")), None)
                if file is not None:
                    _write(dataset, file)
        except (StoreUnreachable, ServerRefused):
            return

    def _one_by_one(self, study: str, series: str, wanted: dict[str, Path]) -> None:
        def get(uid: str, file: Path) -> None:
            for wait in (*_ONCE_MORE, None):
                try:
                    dataset = self._server.instance(study, series, uid)
                except StoreUnreachable:
                    if wait is None:
                        raise
                    time.sleep(wait)
                else:
                    if str(dataset.get("SOPInstanceUID", "")) != uid:
                        raise ServerRefused(f"{self._server.url}: another instance came for instance {uid}")
                    _write(dataset, file)
                    return

        with ThreadPoolExecutor(_AT_ONCE, "jlabel-instances") as threads:
            asked = [threads.submit(get, uid, file) for uid, file in wanted.items()]
            try:
                for done in asked:
                    done.result()
            except BaseException:
                for waiting in asked:
                    waiting.cancel()
                raise


def _write(dataset: Any, file: Path) -> None:
    with file.open("wb") as out:
        dataset.save_as(out)
