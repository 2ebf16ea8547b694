"""Files of an export: copied or written beside their place and renamed, so that none is half there.

The disk is not waited for: an export that a power cut ends is done again.
"""

from __future__ import annotations

import contextlib
import gzip
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from jlabel.errors import DatastoreError
from jlabel.files.temporary import temporary_name
from jlabel.imaging.file_names import split_image_name
from jlabel.types import Affine

_GZIP_LEVEL = 1


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A path to write to, which becomes the file once it is whole.

    Raises:
        DatastoreError: The system refuses.
    """
    beside = target.with_name(temporary_name(split_image_name(target.name)[1]))
    try:
        try:
            yield beside
        except FileNotFoundError:
            if target.parent.is_dir():
                raise
            raise DatastoreError(f"{target.parent} is gone") from None
        beside.replace(target)
    except OSError as error:
        raise DatastoreError(f"{target} could not be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's bytes."""
    _make_folder_of(target)
    with new_file(target) as beside:
        shutil.copyfile(source, beside)


def copy_packed(source: Path, target: Path) -> None:
    """Copy a file's bytes, compressed with gzip."""
    _make_folder_of(target)
    with new_file(target) as beside, source.open("rb") as file, gzip.open(beside, "wb", _GZIP_LEVEL) as out:
        shutil.copyfileobj(file, out, 1 << 20)


def write_file(target: Path, write: Callable[[Path], object]) -> None:
    """Have a file written."""
    _make_folder_of(target)
    with new_file(target) as beside:
        write(beside)


def write_text(target: Path, text: str) -> None:
    """Write a text as UTF-8."""
    write_file(target, lambda path: path.write_bytes(text.encode()))


def write_volume(target: Path, voxels: NDArray[Any], affine: Affine) -> None:
    """Write voxels as NIfTI."""
    kind = np.dtype("u1") if voxels.dtype == bool else voxels.dtype
    image = nib.Nifti1Image(np.asarray(voxels, kind), affine, dtype=kind)
    image.header.set_xyzt_units("mm")
    write_file(target, lambda path: nib.save(image, path))


def _make_folder_of(target: Path) -> None:
    if not target.parent.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
