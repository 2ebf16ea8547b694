"""A folder of images as a datastore."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import String, bindparam, func, or_, select, type_coerce, update

from jlabel.datastores import adding, adding_many, browse_rows, image_queue, score_rows, settings, tag_rows
from jlabel.datastores.browsing import ImageOrder, ImagePage, ScoreKey, check_page
from jlabel.datastores.database.address import PostgresAddress
from jlabel.datastores.dicom_contents import DicomContents, dicom_contents
from jlabel.datastores.image_tags import ImageTag, TagFilter, image_tag, model_tag
from jlabel.datastores.label_rows import ImageRef
from jlabel.datastores.label_version import FINAL, label_names
from jlabel.datastores.local_waiting import UNLABELED, LocalWaitingImages, count_of, labeled_images
from jlabel.datastores.patients import PATIENT_KEYS, patient_in
from jlabel.datastores.readings import READERS_KEY
from jlabel.datastores.safe_names import check_image_id, check_tag, check_text
from jlabel.datastores.setting_rows import set_setting
from jlabel.datastores.tables import MISSING, PRESENT, REMOVED, ImageRow, LabelRow, VersionRow
from jlabel.datastores.unreadable import UNREADABLE_KEY, UNSHOWN_KEY, is_another_file
from jlabel.errors import DatastoreError
from jlabel.imaging.formats.dicom_groups import path_on_disk
from jlabel.progress import NO_PROGRESS, Progress


class LocalDatastore(LocalWaitingImages):
    """A datastore in a folder of images.

    Labels are in the folders ``labels/<tag>/`` inside of it, the layout of MONAI Label. Images are never changed, moved
    or renamed. An image's id is its path in the folder without extension (``"sub/case1"``). DICOM files are recognized
    by their bytes: a folder that holds one series is one image, whatever lies beside it, and of several series in a
    folder each is one (``"sub/3_t1_mprage"``). jlabel's own files, the catalogue and the earlier versions of labels,
    are in ``.jlabel`` inside the folder. Several processes may have the same folder open: each sees what the others
    saved at its next call.

    Args:
        folder: The studies folder.
        name: Shown to users; if not given, the name given before, or the folder's.
        author: Who saves labels here; the login name if not given.
        timeout: How many seconds to wait while another process writes.
        catalogue: Where the catalogue is: ``postgresql://user@host/database?schema=name``, or a path. If not given,
            where the folder remembers it to be; else what ``JLABEL_CATALOGUE`` names in the environment; else a file in
            the folder. A password is best left to ``JLABEL_CATALOGUE_PASSWORD``, ``~/.pgpass`` or the keyring.

    Raises:
        DatastoreError: The folder does not exist, cannot be written, or its catalogue is of a newer jlabel, that of
            another folder, or on a server that cannot be reached.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies, author="mia")
        >>> datastore.list_images()
        ['case_0', 'case_1', 'case_2']
        >>> image = jlabel.read_image(datastore.get_image_uri("case_1"))
        >>> datastore.save_label("case_1", image.array > 70, info={"comment": "threshold"})
        'case_1'
        >>> datastore.get_label_uri("case_1") == str(studies / "labels" / "final" / "case_1.nii.gz")
        True
        >>> datastore.get_label_info("case_1")["comment"]
        'threshold'
        >>> datastore.close()
    """

    def __init__(
        self,
        folder: Path | str,
        name: str | None = None,
        author: str | None = None,
        timeout: float = 10.0,
        catalogue: str | Path | PostgresAddress | None = None,
    ) -> None:
        super().__init__(folder, author, timeout, catalogue)
        if name is not None:
            self.set_name(name)

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process opens the folder anew.
        address = None if self._studies.has_own_catalogue else self._catalogue.address
        return LocalDatastore, (self.folder, None, self._author, self._catalogue.timeout, address)

    def __repr__(self) -> str:
        return f"LocalDatastore({str(self.folder)!r})"

    @property
    def one_machine(self) -> bool:
        """Whether its catalogue is a file: SQLite's are for one machine."""
        return isinstance(self._catalogue.address, Path)

    def close(self) -> None:
        """Finish what is being written, and close the catalogue; this also happens when the object is deleted."""
        with contextlib.suppress(DatastoreError):
            self._labels.settle()
        self._studies.close()

    def migrate_catalogue(self, to: str | Path, progress: Progress = NO_PROGRESS) -> str:
        """Move the catalogue to another database; images and labels stay where they are.

        It is copied in one transaction, and the copy is compared row by row. Then the folder goes over to it at once:
        wherever this is interrupted, one of the two is the catalogue, and has everything. The former one is kept: a
        file gets the name ``catalogue.sqlite.moved-…``. Others who have the studies open are told to open them again.

        Args:
            to: ``postgresql://user@host/database?schema=name``, the path of a new file, or ``"sqlite"`` for the file in
                the studies folder.
            progress: Hears how far it is, and can cancel it.

        Returns:
            Where it is now, without a password.

        Raises:
            DatastoreError: Somebody writes, or it cannot be moved there; nothing has changed.
            Cancelled: ``progress`` cancelled it; nothing has changed.
        """
        self._labels.settle()
        return self._studies.move_catalogue(to, progress)

    def name(self) -> str:
        return self._setting("name") or self.folder.name

    def set_name(self, name: str) -> None:
        with self._catalogue.write() as connection:
            set_setting(connection, "name", check_text(name, "the name of studies"))

    def description(self) -> str:
        return self._setting("description") or ""

    def set_description(self, description: str) -> None:
        with self._catalogue.write() as connection:
            set_setting(connection, "description", check_text(description, "the description of studies"))

    def list_images(self) -> list[str]:
        with self._catalogue.read() as connection:
            query = select(ImageRow.id).where(ImageRow.state == PRESENT).order_by(ImageRow.id)
            return list(connection.scalars(query))

    def get_labeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        query, wanted = labeled_images(check_tag(label_tag or FINAL)), set(labels or ())
        with self._catalogue.read() as connection:
            if not wanted:
                return list(connection.scalars(query))
            rows = connection.execute(query.add_columns(VersionRow.info))
            return [image_id for image_id, info in rows if wanted <= label_names(info)]

    def canonical_id(self, image_id: str) -> str:
        return self._image(image_id).id

    def get_image_uri(self, image_id: str) -> str:
        image = self._image(image_id)
        file = self._studies.image_file(image.path)
        if path_on_disk(file).exists():
            return str(file)
        with self._catalogue.write(found=True) as connection:
            present = (ImageRow.pk == image.pk, ImageRow.state == PRESENT)  # it may have been removed meanwhile
            connection.execute(update(ImageRow).where(*present).values(state=MISSING))
            image_queue.place(connection, image.pk)
        raise DatastoreError(
            f"{file}: the file of image {image_id!r} is gone. Its labels are kept; put it back and call refresh()"
        )

    def get_image_info(self, image_id: str) -> dict[str, Any]:
        with self._catalogue.read() as connection:
            known = connection.execute(_INFO_BY_ID, {"image_id": check_image_id(image_id)}).scalar_one_or_none()
            if known is not None:
                return dict(known)
        image = self._image(image_id)
        with self._catalogue.read() as connection:
            return dict(connection.execute(_INFO, {"key": image.pk}).scalar_one())

    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        image = self._image(image_id)
        with self._catalogue.write() as connection:
            known = connection.execute(select(ImageRow.info).where(ImageRow.pk == image.pk)).scalar_one()
            connection.execute(update(ImageRow).where(ImageRow.pk == image.pk).values(info={**known, **info}))
            if not _KEYS_OF_QUEUES.isdisjoint(info):
                image_queue.place(connection, image.pk)

    def add_image(self, image_id: str | None, filename: Path | str, info: Mapping[str, Any] | None = None) -> str:
        """Copy an image file, or a folder of one DICOM series, into the studies folder.

        A file that lies in the studies folder already is only taken into the catalogue, with the id that its path
        gives.
        """
        added = adding.add_image(self._studies, image_id, Path(filename))
        if info:
            self.update_image_info(added, info)
        return added

    def add_images(self, images: Iterable[tuple[str, Path]], progress: Progress = NO_PROGRESS) -> list[str]:
        """See :meth:`Datastore.add_images`. The disk is not waited for, as it is by :meth:`add_image`."""
        return adding_many.add_images(self._studies, images, progress)

    def image_uris(self, image_ids: Iterable[str]) -> dict[str, str]:
        with self._catalogue.read() as connection:
            paths = {
                image_id: path
                for chunk in image_queue.chunks(image_ids)
                for image_id, path in connection.execute(_PATHS.where(ImageRow.id.in_(chunk)))
            }
        return {image_id: str(self._studies.image_file(path)) for image_id, path in paths.items()}

    def remove_image(self, image_id: str) -> None:
        """Remove the image from all lists.

        Its file stays where it is, and its labels stay in their history. :meth:`add_image` with the file adds
        it again.
        """
        image = self._image(image_id)
        for tag in self.get_labels_by_image_id(image_id):
            self._labels.remove(ImageRef(image.pk, image.id), tag)
        with self._catalogue.write() as connection:
            connection.execute(update(ImageRow).where(ImageRow.pk == image.pk).values(state=REMOVED))
            image_queue.place(connection, image.pk)
            score_rows.remove(connection, image.pk)

    def browse(
        self,
        search: str = "",
        state: str | None = None,
        offset: int = 0,
        limit: int = 50,
        tag: str = FINAL,
        scores: ScoreKey | None = None,
        order: ImageOrder = "id",
        least_score: float | None = None,
        tagged: TagFilter | None = None,
    ) -> ImagePage:
        check_page(state, offset, limit, order, scores, least_score)
        check_tag(tag)
        drafts = self.workspace.drafted_images()
        with self._catalogue.read() as connection:
            return browse_rows.browse(
                connection,
                search,
                state,
                offset,
                limit,
                tag,
                drafts,
                scores,
                order,
                least_score,
                tagged,
                now=self._clock.now(connection),
            )

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
            rows = connection.execute(labeled_images(check_tag(tag)).add_columns(ImageRow.path, VersionRow.ext)).all()
        images, labels = self._studies.images_top, self._labels.top / tag
        if not full_path:
            images, labels = images.relative_to(self.folder), labels.relative_to(self.folder)
        return [{"image": str(images / path), "label": str(labels / f"{key}{ext}")} for key, path, ext in rows]

    def change_stamp(self) -> Hashable:
        return self._catalogue.stamp()

    def refresh(self) -> None:
        self._studies.update()
        with self._catalogue.read() as connection:
            unreadable = connection.execute(_UNREADABLE).all()
        for image_id, path, info in unreadable:
            if is_another_file(info.get(UNREADABLE_KEY), self._studies.image_file(path)):
                self.update_image_info(image_id, {UNREADABLE_KEY: None})

    def status(self) -> dict[str, Any]:
        """``total``, ``labelled``, ``unlabelled``, ``skipped`` and ``missing`` images, of the unlabelled ones those
        that are ``unreadable`` or whose final label is ``unshown``, ``label_tags`` with the number of labels of each,
        ``name``, ``description``, ``folder`` and ``notes``."""
        with self._catalogue.read() as connection:
            total, missing = count_of(connection, PRESENT), count_of(connection, MISSING)
            lengths = {kind: image_queue.length(connection, kind) for kind in UNLABELED}
            unlabelled = sum(lengths.values())
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
            "skipped": lengths[image_queue.SKIPPED],
            "unreadable": lengths[image_queue.UNREADABLE],
            "unshown": lengths[image_queue.UNSHOWN],
            "missing": missing,
            "label_tags": {tag: count for tag, count in tags},  # noqa: C416 - a row is not typed as a pair
            "notes": self.notes(),
        }

    def notes(self) -> list[str]:
        """What was left out of the folder and why, which usual layout it has, and what was wrong with the catalogue."""
        return self._studies.notes()

    def dicom_contents(self) -> DicomContents:
        with self._catalogue.read() as connection:
            return dicom_contents(connection, self._studies.images_top)

    def patients(self) -> dict[str, str]:
        # Most infos name no patient: they are not read.
        noted = type_coerce(ImageRow.info, String)
        named = or_(*(noted.contains(f'"{key}"', autoescape=True) for key in PATIENT_KEYS))
        query = select(ImageRow.id, ImageRow.info).where(ImageRow.state == PRESENT, named)
        with self._catalogue.read() as connection:
            found = {image_id: patient_in(info) for image_id, info in connection.execute(query)}
        return {image_id: patient for image_id, patient in found.items() if patient}

    def tagged_images(self, classification: str, by_model: bool = False) -> dict[str, ImageTag]:
        read = model_tag if by_model else image_tag
        with self._catalogue.read() as connection:
            found = [(row.id, read(row.info, classification)) for row in tag_rows.noted(connection, classification)]
        return {image_id: tag for image_id, tag in found if tag is not None}


_KEYS_OF_QUEUES = {"skipped", UNREADABLE_KEY, UNSHOWN_KEY, READERS_KEY}
_UNREADABLE = select(ImageRow.id, ImageRow.path, ImageRow.info).where(ImageRow.queue == image_queue.UNREADABLE)


_PATHS = select(ImageRow.id, ImageRow.path).where(ImageRow.state == PRESENT)
_INFO_BY_ID = select(ImageRow.info).where(ImageRow.id == bindparam("image_id"), ImageRow.state != REMOVED)
_INFO = select(ImageRow.info).where(ImageRow.pk == bindparam("key"))
