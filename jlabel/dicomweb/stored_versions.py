"""Which versions of labels a server has: a line for each, written once it has it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from jlabel.dicomweb.server import is_uid
from jlabel.files.file_operations import make_folder
from jlabel.files.json_values import parse_json
from jlabel.files.plain_files import open_plain


@dataclass(frozen=True)
class StoredVersion:
    """A version of a label that a server has.

    Attributes:
        study: StudyInstanceUID.
        series: SeriesInstanceUID of the segmentation.
        uid: SOPInstanceUID.
        image_id: The image.
        tag: The label's tag.
        number: Of the version on this machine; 0 where the label was removed.
        rank: Its number where it was saved.
        time: When it was saved.
    """

    study: str
    series: str
    uid: str
    image_id: str
    tag: str
    number: int
    rank: int
    time: float

    @property
    def order(self) -> tuple[int, float, str]:
        """The higher one is the current label: who saves has seen the numbers below."""
        return self.rank, self.time, self.uid


class StoredVersions:
    """The versions that a server has.

    Args:
        file: Where they are kept. Other processes add to it too.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._turn = threading.Lock()
        self._place = 0
        self._known: dict[str, StoredVersion] = {}

    def all(self) -> dict[str, StoredVersion]:
        """Those that are known now, by their UIDs."""
        with self._turn:
            try:
                with self._file.open("rb") as file:
                    file.seek(self._place)
                    text = file.read()
            except OSError:
                return dict(self._known)
            whole = text.rpartition(b"\n")[0]
            self._place += len(whole) + 1 if whole else 0
            self._known.update((one.uid, one) for one in _parsed(whole))
            return dict(self._known)

    def of_label(self, image_id: str, tag: str) -> list[StoredVersion]:
        """Those of one label."""
        return [one for one in self.all().values() if (one.image_id, one.tag) == (image_id, tag)]

    def add(self, version: StoredVersion) -> None:
        """Note one more.

        Raises:
            OSError: It cannot be written; it is stored once more then, which changes nothing.
        """
        make_folder(self._file.parent)
        descriptor = open_plain(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            # The first newline ends a line that a killed process has left.
            os.write(descriptor, f"\n{json.dumps(asdict(version))}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _parsed(text: bytes) -> Iterator[StoredVersion]:
    for line in text.split(b"\n"):
        try:
            one = StoredVersion(**parse_json(line))
            if all(map(is_uid, (one.study, one.series, one.uid))):
                yield one
        except (ValueError, TypeError):
            continue
