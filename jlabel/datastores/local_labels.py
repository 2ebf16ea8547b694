"""The labels of a local datastore: saved, listed, gone back to."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, update

from jlabel.datastores import disk, label_rows
from jlabel.datastores.base import FINAL, LabelVersion
from jlabel.datastores.label_rows import ImageRef, Label
from jlabel.datastores.local_folder import LocalFolder
from jlabel.datastores.models import LabelRow, VersionRow
from jlabel.datastores.names import check_tag
from jlabel.errors import DatastoreError
from jlabel.imaging.image import Image
from jlabel.imaging.labels import label_extension, label_writer
from jlabel.imaging.names import is_image_name, split_image_name
from jlabel.imaging.reading import read_image
from jlabel.imaging.watch import UNWATCHED, Watch


class LocalLabels(LocalFolder):
    """Labels beside the images, under ``labels/<tag>/``, and their versions."""

    def get_labels_by_image_id(self, image_id: str) -> dict[str, str]:
        image = self._image(image_id)
        query = select(LabelRow.tag).where(LabelRow.image_pk == image.pk, LabelRow.number.is_not(None))
        with self._catalogue.read() as connection:
            tags = list(connection.scalars(query.order_by(LabelRow.tag)))
        return {tag: image_id for tag in tags if self._labels.current(ImageRef(image.pk, image_id), tag) is not None}

    def get_label_uri(self, image_id: str, tag: str = FINAL) -> str:
        label = self._label(image_id, tag)
        return str(self._labels.file(tag, image_id, label.ext or ""))

    def get_label_info(self, image_id: str, tag: str = FINAL) -> dict[str, Any]:
        label = self._label(image_id, tag)
        with self._catalogue.read() as connection:
            return dict(connection.execute(select(VersionRow.info).where(*_current_version(label))).scalar_one())

    def update_label_info(self, image_id: str, tag: str, info: Mapping[str, Any]) -> None:
        image = self._image(image_id)
        with self._catalogue.write() as connection:
            label = self._labels.up_to_date(connection, ImageRef(image.pk, image_id), check_tag(tag))
            if label is None or label.number is None:
                raise _no_label(image_id, tag)
            known = connection.execute(select(VersionRow.info).where(*_current_version(label))).scalar_one()
            connection.execute(update(VersionRow).where(*_current_version(label)).values(info={**known, **info}))

    def save_label(
        self,
        image_id: str,
        label: NDArray[np.generic] | Path | str,
        tag: str = FINAL,
        info: Mapping[str, Any] | None = None,
        *,
        author: str | None = None,
        image: Image | None = None,
        watch: Watch = UNWATCHED,
    ) -> str:
        """See :meth:`Datastore.save_label`; ``author`` is who made this label, if not the datastore's author.

        A label file is taken over as it is, whatever its grid; an array is checked against the image.
        """
        key = self._image(image_id)
        check_tag(tag)
        ext, write = self._writer(image_id, label, image, watch.part(0, 0.95))
        version = dict(info or {})
        self._labels.save(ImageRef(key.pk, image_id), tag, ext, write, version, author or self._author, watch)
        return image_id

    def remove_label(self, image_id: str, tag: str) -> None:
        image = self._image(image_id)
        self._labels.remove(ImageRef(image.pk, image_id), check_tag(tag))

    def label_history(self, image_id: str, tag: str = FINAL) -> list[LabelVersion]:
        image = self._image(image_id)
        now = self._labels.current(ImageRef(image.pk, image_id), check_tag(tag))
        with self._catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
            rows = [] if label is None else label_rows.versions(connection, label.pk)
        return [
            LabelVersion(
                number=row.number,
                time=datetime.fromtimestamp(row.time, UTC),
                author=row.author,
                bytes=row.size,
                sha256=row.sha256,
                info=dict(row.info),
                current=now is not None and row.number == now.number,
            )
            for row in rows
        ]

    def get_version_uri(self, image_id: str, version: int, tag: str = FINAL) -> str:
        image = self._image(image_id)
        return str(self._labels.version_file(ImageRef(image.pk, image_id), check_tag(tag), version)[1])

    def restore_label(self, image_id: str, version: int, tag: str = FINAL) -> str:
        image = self._image(image_id)
        self._labels.restore(ImageRef(image.pk, image_id), check_tag(tag), version, self._author)
        return image_id

    def _writer(
        self, image_id: str, label: NDArray[np.generic] | Path | str, image: Image | None, watch: Watch
    ) -> tuple[str, disk.Write]:
        if isinstance(label, Path | str):
            source = Path(label)
            if not is_image_name(source.name):
                raise DatastoreError(
                    f"{source}: this is not a label file, its name has no extension of an image format"
                )
            return split_image_name(source.name)[1], lambda target: disk.stage(source, target)
        content = image if image is not None else read_image(self.get_image_uri(image_id))

        def write(target: Path) -> None:
            disk.write_new(target, label_writer(target, label, content, watch))

        return label_extension(content), write

    def _label(self, image_id: str, tag: str) -> Label:
        image = self._image(image_id)
        label = self._labels.current(ImageRef(image.pk, image_id), check_tag(tag))
        if label is None:
            raise _no_label(image_id, tag)
        return label


def _current_version(label: Label) -> tuple[Any, Any]:
    return VersionRow.label_pk == label.pk, VersionRow.number == label.number


def _no_label(image_id: str, tag: str) -> DatastoreError:
    return DatastoreError(f"image {image_id!r} has no label with the tag {tag!r}")
