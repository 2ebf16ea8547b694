"""A folder of images as a datastore."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

import contextlib
import getpass
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select, update

from jlabel.datastores import adding, browse_rows, disk, drafts, label_rows, queue, settings
from jlabel.datastores.base import FINAL, Datastore, LabelVersion, label_names
from jlabel.datastores.browsing import ImagePage, check_page
from jlabel.datastores.catalogue import get_setting, set_setting
from jlabel.datastores.images import ImageKey, find_image
from jlabel.datastores.label_rows import ImageRef, Label
from jlabel.datastores.models import MISSING, PRESENT, REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.datastores.names import check_image_id, check_tag, check_writable_place
from jlabel.datastores.studies import OWN_FOLDER, StudiesFolder
from jlabel.errors import DatastoreError
from jlabel.imaging.image import Image
from jlabel.imaging.labels import label_extension, label_writer
from jlabel.imaging.names import is_image_name, split_image_name
from jlabel.imaging.reading import read_image
from jlabel.imaging.watch import UNWATCHED, Watch


class LocalDatastore(Datastore):
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
        self._studies = StudiesFolder(folder, timeout)
        self._catalogue = self._studies.catalogue
        self._labels = self._studies.files
        self._author = author or _login_name()
        if name is not None:
            self.set_name(name)

    @property
    def folder(self) -> Path:
        """The studies folder."""
        return self._studies.root

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

    def draft_file(self, image_id: str, session: str) -> Path:
        """In ``.jlabel/drafts``, beside the catalogue."""
        file = drafts.draft_path(self._own("drafts"), check_image_id(image_id), session)
        check_writable_place(self.folder, file)
        return file

    def jobs_folder(self) -> Path:
        """In ``.jlabel/jobs``, beside the catalogue."""
        folder = self.folder / ".jlabel" / "jobs"
        check_writable_place(self.folder, folder)
        return folder

    def draft_files(self, image_id: str) -> list[Path]:
        return drafts.draft_paths(self._own("drafts"), check_image_id(image_id))

    def drafted_images(self) -> set[str]:
        return drafts.drafted_ids(self._own("drafts"))

    def cache_folder(self, name: str) -> Path:
        """In ``.jlabel``, beside the catalogue."""
        folder = self._own(check_tag(name))
        check_writable_place(self.folder, folder / "any")
        return folder

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

    def models_folder(self) -> Path:
        """In ``.jlabel/models``, beside the catalogue."""
        folder = self.folder / ".jlabel" / "models"
        check_writable_place(self.folder, folder)
        return folder

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

    def _own(self, name: str) -> Path:
        return self.folder / OWN_FOLDER / name

    def _setting(self, key: str) -> str | None:
        with self._catalogue.read() as connection:
            return get_setting(connection, key)

    def _find(self, connection: Connection, image_id: str) -> ImageKey:
        image = find_image(connection, check_image_id(image_id))
        if image is None:
            raise DatastoreError(
                f"there is no image {image_id!r} in {self.folder}; list_images() lists those there are"
            )
        return image

    def _image(self, image_id: str) -> ImageKey:
        with self._catalogue.read() as connection:
            return self._find(connection, image_id)

    def _label(self, image_id: str, tag: str) -> Label:
        image = self._image(image_id)
        label = self._labels.current(ImageRef(image.pk, image_id), check_tag(tag))
        if label is None:
            raise _no_label(image_id, tag)
        return label


def _labeled(tag: str) -> Any:
    return (
        select(ImageRow.id)
        .join(LabelRow, LabelRow.image_pk == ImageRow.pk)
        .join(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
        .where(ImageRow.state == PRESENT, LabelRow.tag == tag)
        .order_by(ImageRow.id)
    )


def _current_version(label: Label) -> tuple[Any, Any]:
    return VersionRow.label_pk == label.pk, VersionRow.number == label.number


def _count(connection: Connection, state: int) -> int:
    return connection.scalar(select(func.count()).select_from(ImageRow).where(ImageRow.state == state)) or 0


def _turns(skipped: bool) -> tuple[tuple[int, ...], ...]:
    return ((queue.WAITING, queue.SKIPPED),) if skipped else ((queue.WAITING,), (queue.SKIPPED,))


def _no_label(image_id: str, tag: str) -> DatastoreError:
    return DatastoreError(f"image {image_id!r} has no label with the tag {tag!r}")


def _login_name() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return None
