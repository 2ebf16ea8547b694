"""A folder of images as a datastore."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, update

from jlabel.datastores import adding, browse_rows, queue, settings
from jlabel.datastores.base import FINAL, label_names
from jlabel.datastores.browsing import ImagePage, check_page
from jlabel.datastores.catalogue import set_setting
from jlabel.datastores.label_rows import ImageRef
from jlabel.datastores.local_labels import LocalLabels
from jlabel.datastores.models import MISSING, PRESENT, REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.datastores.names import check_tag
from jlabel.errors import DatastoreError


class LocalDatastore(LocalLabels):
    """Images in a folder, labels beside them under ``labels/<tag>/``, as MONAI Label lays them out.

    The images are never changed, moved or renamed. An image's id is its path in the folder without extension
    (``"sub/case1"``); a folder that holds one DICOM series is one image. jlabel's own files, the catalogue and the
    earlier versions of labels, are in ``.jlabel`` inside the folder. Several processes may have the same folder open:
    each sees what the others saved at its next call.

    Args:
        folder: The studies folder.
        name: A name for people; without one it is the name given before, or the folder's.
        author: Who saves labels here; without one the login name.
        timeout: For how many seconds to wait while another process writes.

    Raises:
        DatastoreError: The folder is not there, cannot be written, or its catalogue is of a newer jlabel.
    """

    def __init__(
        self, folder: Path | str, name: str | None = None, author: str | None = None, timeout: float = 10.0
    ) -> None:
        super().__init__(folder, author, timeout)
        if name is not None:
            self.set_name(name)

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process opens the folder anew.
        return LocalDatastore, (self.folder, None, self._author, self._catalogue.timeout)

    def __repr__(self) -> str:
        return f"LocalDatastore({str(self.folder)!r})"

    def close(self) -> None:
        """Finish what is open and close the catalogue; one that is no longer referred to closes by itself."""
        with contextlib.suppress(DatastoreError):
            self._labels.settle()
        self._catalogue.close()

    def name(self) -> str:
        return self._setting("name") or self.folder.name

    def set_name(self, name: str) -> None:
        with self._catalogue.write() as connection:
            set_setting(connection, "name", name)

    def description(self) -> str:
        return self._setting("description") or ""

    def set_description(self, description: str) -> None:
        with self._catalogue.write() as connection:
            set_setting(connection, "description", description)

    def list_images(self) -> list[str]:
        with self._catalogue.read() as connection:
            query = select(ImageRow.id).where(ImageRow.state == PRESENT).order_by(ImageRow.id)
            return list(connection.scalars(query))

    def get_labeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        query = _labeled(check_tag(label_tag or FINAL)).add_columns(VersionRow.info)
        with self._catalogue.read() as connection:
            if not labels:
                return [row[0] for row in connection.execute(query)]
            wanted = set(labels)
            return [row[0] for row in connection.execute(query) if wanted <= label_names(row[-1])]

    def get_image_uri(self, image_id: str) -> str:
        image = self._image(image_id)
        file = self._studies.image_file(image.path)
        if file.exists():
            return str(file)
        with self._catalogue.write() as connection:
            connection.execute(update(ImageRow).where(ImageRow.pk == image.pk).values(state=MISSING))
            queue.place(connection, image.pk)
        raise DatastoreError(
            f"{file}: the file of image {image_id!r} is gone. Its labels are kept; put it back and call refresh()"
        )

    def get_image_info(self, image_id: str) -> dict[str, Any]:
        with self._catalogue.read() as connection:
            image = self._find(connection, image_id)
            return dict(connection.execute(select(ImageRow.info).where(ImageRow.pk == image.pk)).scalar_one())

    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        with self._catalogue.write() as connection:
            image = self._find(connection, image_id)
            known = connection.execute(select(ImageRow.info).where(ImageRow.pk == image.pk)).scalar_one()
            connection.execute(update(ImageRow).where(ImageRow.pk == image.pk).values(info={**known, **info}))
            if "skipped" in info:
                queue.place(connection, image.pk)

    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        """Copy an image file, or a folder of one DICOM series, into the studies folder.

        A file that lies in the studies folder already is only taken into the catalogue, with the id that its path
        gives.
        """
        added = adding.add_image(self._studies, image_id, Path(filename))
        if info:
            self.update_image_info(added, info)
        return added

    def remove_image(self, image_id: str) -> None:
        """Forget the image: its file stays where it is, its labels stay in their history, and nothing lists it any
        more.

        :meth:`add_image` with the file brings it back.
        """
        image = self._image(image_id)
        for tag in self.get_labels_by_image_id(image_id):
            self._labels.remove(ImageRef(image.pk, image_id), tag)
        with self._catalogue.write() as connection:
            connection.execute(update(ImageRow).where(ImageRow.pk == image.pk).values(state=REMOVED))
            queue.place(connection, image.pk)

    def browse(
        self, search: str = "", state: str | None = None, offset: int = 0, limit: int = 50, tag: str = FINAL
    ) -> ImagePage:
        check_page(state, offset, limit)
        drafted = self.drafted_images()
        with self._catalogue.read() as connection:
            return browse_rows.browse(connection, search, state, offset, limit, check_tag(tag), drafted)

    def setting(self, name: str) -> dict[str, Any] | None:
        with self._catalogue.read() as connection:
            return settings.find(connection, name)

    def change_setting(
        self, name: str, change: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        with self._catalogue.write() as connection:
            return settings.change(connection, name, change)

    def datalist(self, full_path: bool = True, tag: str = FINAL) -> list[dict[str, str]]:
        self._labels.settle()
        with self._catalogue.read() as connection:
            rows = connection.execute(_labeled(check_tag(tag)).add_columns(ImageRow.path, VersionRow.ext)).all()
        images, labels = self._studies.images_top, self._labels.top / tag
        if not full_path:
            images, labels = images.relative_to(self.folder), labels.relative_to(self.folder)
        return [{"image": str(images / path), "label": str(labels / f"{key}{ext}")} for key, path, ext in rows]

    def refresh(self) -> None:
        self._studies.update()

    def status(self) -> dict[str, Any]:
        """``total``, ``labelled``, ``unlabelled``, ``skipped`` and ``missing`` images, ``label_tags`` with the number
        of labels of each, ``name``, ``description``, ``folder`` and ``notes``."""
        with self._catalogue.read() as connection:
            total, missing = _count(connection, PRESENT), _count(connection, MISSING)
            skipped = queue.length(connection, queue.SKIPPED)
            unlabelled = queue.length(connection, queue.WAITING) + skipped
            tags = connection.execute(
                select(LabelRow.tag, func.count()).where(LabelRow.number.is_not(None)).group_by(LabelRow.tag)
            ).all()
        return {
            "name": self.name(),
            "description": self.description(),
            "folder": str(self.folder),
            "total": total,
            "labelled": total - unlabelled,
            "unlabelled": unlabelled,
            "skipped": skipped,
            "missing": missing,
            "label_tags": {tag: count for tag, count in tags},  # noqa: C416 - a row is not typed as a pair
            "notes": self._studies.notes(),
        }

    def count_images(self) -> int:
        with self._catalogue.read() as connection:
            return _count(connection, PRESENT)

    def count_labeled(self) -> int:
        with self._catalogue.read() as connection:
            unlabelled = sum(queue.length(connection, kind) for kind in (queue.WAITING, queue.SKIPPED))
            return _count(connection, PRESENT) - unlabelled

    def first_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        with self._catalogue.read() as connection:
            found = (queue.first(connection, kinds, exclude) for kinds in _turns(skipped))
            return next((image_id for image_id in found if image_id is not None), None)

    def random_unlabeled(
        self, rng: random.Random, exclude: Collection[str] = (), *, skipped: bool = False
    ) -> str | None:
        with self._catalogue.read() as connection:
            found = (queue.draw(connection, kinds, rng, exclude) for kinds in _turns(skipped))
            return next((image_id for image_id in found if image_id is not None), None)


def _labeled(tag: str) -> Any:
    return (
        select(ImageRow.id)
        .join(LabelRow, LabelRow.image_pk == ImageRow.pk)
        .join(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
        .where(ImageRow.state == PRESENT, LabelRow.tag == tag)
        .order_by(ImageRow.id)
    )


def _count(connection: Connection, state: int) -> int:
    return connection.scalar(select(func.count()).select_from(ImageRow).where(ImageRow.state == state)) or 0


def _turns(skipped: bool) -> tuple[tuple[int, ...], ...]:
    return ((queue.WAITING, queue.SKIPPED),) if skipped else ((queue.WAITING,), (queue.SKIPPED,))
