"""Labels of studies on a DICOMweb server: versions on this machine, each of which is stored on the server too.

A label is saved on this machine first, as in every studies folder, and then stored on the server. Where that fails it
stays to be stored: nobody has to draw it again because a server was down. It is tried again at each save and refresh.
"""

from __future__ import annotations

import hashlib
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from jlabel.datastores import disk, label_rows
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.label_batches import LabelBatches, StagedLabel
from jlabel.datastores.label_rows import ImageRef, Version
from jlabel.datastores.remote.store import StoreUnreachable
from jlabel.datastores.tables import REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.dicomweb.label_note import note_and_file
from jlabel.dicomweb.label_sending import LabelSending, SourceImage
from jlabel.dicomweb.server import DicomWebServer
from jlabel.dicomweb.stored_versions import StoredVersion, StoredVersions
from jlabel.errors import DatastoreError, JlabelError
from jlabel.files.links import OWN_FOLDER
from jlabel.progress import NO_PROGRESS, Progress

_Key = tuple[str, str, int]


class DicomWebLabels(LabelBatches):
    """The labels of studies on a DICOMweb server.

    Args:
        catalogue: Where the rows are.
        root: The studies folder on this machine.
        labels_dir: The folder of the labels, relative to it.
        server: The server.
        source: Gives the image of an id.

    Attributes:
        stored: The versions that the server has.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        root: Path,
        labels_dir: str,
        server: DicomWebServer,
        source: Callable[[str], SourceImage],
    ) -> None:
        super().__init__(catalogue, root, labels_dir)
        self.server = server
        self.stored = StoredVersions(root / OWN_FOLDER / "dicomweb" / "stored.jsonl")
        self._sending = LabelSending(server, catalogue, self.stored, source)
        self._turn = threading.Lock()
        self._waiting: dict[_Key, str] = {}

    def save(
        self,
        image: ImageRef,
        tag: str,
        ext: str,
        write: disk.Write,
        info: Mapping[str, Any],
        author: str | None,
        progress: Progress = NO_PROGRESS,
    ) -> int:
        """See :meth:`LabelFiles.save`; then the server has the label, or a warning says that it has not."""
        number = super().save(image, tag, ext, write, info, author, progress)
        self._store_now([image], tag)
        return number

    def save_staged(self, labels: Mapping[ImageRef, StagedLabel], tag: str) -> None:
        """See :meth:`LabelBatches.save_staged`."""
        super().save_staged(labels, tag)
        self._store_now(list(labels), tag)

    def remove(self, image: ImageRef, tag: str) -> None:
        """Take the current label away, once the server has noted it; its versions stay."""
        self.catalogue.check_writing()
        label = self.current(image, tag)
        if label is not None:
            with self.catalogue.read() as connection:
                number = label_rows.last_number(connection, label.pk) + 1
            self.store_waiting()
            self._sending.send_removal(image.id, tag, number, time.time(), None)
        self.remove_here(image, tag)

    def remove_here(self, image: ImageRef, tag: str) -> None:
        """Take a label away that was removed elsewhere."""
        super().remove(image, tag)

    def version_file(self, image: ImageRef, tag: str, number: int) -> tuple[Version, Path]:
        """See :meth:`LabelFiles.version_file`; one that was saved elsewhere is fetched."""
        version, file = super().version_file(image, tag, number)
        if not file.exists():
            known = next((one for one in self.stored.of_label(image.id, tag) if one.number == number), None)
            if known is not None:
                self.keep(image.id, tag, version, self._fetched(known))
        return version, file

    def keep(self, image_id: str, tag: str, version: Version, content: bytes) -> Path:
        """Keep the file of a version that was saved elsewhere.

        Raises:
            DatastoreError: It is not what was saved, or cannot be written.
        """
        if content_digest(content) != version.sha256:
            raise DatastoreError(f"{self.server.url}: the label of {image_id!r} is not what was stored there")
        return self.keep_version(image_id, tag, version.number, version.ext, content)

    def store_waiting(self, only: set[tuple[str, str]] | None = None) -> None:
        """Store the versions that the server does not have yet; what goes wrong is in :meth:`note`.

        Args:
            only: Ids of images and tags; of all labels if not given.
        """
        if self.catalogue.only_read is not None:
            return
        with self._turn:
            waiting = self._unstored()
            self._waiting = {key: why for key, why in self._waiting.items() if key in waiting}
            for key, version in waiting.items():
                if only is not None and key[:2] not in only:
                    continue
                image_id, tag, number = key
                kept = self.kept_file(tag, image_id, number, version.ext)
                try:
                    file = kept if kept.exists() else self.file(tag, image_id, version.ext)
                    self._sending.send(image_id, tag, version, file)
                    self._waiting.pop(key, None)
                except JlabelError as error:
                    self._waiting[key] = str(error)
                    if isinstance(error, StoreUnreachable):
                        rest = (one for one in waiting if only is None or one[:2] in only)
                        self._waiting.update((one, str(error)) for one in rest if one not in self._waiting)
                        return

    def note(self) -> str | None:
        """What a person should know of labels that the server does not have; None where it has all."""
        if not self._waiting:
            return None
        (image_id, tag, _), why = next(iter(self._waiting.items()))
        return (
            f"{len(self._waiting)} versions of labels are saved on this machine and not on the server, such as that of "
            f"{image_id!r} ({tag}): {why}. It is tried again at the next save and refresh()"
        )

    def _store_now(self, images: list[ImageRef], tag: str) -> None:
        before = bool(self._waiting)
        self.store_waiting({(image.id, tag) for image in images})
        failed = [why for key, why in self._waiting.items() if key[1] == tag and key[0] in {one.id for one in images}]
        if failed:
            what = f"the label of {images[0].id!r} is" if len(images) == 1 else f"{len(failed)} labels are"
            again = "It is tried again at the next save and refresh()"
            warnings.warn(f"{what} saved on this machine, but not on the server: {failed[0]}. {again}", stacklevel=4)
        elif before:
            self.store_waiting()

    def _unstored(self) -> dict[_Key, Version]:
        with self.catalogue.read() as connection:
            rows = connection.execute(_VERSIONS).all()
        known = {(one.image_id, one.tag, one.number) for one in self.stored.all().values()}
        found = {(row[0], row[1], row[2]): Version(*row[2:]) for row in rows}
        return {key: version for key, version in found.items() if key not in known}

    def _fetched(self, known: StoredVersion) -> bytes:
        try:
            return note_and_file(self.server.instance(known.study, known.series, known.uid))[1]
        except FileNotFoundError:
            raise DatastoreError(f"{self.server.url}: this version of the label is gone from the server") from None
        except ValueError as error:
            raise DatastoreError(f"{self.server.url}: instance {known.uid} is no label any more: {error}") from None


def content_digest(content: bytes) -> str:
    """SHA-256 in hex, as versions have it."""
    return hashlib.sha256(content).hexdigest()


_VERSIONS = (
    select(
        ImageRow.id,
        LabelRow.tag,
        VersionRow.number,
        VersionRow.ext,
        VersionRow.size,
        VersionRow.sha256,
        VersionRow.author,
        VersionRow.time,
        VersionRow.info,
    )
    .join(LabelRow, LabelRow.pk == VersionRow.label_pk)
    .join(ImageRow, ImageRow.pk == LabelRow.image_pk)
    .where(ImageRow.state != REMOVED)
    .order_by(ImageRow.id, LabelRow.tag, VersionRow.number)
)
