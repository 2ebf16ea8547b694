"""FreeSurfer's MGH and MGZ: nibabel reads the header, the voxels are read and checked here.

What decides (https://surfer.nmr.mgh.harvard.edu/fswiki/FsTutorial/MghFormat): big-endian throughout; ``width``,
``height``, ``depth`` the shape and ``nframes`` the frames, ``type`` the voxels; ``spacing``, the direction cosines
and ``c_r``, ``c_a``, ``c_s`` (the middle of the grid) the position, where ``goodRASFlag`` is set; else the format's
own default, coronal slices of 1 mm, which says nothing about the patient.
"""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np

from jlabel.errors import ImageError
from jlabel.imaging.formats.file_opening import open_bytes
from jlabel.imaging.formats.nifti_affine import is_usable
from jlabel.imaging.formats.voxel_types import plain_type, shaped, voxel_bytes
from jlabel.imaging.image import Image

_HEADER = 284
_TYPES = {0: ">u1", 1: ">i4", 3: ">f4", 4: ">i2", 10: ">u2"}


def is_mgh(head: bytes) -> bool:
    """Whether bytes from the start of a file (unpacked) are an MGH header's: version 1 and a type that exists."""
    return len(head) >= 24 and head[:4] == b"\0\0\0\1" and int.from_bytes(head[20:24], "big") in _TYPES


def read_mgh(path: Path, frame: int = 0) -> Image:
    """Read one frame of an MGH or MGZ file, in its own axis order.

    Raises:
        ImageError: The file is damaged or does not hold what its header promises.
    """
    notes: dict[str, str] = {}
    with open_bytes(path, path) as source:
        start = source.take(_HEADER)
        header = nib.freesurfer.mghformat.MGHHeader(start, check=False)
        placed = start[28:30] != b"\0\0"  # goodRASFlag, which nibabel sets as it fills in the default
        width, height, depth, frames = (int(n) for n in header["dims"])
        if min(width, height, depth, frames) < 1:
            raise ImageError(path, f"has a damaged header: it promises the shape {(width, height, depth, frames)}")
        if not 0 <= frame < frames:
            raise ImageError(path, f"has {frames} frame{'s' * (frames > 1)}, so there is no frame {frame}")
        shape = (width, height, depth)
        dtype = np.dtype(_TYPES[int(header["type"])])
        size = voxel_bytes(shape, dtype.itemsize)
        source.promise(size * frames)
        source.skip(size * frame)
        raw = source.voxels(size)
        source.skip(size * (frames - 1 - frame))
        source.finish(footer=True)
        notes |= source.notes
    affine = np.asarray(header.get_affine(), dtype=np.float64)
    if not placed:
        notes["position"] = "the file does not say where the image lies; left and right are not known"
    if not is_usable(affine):
        raise ImageError(path, "has a damaged header: its voxel sizes or directions cannot be used")
    array = plain_type(shaped(raw, dtype, shape), notes)
    return Image(array, affine, "scalar", frame, frames, placed, notes, path)
