"""Which series were listed, with which stamp and in which folder: kept between two looks at the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from jlabel.datastores.safe_names import problem_with_id
from jlabel.dicomweb.server import is_uid
from jlabel.files.atomic import atomic_write
from jlabel.files.file_operations import make_folder
from jlabel.files.json_values import parse_json


@dataclass(frozen=True)
class KnownSeries:
    """A series that was listed.

    Attributes:
        study: StudyInstanceUID.
        folder: Where its instances are listed; "" for one of jlabel's own labels, which are no files of the studies.
        stamp: Of the series when it was listed.
        source: Of jlabel's own labels, the series of their image that was not there; else "".
    """

    study: str
    folder: str
    stamp: str
    source: str = ""


class KnownSeriesFile:
    """The series that were listed, by their UIDs.

    Args:
        file: Where they are kept.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read: tuple[int, dict[str, KnownSeries]] = (-1, {})

    def load(self) -> dict[str, KnownSeries]:
        """As they are now; a file that is gone or damaged is made anew by the next look at the server."""
        try:
            time = self._file.stat().st_mtime_ns
            if time != self._read[0]:
                self._read = (time, dict(_parsed(self._file.read_bytes())))
        except (OSError, ValueError, TypeError, AttributeError):
            self._read = (-1, {})
        return dict(self._read[1])

    def save(self, series: dict[str, KnownSeries]) -> None:
        """Keep them.

        Raises:
            DatastoreError: They cannot be written.
        """
        text = json.dumps({uid: asdict(one) for uid, one in sorted(series.items())})
        make_folder(self._file.parent)
        atomic_write(self._file, lambda out: out.write(text.encode()))


def _parsed(text: bytes) -> Iterator[tuple[str, KnownSeries]]:
    for uid, kept in parse_json(text).items():
        known = KnownSeries(*(str(kept[name]) for name in ("study", "folder", "stamp", "source")))
        if is_uid(uid) and is_uid(known.study) and (not known.folder or problem_with_id(known.folder) is None):
            yield uid, known
