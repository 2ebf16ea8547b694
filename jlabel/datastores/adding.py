"""Taking a new image into a studies folder, without ever writing over a file."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path

from sqlalchemy import select, update

from jlabel.datastores import disk, queue
from jlabel.datastores.images import insert_image
from jlabel.datastores.models import PRESENT, REMOVED, ImageRow
from jlabel.datastores.names import check_image_id, check_writable_place
from jlabel.datastores.studies import StudiesFolder
from jlabel.errors import DatastoreError
from jlabel.imaging.dicom_sniff import is_dicom_folder
from jlabel.imaging.names import is_image_name, split_image_name

_HEADERS = (".mhd", ".nhdr")


def add_image(studies: StudiesFolder, image_id: str | None, source: Path) -> str:
    """Copy the file or DICOM folder in, or take in one that is there already, and return its id.

    Raises:
        DatastoreError: It is no image, the id is unsafe or taken, or it cannot be copied.
    """
    source = Path(os.path.abspath(source.expanduser()))  # noqa: PTH100 - links in the path are kept
    if not source.exists():
        raise DatastoreError(f"{source}: there is no such file to add")
    if source.is_relative_to(studies.images_top):
        return _take_in(studies, source)
    series = source.is_dir()
    stem, ext = (source.name, "") if series else split_image_name(source.name)
    _check_kind(source, ext.lower(), series)
    image_id = check_image_id(stem if image_id is None else image_id)
    path = f"{image_id}{ext}"
    target = studies.images_top / path
    check_writable_place(studies.root, target)
    with studies.catalogue.read() as connection:
        if connection.scalar(select(ImageRow.pk).where(ImageRow.id == image_id)) is not None:
            raise DatastoreError(
                f"{image_id!r} is already the id of an image, perhaps of a missing or removed one: use another"
            )
    with disk.explained(f"{target}: the image could not be added"):
        disk.make_folder(target.parent)
        _copy(source, target, studies.files.work, series)
    with studies.catalogue.write() as connection:
        # Another process that refreshed at this moment has taken it in already.
        known = connection.scalar(select(ImageRow.id).where(ImageRow.path == path))
        if known is None:
            queue.place(connection, insert_image(connection, image_id, path, series=series))
    return known or image_id


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
            queue.place(connection, row.pk)
        return str(row.id)


def _check_kind(source: Path, ext: str, series: bool) -> None:
    if series and not is_dicom_folder(source):
        raise DatastoreError(f"{source}: this folder is not one DICOM series; add its files one by one")
    if not series and not is_image_name(source.name):
        raise DatastoreError(f"{source}: this is not an image, its name has no extension of an image format")
    if ext in _HEADERS:
        raise DatastoreError(
            f"{source}: the voxels are in a file of their own; copy both into the studies folder and call refresh()"
        )


def _copy(source: Path, target: Path, work: Path, series: bool) -> None:
    if target.exists():
        raise DatastoreError(f"{target}: there is a file of that name already, and it is not written over")
    staged = work / secrets.token_hex(8)
    try:
        if series:
            shutil.copytree(source, staged)
            staged.rename(target)
        else:
            partner = source.with_suffix(".img")
            if source.suffix.lower() == ".hdr" and partner.is_file():
                _place(partner, target.with_name(f"{target.name[:-4]}.img"), staged)
            _place(source, target, staged)
        disk.sync_folder(target.parent)
    finally:
        if staged.is_dir():
            shutil.rmtree(staged, ignore_errors=True)
        else:
            staged.unlink(missing_ok=True)


def _place(source: Path, target: Path, staged: Path) -> None:
    disk.copy(source, staged)
    if target.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    disk.link(staged, target)
