"""A short text that tells an image from another one, such as one that was put in the place of its file."""

from __future__ import annotations

import hashlib
import math

import numpy as np

from jlabel.imaging.image import Image

# So many voxels, spread over the image, tell it from any other that a person would put in its place.
_MOST_VOXELS = 1_000_000


def content_stamp(image: Image) -> str:
    """What stands for the voxels of an image and for where they lie: equal for equal images.

    It is made from the shape, the affine (to 0.001 mm) and up to a million voxels, evenly spread.

    Args:
        image: The image.

    Returns:
        32 hexadecimal digits (BLAKE2b of 16 bytes).

    Examples:
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> mirrored = jlabel.Image(image.array[::-1].copy(), image.affine)
        >>> content_stamp(image) == content_stamp(mirrored)
        False
    """
    voxels = image.array
    step = math.ceil((voxels.size / _MOST_VOXELS) ** (1 / image.ndim))
    some = voxels[(slice(None, None, max(1, step)),) * image.ndim]
    # Minus zero is zero.
    affine = np.round(image.affine, 3) + 0.0
    digest = hashlib.blake2b(f"{image.array.shape} {image.array.dtype} {image.frame}".encode(), digest_size=16)
    digest.update(affine.astype("<f8").tobytes())
    digest.update(some.tobytes(order="F"))
    return digest.hexdigest()
