"""Taking a new image into a studies folder, without ever writing over a file."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select, update

from jlabel.datastores import disk, image_queue
from jlabel.datastores.database.statements import is_spelling_of
from jlabel.datastores.image_rows import insert_image
from jlabel.datastores.safe_names import check_image_id, check_writable_place
from jlabel.datastores.spelling import canonical
from jlabel.datastores.studies import StudiesFolder
from jlabel.datastores.tables import PRESENT, REMOVED, ImageRow
from jlabel.errors import DatastoreError
from jlabel.files.file_operations import make_folder, remove_file, remove_tree, replace, sync_folder
from jlabel.files.folder_handle import FolderHandle
from jlabel.files.temporary import temporary_name
from jlabel.imaging.file_names import is_image_name, split_image_name
from jlabel.imaging.formats.dicom_folder import is_dicom_folder
from jlabel.imaging.formats.dicom_sniff import is_dicom

_HEADERS = (".mhd", ".nhdr")


@dataclass(frozen=True)
class NewImage:
    """An image that is to be added.

    Attributes:
        source: Its file, or the folder of its series, absolute.
        image_id: Its id.
        path: Where it comes to be, below the top of the images.
        is_series: Whether it is a folder.
    """

    source: Path
    image_id: str
    path: str
    is_series: bool


def add_image(studies: StudiesFolder, image_id: str | None, source: Path) -> str:
    """Copy the file or DICOM folder in, or take in one that is there already, and return its id.

    Raises:
        DatastoreError: It is no image, the id is unsafe or taken, or it cannot be copied.
    """
    studies.catalogue.check_writing()
    source = _absolute(source)
    if source.is_relative_to(studies.images_top):
        return _take_in(studies, source)
    new = check_new_image(studies, image_id, source)
    image_id, path, series = new.image_id, new.path, new.is_series
    target = studies.images_top / path
    check_writable_place(studies.root, target)
    with disk.explained(f"{target}: the image could not be added"):
        make_folder(target.parent, durable=True)
        _copy(source, target, studies.files.work, series)
    with studies.catalogue.write() as connection:
        # Another process that refreshed at this moment has taken it in already.
        known = connection.scalar(select(ImageRow.id).where(ImageRow.path == path))
        if known is None:
            with _removed_on_error(target):
                _check_free(connection, image_id)  # asked again: another process may have added one meanwhile
            image_queue.place(connection, insert_image(connection, image_id, path, series=series))
    return known or image_id


def check_new_image(studies: StudiesFolder, image_id: str | None, source: Path) -> NewImage:
    """What a file or DICOM folder that is to be added becomes.

    Raises:
        DatastoreError: It is no image, or the id is unsafe or taken.
    """
    source = _absolute(source)
    series = source.is_dir()
    stem, ext = (source.name, "") if series else split_image_name(source.name)
    _check_kind(source, ext.lower(), series)
    image_id = canonical(check_image_id(stem if image_id is None else image_id))
    path = f"{image_id}{ext}"
    if (studies.images_top / path).is_relative_to(studies.files.top):
        raise DatastoreError(f"{image_id!r} lies in the folder of the labels, {studies.files.top}: choose another id")
    with studies.catalogue.read() as connection:
        _check_free(connection, image_id)
    return NewImage(source, image_id, path, series)


def _absolute(source: Path) -> Path:
    source = Path(os.path.abspath(source.expanduser()))  # noqa: PTH100 - links in the path are kept
    if not source.exists():
        raise DatastoreError(f"{source}: there is no such file to add")
    return source


def _check_free(connection: Connection, image_id: str) -> None:
    taken = is_spelling_of(connection, ImageRow.id, image_id)
    if connection.scalar(select(ImageRow.pk).where(taken).limit(1)) is not None:
        raise DatastoreError(
            f"{image_id!r} is already the id of an image, perhaps of a missing or removed one: use another"
        )


@contextlib.contextmanager
def _removed_on_error(copy: Path) -> Iterator[None]:
    try:
        yield
    except DatastoreError:
        with contextlib.suppress(OSError):
            shutil.rmtree(copy) if copy.is_dir() else copy.unlink(missing_ok=True)
        raise


def _take_in(studies: StudiesFolder, source: Path) -> str:
    studies.update()
    path = source.relative_to(studies.images_top).as_posix()
    with studies.catalogue.write() as connection:
        row = connection.execute(
            select(ImageRow.pk, ImageRow.id, ImageRow.state).where(ImageRow.path == path)
        ).one_or_none()
        if row is None:
            raise DatastoreError(f"{source}: this is not an image, or is hidden, a label or part of an image")
        if row.state == REMOVED:
            connection.execute(update(ImageRow).where(ImageRow.pk == row.pk).values(state=PRESENT))
            image_queue.place(connection, row.pk)
        return str(row.id)


def _check_kind(source: Path, ext: str, series: bool) -> None:
    if series and not is_dicom_folder(source):
        raise DatastoreError(f"{source}: this folder is not one DICOM series; add its files one by one")
    if not series and not is_image_name(source.name) and not is_dicom(source):
        raise DatastoreError(
            f"{source}: this is not an image, its name has no extension of an image format and it is no DICOM file"
        )
    if ext in _HEADERS:
        raise DatastoreError(
            f"{source}: the voxels are in a file of their own; copy both into the studies folder and call refresh()"
        )


def _copy(source: Path, target: Path, work: Path, series: bool) -> None:
    if os.path.lexists(target):
        raise DatastoreError(f"{target}: there is a file of that name already, and it is not written over")
    staged = work / temporary_name()
    try:
        if series:
            with FolderHandle.make(staged) as folder:
                _copy_tree(source, folder)
            replace(staged, target)
        else:
            partner = source.with_suffix(".img")
            if source.suffix.lower() == ".hdr" and partner.is_file():
                _place(partner, target.with_name(f"{target.name[:-4]}.img"), staged, work)
            _place(source, target, staged, work)
        sync_folder(target.parent)
    finally:
        remove_tree(staged, ignore_errors=True) if series else remove_file(staged)


def _copy_tree(source: Path, folder: FolderHandle) -> None:
    for entry in source.iterdir():
        if entry.is_dir():
            with folder.made(entry.name) as inner:
                _copy_tree(entry, inner)
        else:
            descriptor = folder.open(entry.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with entry.open("rb") as file, os.fdopen(descriptor, "wb") as out:
                shutil.copyfileobj(file, out, 1 << 20)


def _place(source: Path, target: Path, staged: Path, work: Path) -> None:
    disk.copy(source, staged)
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    disk.link(staged, target, work)
