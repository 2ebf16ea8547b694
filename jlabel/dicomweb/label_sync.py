"""Labels that were stored from another machine: their versions get rows, and the current ones are fetched."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from jlabel.datastores import label_rows
from jlabel.datastores.label_rows import ImageRef, Label, Version
from jlabel.datastores.remote.store import StoreUnreachable
from jlabel.dicomweb.label_note import LabelNote, file_uri, note_and_file, note_in_header
from jlabel.dicomweb.labels import DicomWebLabels
from jlabel.dicomweb.series import Series
from jlabel.dicomweb.server import Json, first_value
from jlabel.dicomweb.stored_versions import StoredVersion
from jlabel.errors import DatastoreError

ImageOf = Callable[[str, str], ImageRef | None]
"""Gives the image of a SeriesInstanceUID and a SOPInstanceUID."""


class _Key(NamedTuple):
    image: ImageRef
    tag: str


class LabelSync:
    """Brings the labels of a studies folder up to date with those of a server.

    Args:
        labels: The labels on this machine.
        image_of: Finds the image of a label.

    Attributes:
        problems: Labels that cannot be taken in, and why.
    """

    def __init__(self, labels: DicomWebLabels, image_of: ImageOf) -> None:
        self._labels = labels
        self._image_of = image_of
        self.problems = list[str]()

    def take_in(self, series: Series, headers: list[Json]) -> str:
        """Take in the labels of a series.

        Returns:
            The series of the image where that is not among the studies; else "".

        Raises:
            DatastoreError: The server cannot be reached; what is left is taken in by the next look.
        """
        known, by_uid = self._labels.stored.all(), {str(first_value(one, "00080018")): one for one in headers}
        touched: set[_Key] = set()
        for uid, header in by_uid.items():
            try:
                note = note_in_header(header) or self._note_of(series, uid)
            except (ValueError, FileNotFoundError) as error:
                self.problems.append(f"{series.folder}: {error}")
                continue
            image = self._image_of(note.series, note.instance)
            if image is None:
                return note.series
            if uid not in known:
                self._add(series, uid, note, image)
            touched.add(_Key(image, note.tag))
        for key in touched:
            try:
                self._choose(key, by_uid)
            except StoreUnreachable:
                raise
            except DatastoreError as error:
                self.problems.append(str(error))
        return ""

    def _add(self, series: Series, uid: str, note: LabelNote, image: ImageRef) -> None:
        number = 0
        if not note.is_removal:
            with self._labels.catalogue.write(found=True) as connection:
                label = label_rows.find_or_new(connection, image, note.tag)
                versions = label_rows.versions(connection, label.pk)
                number = self._same(versions, note) or self._insert(connection, label, versions, note)
        stored = StoredVersion(series.study, series.uid, uid, image.id, note.tag, number, note.number, note.time)
        self._labels.stored.add(stored)

    @staticmethod
    def _same(versions: list[Version], note: LabelNote) -> int:
        """The number of the version that this is, where it was saved on this machine and that was not noted."""
        same = (one.number for one in versions if (one.number, one.sha256) == (note.number, note.sha256))
        return next(same, 0)

    @staticmethod
    def _insert(connection: Connection, label: Label, versions: list[Version], note: LabelNote) -> int:
        taken = {one.number for one in versions}
        number = note.number if note.number not in taken else max(taken) + 1
        row = Version(number, note.ext, note.size, note.sha256, note.author, float(note.time), note.info)
        label_rows.add_version(connection, label.pk, row)
        return number

    def _choose(self, key: _Key, headers: dict[str, Json]) -> None:
        """Make the version that was saved last the current one."""
        stored = self._labels.stored.of_label(key.image.id, key.tag)
        by_number = {one.number: one for one in stored if one.number}
        with self._labels.catalogue.read() as connection:
            label = label_rows.find(connection, key.image.pk, key.tag)
            versions = [] if label is None else label_rows.versions(connection, label.pk)
        orders = [
            (by_number[one.number].order if one.number in by_number else (one.number, one.time, ""), one.number)
            for one in versions
        ]
        orders += [(one.order, 0) for one in stored if not one.number]
        number = max(orders)[1] if orders else 0
        if label is None or number == (label.number or 0):
            return
        if not number:
            self._labels.remove_here(key.image, key.tag)
            return
        version = next(one for one in versions if one.number == number)
        kept = self._labels.kept_file(key.tag, key.image.id, number, version.ext)
        if not kept.exists():
            kept = self._fetch(key, version, by_number.get(number), headers)
        with self._labels.catalogue.write(found=True) as connection:
            label_rows.change(connection, label, number, kept.stat(), pending=True)
        self._labels.settle(label.pk)

    def _fetch(self, key: _Key, version: Version, known: StoredVersion | None, headers: dict[str, Json]) -> Path:
        uri = file_uri(headers[known.uid]) if known is not None and known.uid in headers else None
        if known is not None and uri is not None:
            with contextlib.suppress(DatastoreError, FileNotFoundError):  # the whole instance is asked for instead
                content = self._labels.server.bulk(uri, known.study, known.series, known.uid)[: version.size]
                return self._labels.keep(key.image.id, key.tag, version, content)
        return self._labels.version_file(key.image, key.tag, version.number)[1]

    def _note_of(self, series: Series, uid: str) -> LabelNote:
        return note_and_file(self._labels.server.instance(series.study, series.uid, uid))[0]
