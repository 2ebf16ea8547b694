"""TIFF through tifffile: one page is a picture, grey pages are a stack, colour pages are frames."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.image import Image
from jlabel.imaging.pictures import picture
from jlabel.imaging.tiff_pages import check_page_chain
from jlabel.imaging.voxels import plain_type, rgb_from_rgba, voxel_bytes

TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_INFLATE_MOST = 1040
_BY_TIFFFILE = (1, 8, 32773, 32946)  # none, deflate, PackBits, deflate by its old number
_WHITE_IS_ZERO, _PALETTE, _RGB, _YCBCR = 0, 3, 2, 6


def read_tiff(path: Path, frame: int = 0, indices: bool = False) -> Image:
    """Read a TIFF file.

    Args:
        path: The file.
        frame: Which page of a file of colour pages.
        indices: Return the palette's indices instead of its colours, as label pictures want them.

    Returns:
        One page: shape (rows, columns) or (rows, columns, 3). Several grey pages of one size: a volume of shape
        (rows, columns, pages). Several colour pages: the page that ``frame`` names.

    Raises:
        ImageError: The file is damaged or cut short, its pages differ in size or type, or its kind of pixels or
            compression is not supported.
    """
    import tifffile

    # tifffile reports damage by logging, and a logger without handlers prints.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    notes: dict[str, str] = {}
    check_page_chain(path)
    try:
        with tifffile.TiffFile(path) as tiff:
            pages = [page for page in tiff.pages if not page.is_reduced] or list(tiff.pages)
            return _pages(path, pages, frame, indices, notes)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(path, "needs more memory than there is") from error
    except Exception as error:
        raise ImageError(path, f"is damaged, cut short or of an unsupported kind: {error}") from error


def _pages(path: Path, pages: list[Any], frame: int, indices: bool, notes: dict[str, str]) -> Image:
    if not pages:
        raise ImageError(path, "has no pages")
    kinds = {(tuple(page.shape), str(page.dtype), int(page.photometric or 0)) for page in pages}
    if len(kinds) > 1:
        listed = ", ".join(sorted({" × ".join(map(str, shape)) + f" {dtype}" for shape, dtype, _ in kinds}))
        raise ImageError(path, f"has pages that differ in size or type ({listed}); save them as one image each")
    for page in pages:
        _check(path, page)
    colour = pages[0].samplesperpixel > 1 or (pages[0].photometric == _PALETTE and not indices)
    if not colour:
        return _grey(path, pages, frame, notes)
    if not 0 <= frame < len(pages):
        raise ImageError(path, f"has {len(pages)} pages, so there is no frame {frame}")
    return picture(_colours(path, pages[frame], notes), path, notes, "rgb", frame, len(pages))


def _grey(path: Path, pages: list[Any], frame: int, notes: dict[str, str]) -> Image:
    if frame != 0:
        raise ImageError(path, f"has 1 frame, so there is no frame {frame}")
    volumes = len(pages) == 1 and len(pages[0].shape) == 3
    if volumes:  # one page with a depth: (pages, rows, columns)
        array = np.moveaxis(_decoded(path, pages[0]), 0, -1)
    elif len(pages) == 1:
        array = _decoded(path, pages[0])
    else:
        array = np.empty((*pages[0].shape, len(pages)), dtype=pages[0].dtype.newbyteorder("="), order="F")
        for index, page in enumerate(pages):
            array[..., index] = _decoded(path, page)
        notes["axes"] = f"a stack of {len(pages)} pages: the axes are rows, columns, pages"
    if array.ndim not in (2, 3) or array.dtype.kind not in "biuf":
        raise ImageError(path, f"has pages of shape {pages[0].shape} and type {array.dtype}, which is no image")
    if pages[0].photometric == _WHITE_IS_ZERO and array.dtype.kind in "bu":
        notes["intensities"] = "the file says that 0 is white; the values are kept as they are"
    return picture(plain_type(array, notes), path, notes, "scalar")


def _colours(path: Path, page: Any, notes: dict[str, str]) -> NDArray[Any]:
    array = _decoded(path, page)
    if page.photometric == _PALETTE:
        notes["colour"] = "colours were converted from a palette to RGB"
        return np.asarray(np.moveaxis(page.colormap[:, array], 0, -1) >> 8, dtype=np.uint8)
    if page.photometric not in (_RGB, _YCBCR):
        raise ImageError(path, f"has {page.samplesperpixel} values in each pixel that are not red, green and blue")
    if page.planarconfig == 2:
        array = np.moveaxis(array, 0, -1)
    if array.ndim != 3 or array.shape[-1] not in (3, 4):
        raise ImageError(path, f"has colour pages of shape {array.shape}, which is no picture")
    if array.dtype == np.uint16:
        notes["colour depth"] = "16 bits a colour were cut to 8"
        array = (array >> 8).astype(np.uint8)
    if array.dtype != np.uint8:
        raise ImageError(path, f"has colours of type {array.dtype}; 8 and 16 bits are supported")
    return rgb_from_rgba(array, notes) if array.shape[-1] == 4 else array


def _decoded(path: Path, page: Any) -> NDArray[Any]:
    """The page as stored; Pillow decodes the compressions that tifffile leaves to a larger package."""
    if int(page.compression) in _BY_TIFFFILE:
        return np.asarray(page.asarray())
    from PIL import TiffImagePlugin

    with path.open("rb") as file, TiffImagePlugin.TiffImageFile(file) as opened:
        opened.seek(page.index)
        array = np.array(opened.convert("RGB") if opened.mode == "YCbCr" else opened)
    if array.shape != tuple(page.shape) or (array.dtype != page.dtype and array.dtype != np.bool_):
        raise ImageError(path, f"has {page.dtype} pixels compressed as {page.compression!r}, which is not supported")
    if page.photometric == _WHITE_IS_ZERO:  # Pillow turns these round
        return ~array
    return array


def _check(path: Path, page: Any) -> None:
    """That the page's strips or tiles lie in the file and can hold as many pixels as its header promises."""
    size = path.stat().st_size
    stored = 0
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        if offset < 0 or count <= 0 or offset + count > size:
            raise ImageError(path, "is truncated: some of its pixels are left out or would lie beyond its end")
        stored += count
    if page.dtype is None:
        raise ImageError(path, f"has pixels of {page.bitspersample} bits in a format that is not supported")
    promised = voxel_bytes(tuple(page.shape), page.dtype.itemsize)
    packed = page.compression != 1
    bits = voxel_bytes(tuple(page.shape), int(np.max(page.bitspersample)))
    if (promised > stored * _INFLATE_MOST * 8) if packed else (bits > stored * 8):
        raise ImageError(
            path, f"has a header that lies about its size: {stored} bytes cannot hold {promised} bytes of pixels"
        )
