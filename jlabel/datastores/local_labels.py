"""The labels of a local datastore: saved, listed, gone back to."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select, update

from jlabel.datastores import disk, label_rows
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.label_batches import StagedLabel
from jlabel.datastores.label_history import history_list
from jlabel.datastores.label_rows import ImageRef, Label, Version
from jlabel.datastores.label_version import FINAL, LabelVersion
from jlabel.datastores.labelled_image import LabelledImage
from jlabel.datastores.local_folder import LocalFolder
from jlabel.datastores.new_label import NewLabel
from jlabel.datastores.safe_names import check_image_id, check_tag
from jlabel.datastores.tables import PRESENT, REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.datastores.version_notes import VersionNote, read_notes
from jlabel.errors import DatastoreError
from jlabel.imaging.file_names import is_image_name, split_image_name
from jlabel.imaging.formats.reading import read_image
from jlabel.imaging.image import Image
from jlabel.imaging.label_files import label_extension, label_writer
from jlabel.imaging.label_values import label_array
from jlabel.progress import NO_PROGRESS, Progress

# Labels that are decided in one transaction.
_TOGETHER = 1024


class LocalLabels(LocalFolder):
    """Labels beside the images, under ``labels/<tag>/``, and their versions."""

    def get_labels_by_image_id(self, image_id: str) -> dict[str, str]:
        image = self._image(image_id)
        query = select(LabelRow.tag).where(LabelRow.image_pk == image.pk, LabelRow.number.is_not(None))
        with self._catalogue.read() as connection:
            tags = list(connection.scalars(query.order_by(LabelRow.tag)))
        return {tag: image.id for tag in tags if self._labels.current(ImageRef(image.pk, image.id), tag) is not None}

    def get_label_uri(self, image_id: str, tag: str = FINAL) -> str:
        label = self._label(image_id, tag)
        return str(self._labels.file(tag, label.image_id, label.ext or ""))

    def get_label_info(self, image_id: str, tag: str = FINAL) -> dict[str, Any]:
        label = self._label(image_id, tag)
        with self._catalogue.read() as connection:
            return dict(connection.execute(select(VersionRow.info).where(*_current_version(label))).scalar_one())

    def update_label_info(self, image_id: str, tag: str, info: Mapping[str, Any]) -> None:
        image = self._image(image_id)
        with self._catalogue.write() as connection:
            label = self._labels.up_to_date(connection, ImageRef(image.pk, image.id), check_tag(tag))
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
        progress: Progress = NO_PROGRESS,
    ) -> str:
        """See :meth:`Datastore.save_label`; ``author`` is who made this label, if not the datastore's author.

        A label file is taken over as it is, whatever its grid; an array is checked against the image.
        """
        key = self._image(image_id)
        check_tag(tag)
        ext, fill = self._filler(key.id, label, image, progress.part(0, 0.95))
        version = dict(info or {})
        place, who = ImageRef(key.pk, key.id), author or self._author
        self._labels.save(place, tag, ext, lambda target: disk.write_new(target, fill), version, who, progress)
        return key.id

    def save_labels(self, labels: Iterable[NewLabel], tag: str = FINAL, progress: Progress = NO_PROGRESS) -> int:
        """See :meth:`Datastore.save_labels`; so many are saved together that the disk is not waited for at each."""
        check_tag(tag)
        staged: dict[str, StagedLabel] = {}
        count = 0
        try:
            with self._labels.staging() as stage:
                for one in labels:
                    progress.check()
                    if one.image_id in staged or len(staged) >= _TOGETHER:
                        count += self._save_staged(staged, tag)
                    ext, fill = self._filler(one.image_id, one.label, one.image, NO_PROGRESS)
                    staged[one.image_id] = stage(ext, fill, one.info, one.author or self._author)
        finally:
            # What came before an error or an interrupt is saved.
            count += self._save_staged(staged, tag)
        return count

    def _save_staged(self, staged: dict[str, StagedLabel], tag: str) -> int:
        labels = dict(staged)
        staged.clear()
        try:
            images = self._refs(labels)
        except BaseException:
            self._labels.drop_staged(labels.values())
            raise
        if labels:
            self._labels.save_staged({images[image_id]: label for image_id, label in labels.items()}, tag)
        return len(labels)

    def _refs(self, image_ids: Iterable[str]) -> dict[str, ImageRef]:
        """The keys of images, asked for together."""
        wanted = list(image_ids)
        with self._catalogue.read() as connection:
            found = {
                image_id: ImageRef(pk, image_id)
                for chunk in chunks(wanted)
                for pk, image_id in connection.execute(_present(chunk))
            }
        for image_id in wanted:
            if image_id not in found:
                key = self._image(image_id)  # an id that is spelled otherwise
                found[image_id] = ImageRef(key.pk, key.id)
        return found

    def remove_label(self, image_id: str, tag: str) -> None:
        image = self._image(image_id)
        self._labels.remove(ImageRef(image.pk, image.id), check_tag(tag))

    def label_history(self, image_id: str, tag: str = FINAL) -> list[LabelVersion]:
        image = self._image(image_id)
        now = self._labels.current(ImageRef(image.pk, image.id), check_tag(tag))
        with self._catalogue.read() as connection:
            label = label_rows.find(connection, image.pk, tag)
            rows = [] if label is None else label_rows.versions(connection, label.pk)
        versions = [_label_version(row, now is not None and row.number == now.number) for row in rows]
        return history_list(versions, image_id, tag)

    def version_notes(self, key: str) -> list[VersionNote]:
        with self._catalogue.read() as connection:
            return read_notes(connection, key)

    def current_version(self, image_id: str, tag: str = FINAL) -> LabelVersion | None:
        row = self._labels.current_version(check_image_id(image_id), check_tag(tag))
        return _label_version(row, True) if row is not None else super().current_version(image_id, tag)

    def labels_by_author(self, tag: str = FINAL) -> dict[str, int]:
        query = (
            select(VersionRow.author, func.count())
            .select_from(LabelRow)
            .join(ImageRow, ImageRow.pk == LabelRow.image_pk)
            .join(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
            .where(LabelRow.tag == check_tag(tag), ImageRow.state == PRESENT)
            .group_by(VersionRow.author)
        )
        with self._catalogue.read() as connection:
            return {author or "": count for author, count in connection.execute(query)}

    def labelled_images(self, tag: str = FINAL) -> list[LabelledImage]:
        self._labels.settle()
        with self._catalogue.read() as connection:
            rows = label_rows.find_labelled(connection, check_tag(tag))
        found = []
        for path, info, label, version in rows:
            if label.pending or not self._labels.is_unchanged(label):
                # Another program was at it: it is looked at by itself.
                now = self._labels.current(ImageRef(label.image_pk, label.image_id), tag)
                current = None if now is None else self._labels.current_version(label.image_id, tag)
                if now is None or current is None:
                    continue
                label, version = now, current
            uris = str(self._studies.image_file(path)), str(self._labels.file(tag, label.image_id, label.ext or ""))
            found.append(LabelledImage(label.image_id, *uris, _label_version(version, True), info))
        return found

    def get_version_uri(self, image_id: str, version: int, tag: str = FINAL) -> str:
        image = self._image(image_id)
        return str(self._labels.version_file(ImageRef(image.pk, image.id), check_tag(tag), version)[1])

    def restore_label(self, image_id: str, version: int, tag: str = FINAL) -> str:
        image = self._image(image_id)
        self._labels.restore(ImageRef(image.pk, image.id), check_tag(tag), version, self._author)
        return image.id

    def _filler(
        self, image_id: str, label: NDArray[np.generic] | Path | str, image: Image | None, progress: Progress
    ) -> tuple[str, Callable[[BinaryIO], object]]:
        """The extension of a label's file, and what writes its bytes."""
        if isinstance(label, Path | str):
            source = Path(label)
            if not is_image_name(source.name):
                raise DatastoreError(
                    f"{source}: this is not a label file, its name has no extension of an image format"
                )
            return split_image_name(source.name)[1], lambda out: disk.copy_bytes(source, out)
        content = image if image is not None else read_image(self.get_image_uri(image_id))
        values = label_array(label, f"the label of {image_id!r}", content.shape)
        ext = label_extension(content)
        return ext, label_writer(Path(f"{image_id}{ext}"), values, content, progress)

    def _label(self, image_id: str, tag: str) -> Label:
        image = self._image(image_id)
        label = self._labels.current(ImageRef(image.pk, image.id), check_tag(tag))
        if label is None:
            raise _no_label(image_id, tag)
        return label


def _label_version(row: Version, current: bool) -> LabelVersion:
    return LabelVersion(
        number=row.number,
        time=datetime.fromtimestamp(row.time, UTC),
        author=row.author,
        bytes=row.size,
        sha256=row.sha256,
        info=dict(row.info),
        current=current,
    )


def _current_version(label: Label) -> tuple[Any, Any]:
    return VersionRow.label_pk == label.pk, VersionRow.number == label.number


def _no_label(image_id: str, tag: str) -> DatastoreError:
    return DatastoreError(f"image {image_id!r} has no label with the tag {tag!r}")


def _present(image_ids: Sequence[str]) -> Any:
    return select(ImageRow.pk, ImageRow.id).where(ImageRow.id.in_(image_ids), ImageRow.state != REMOVED)
