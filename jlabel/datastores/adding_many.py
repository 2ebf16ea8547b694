"""Taking many new images into a studies folder: copied one after the other, and then found all at once."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from jlabel.datastores import disk
from jlabel.datastores.adding import add_image
from jlabel.datastores.image_queue import chunks
from jlabel.datastores.safe_names import check_image_id, check_writable_place
from jlabel.datastores.spelling import canonical, folded
from jlabel.datastores.studies import StudiesFolder
from jlabel.datastores.tables import ImageRow
from jlabel.errors import DatastoreError
from jlabel.files.temporary import temporary_name
from jlabel.imaging.file_names import is_image_name, split_image_name
from jlabel.progress import NO_PROGRESS, Progress

# Their voxels lie in other files, or what they are is seen from their bytes: each is added by itself.
_BY_THEMSELVES = (".mhd", ".nhdr", ".hdr", ".dcm")
_THREADS = 2
_AHEAD = 8


def add_images(
    studies: StudiesFolder, images: Iterable[tuple[str, Path]], progress: Progress = NO_PROGRESS
) -> list[str]:
    """Copy image files in, each under an id, and return their ids.

    The disk is not waited for: after a power cut in the minute after it, files may have to be copied again.

    Raises:
        DatastoreError: One is no image, its id is unsafe or taken, or it cannot be copied; those before it are added.
    """
    studies.catalogue.check_writing()
    with studies.catalogue.read() as connection:
        taken = {folded(image_id) for image_id in connection.scalars(select(ImageRow.id))}
    added: list[tuple[str, str | None]] = []
    folders: set[Path] = set()
    copies: list[Future[None]] = []
    try:
        with ThreadPoolExecutor(_THREADS) as threads:
            for image_id, source in images:
                progress.check()
                image_id = canonical(check_image_id(image_id))
                if folded(image_id) in taken:
                    raise DatastoreError(f"{image_id!r} is already the id of an image; use another")
                taken.add(folded(image_id))
                if _comes_alone(source):
                    added.append((add_image(studies, image_id, source), None))
                    continue
                path = f"{image_id}{split_image_name(source.name)[1]}"
                _make_folder(studies, (studies.images_top / path).parent, folders)
                copies.append(threads.submit(_copy_in, source, studies.images_top / path))
                added.append((image_id, path))
                if len(copies) >= _AHEAD:
                    copies.pop(0).result()
            for copy in copies:
                progress.check()
                copy.result()
    finally:
        if folders:
            studies.update()
    ids = _ids_of(studies, [path for _, path in added if path is not None])
    return [image_id if path is None else ids.get(path, image_id) for image_id, path in added]


def _comes_alone(source: Path) -> bool:
    """Whether an image is more than one file that can be copied by its name."""
    ending = split_image_name(source.name)[1].lower()
    return ending in _BY_THEMSELVES or not is_image_name(source.name) or source.is_dir()


def _make_folder(studies: StudiesFolder, folder: Path, made: set[Path]) -> None:
    if folder in made:
        return
    if folder.is_relative_to(studies.files.top):
        raise DatastoreError(f"{folder} is in the folder of the labels: choose another id")
    check_writable_place(studies.root, folder / "image")
    with disk.explained(f"{folder}: images could not be added"):
        folder.mkdir(parents=True, exist_ok=True)
    made.add(folder)


def _copy_in(source: Path, target: Path) -> None:
    beside = target.with_name(temporary_name())
    with disk.explained(f"{target}: the image could not be added"):
        try:
            shutil.copyfile(source, beside)
            _name(beside, target)
        finally:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


def _name(beside: Path, target: Path) -> None:
    """Give a file its name, never over another one."""
    try:
        os.link(beside, target)
    except FileExistsError:
        raise DatastoreError(f"{target}: there is a file of that name already, and it is not written over") from None
    except OSError:  # the file system knows no links
        if os.path.lexists(target):
            raise
        beside.replace(target)


def _ids_of(studies: StudiesFolder, paths: list[str]) -> dict[str, str]:
    with studies.catalogue.read() as connection:
        return {
            path: image_id
            for chunk in chunks(paths)
            for path, image_id in connection.execute(_BY_PATH.where(ImageRow.path.in_(chunk)))
        }


_BY_PATH = select(ImageRow.path, ImageRow.id)
