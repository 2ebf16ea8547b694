"""Storing versions of labels on a server, as DICOM SEG that refer to the instances of their images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jlabel.datastores import disk, settings
from jlabel.datastores.catalogue import Catalogue
from jlabel.datastores.label_rows import Version
from jlabel.dicomweb.instance_header import Instance
from jlabel.dicomweb.label_note import LabelNote
from jlabel.dicomweb.label_segmentation import make_segmentation
from jlabel.dicomweb.server import DicomWebServer
from jlabel.dicomweb.stored_versions import StoredVersion, StoredVersions
from jlabel.exchange.dicom_seg.codes import CODES_SETTING
from jlabel.imaging.image import Image


@dataclass(frozen=True)
class SourceImage:
    """The image of a label.

    Attributes:
        geometry: The image; its voxels do not matter.
        instance: The first of its instances.
    """

    geometry: Image
    instance: Instance


class LabelSending:
    """Stores labels.

    Args:
        server: Where.
        catalogue: Of the studies, for what their labels are called and coded as.
        stored: Gets a line for each version that the server has.
        source: Gives the image of an id, whose files are on this machine then.
    """

    def __init__(
        self,
        server: DicomWebServer,
        catalogue: Catalogue,
        stored: StoredVersions,
        source: Callable[[str], SourceImage],
    ) -> None:
        self._server = server
        self._catalogue = catalogue
        self._stored = stored
        self._source = source

    def send(self, image_id: str, tag: str, version: Version, file: Path) -> None:
        """Store a version.

        Raises:
            JlabelError: No segmentation can be made of it, or the server does not take it.
        """
        with disk.explained(f"{file}: the label cannot be stored on {self._server.url}"):
            state, sha256 = disk.fingerprint(file)
        source = self._source(image_id)
        note = self._note(source, tag, version.number, version.time, version.author)
        note = replace(note, ext=version.ext, size=state.st_size, sha256=sha256, info=dict(version.info))
        self._store(image_id, source, note, file, version.number)

    def send_removal(self, image_id: str, tag: str, number: int, time: float, author: str | None) -> None:
        """Store that a label was removed: a segmentation without a voxel.

        Raises:
            JlabelError: The server does not take it.
        """
        source = self._source(image_id)
        self._store(image_id, source, self._note(source, tag, number, time, author), None, 0)

    def _note(self, source: SourceImage, tag: str, number: int, time: float, author: str | None) -> LabelNote:
        return LabelNote(source.instance.series, source.instance.uid, tag, number, time, author)

    def _store(self, image_id: str, source: SourceImage, note: LabelNote, file: Path | None, number: int) -> None:
        with self._catalogue.read() as connection:
            label_set = settings.find(connection, "label_set")
            codes: dict[str, Any] = settings.find(connection, CODES_SETTING) or {}
        made = make_segmentation(source.geometry, image_id, note, file, label_set, codes)
        self._server.store(made)
        study, series, uid = (str(made[name].value) for name in _UIDS)
        stored = StoredVersion(study, series, uid, image_id, note.tag, number, note.number, note.time)
        with disk.explained(f"{image_id}: the label is stored, but that cannot be noted"):
            self._stored.add(stored)


_UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
