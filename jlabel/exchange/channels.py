"""Images whose channels are files of their own, as one file with a frame for each channel, and the other way round."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nibabel as nib
import numpy as np

from jlabel.errors import ImageError
from jlabel.imaging import Image, read_image


@contextmanager
def joined_channels(files: Sequence[Path]) -> Iterator[Path]:
    """A temporary NIfTI file with a frame for each of the files, which all have one grid.

    Raises:
        ImageError: A file cannot be read, is a picture, or has another grid than the first.
    """
    first = read_image(files[0])
    channels = [first.array]
    for file in files[1:]:
        channel = read_image(file)
        if channel.shape != first.shape or not np.allclose(channel.affine, first.affine, atol=1e-3):
            raise ImageError(file, f"is a channel that has another grid than {files[0].name}")
        channels.append(channel.array)
    if first.ndim != 3 or first.channels != "scalar":
        raise ImageError(
            files[0], "is one of several channels of a picture, which cannot be joined: import one channel"
        )
    with tempfile.TemporaryDirectory(prefix="jlabel-") as folder:
        target = Path(folder) / "channels.nii.gz"
        nib.save(nib.Nifti1Image(np.stack(channels, -1), first.affine), target)
        yield target


def channel_images(path: Path) -> Iterator[Image]:
    """The frames of a file, one after the other.

    Raises:
        ImageError: The file cannot be read.
    """
    first = read_image(path)
    yield first
    for frame in range(1, first.frames):
        yield read_image(path, frame)
