"""The pixels of a TIFF page, as stored: by tifffile, and by Pillow where tifffile would need a larger package.

What decides, by TIFF 6.0: BitsPerSample and SampleFormat the type, Compression, Predictor and FillOrder the packing
(undone by the libraries), PhotometricInterpretation what a sample means, Orientation how the page is turned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.voxel_types import voxel_bytes

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, MASK, YCBCR = 0, 1, 2, 3, 4, 6
_INFLATE_MOST = 1040
_ORIENTATION = 274
_JPEG = (6, 7)
_LOSSY = (*_JPEG, 34712, 34892, 50001)  # JPEG, old JPEG, JPEG 2000, lossy DNG, WebP


def is_lossy(page: Any) -> bool:
    """Whether the page's compression may have changed its values."""
    return int(page.compression) in _LOSSY


def decoded(path: Path, page: Any) -> NDArray[Any]:
    """One page as stored, in the shape and type that tifffile states; colours of YCbCr as RGB.

    Raises:
        ImageError: Neither library can decode it.
    """
    if page.keyframe.photometric != YCBCR or int(page.keyframe.compression) in _JPEG:
        try:
            return np.asarray(page.asarray())
        except ValueError as error:
            if "imagecodecs" not in str(error):
                raise
        except NotImplementedError:
            pass
    try:
        return _by_pillow(path, page)
    except (OSError, SyntaxError, ValueError, KeyError) as error:
        raise _unsupported(path, page) from error


def _by_pillow(path: Path, page: Any) -> NDArray[Any]:
    from PIL import TiffImagePlugin

    keyframe = page.keyframe
    with path.open("rb") as file, TiffImagePlugin.TiffImageFile(file) as opened:
        opened.seek(page.index)
        opened.load()  # its size is not true before where it is turned
        mode = opened.mode
        array = np.array(opened.convert("RGB") if mode == "YCbCr" else opened)
    # Pillow turns a page as its orientation says, which is done later here.
    array = turned(array, _INVERSE.get(orientation(keyframe), orientation(keyframe)))
    bits = int(np.max(keyframe.bitspersample))
    if keyframe.photometric == WHITE_IS_ZERO and bits <= 8:  # which Pillow turns round
        array = ~array
    if mode == "L" and bits < 8:  # which Pillow stretches to 0 to 255
        array = array // (255 // (2**bits - 1))
    if keyframe.samplesperpixel > 1 and keyframe.planarconfig == 2 and array.ndim == 3:
        array = np.moveaxis(array, -1, 0)
    if mode == "I":
        array = array.astype(keyframe.dtype, copy=False)
    elif mode == "L" and keyframe.dtype == np.int8:
        array = array.view(np.int8)
    if array.shape != tuple(page.shape) or (array.dtype != keyframe.dtype and array.dtype != np.bool_):
        raise _unsupported(path, page)
    return array


def _unsupported(path: Path, page: Any) -> ImageError:
    keyframe = page.keyframe
    packing = getattr(keyframe.compression, "name", keyframe.compression)
    kind = getattr(keyframe.photometric, "name", keyframe.photometric)
    bits = int(np.max(keyframe.bitspersample))
    return ImageError(
        path,
        f"has {bits}-bit {keyframe.dtype} pixels ({kind}) compressed as {packing}, which is not supported here; the "
        "package imagecodecs may read them",
    )


def orientation(page: Any) -> int:
    """The page's Orientation, 1 (the first row on top, the first column on the left) where it has none."""
    tag = page.keyframe.tags.get(_ORIENTATION)
    value = int(tag.value) if tag is not None else 1
    return value if 1 <= value <= 8 else 1


_INVERSE = {6: 8, 8: 6}


def turned(array: NDArray[Any], value: int) -> NDArray[Any]:
    """An array whose first two axes are rows and columns, upright as a TIFF Orientation says."""
    if value >= 5:
        array = np.swapaxes(array, 0, 1)
    rows = -1 if value in (3, 4, 7, 8) else 1
    columns = -1 if value in (2, 3, 6, 7) else 1
    return array[::rows, ::columns]


def check_page(path: Path, page: Any) -> None:
    """That the page's strips or tiles lie in the file and can hold as many pixels as its header promises.

    Raises:
        ImageError: They do not, or the page has no numbers.
    """
    size = path.stat().st_size
    stored = 0
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        if offset < 0 or count <= 0 or offset + count > size:
            raise ImageError(path, "is truncated: some of its pixels are left out or would lie beyond its end")
        stored += count
    keyframe = page.keyframe
    if keyframe.dtype is None:
        raise ImageError(path, f"has pixels of {keyframe.bitspersample} bits in a format that is not supported")
    shape = tuple(keyframe.shape)
    promised = voxel_bytes(shape, keyframe.dtype.itemsize)
    bits = voxel_bytes(shape, int(np.max(keyframe.bitspersample)))
    packed = keyframe.compression != 1
    if (promised > stored * _INFLATE_MOST * 8) if packed else (bits > stored * 8):
        raise ImageError(
            path, f"has a header that lies about its size: {stored} bytes cannot hold {promised} bytes of pixels"
        )
