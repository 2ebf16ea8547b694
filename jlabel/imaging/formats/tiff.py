"""TIFF through tifffile: pictures, stacks of slices, channels and times.

What decides: the axes that the file names (:mod:`jlabel.imaging.formats.tiff_series`), how its pixels are stored
(:mod:`jlabel.imaging.formats.tiff_pixels`) and the sizes that it states (:mod:`jlabel.imaging.formats.tiff_sizes`).
PhotometricInterpretation tells what a sample means: grey is kept as stored, with 0 white shown so; RGB and YCbCr are
colours (16 bits are cut to 8 with a note); a palette becomes colours, but stays indices where a label is read and in
ImageJ's files, where it is a look-up table for the screen. ExtraSamples (alpha and others) are left out with a note
beside colours and grey; samples without a meaning are frames. ImageJ's straight calibration (``cf=0``, ``c0``,
``c1``: signed 16 bits) is applied.
"""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.plain_pictures import picture
from jlabel.imaging.formats.tiff_pages import check_page_chain
from jlabel.imaging.formats.tiff_pixels import (
    BLACK_IS_ZERO,
    MASK,
    PALETTE,
    RGB,
    WHITE_IS_ZERO,
    YCBCR,
    check_page,
    decoded,
    is_lossy,
    orientation,
    turned,
)
from jlabel.imaging.formats.tiff_series import PageStack, Roles, axis_roles, page_stack
from jlabel.imaging.formats.tiff_sizes import Sizes, voxel_sizes
from jlabel.imaging.formats.voxel_types import plain_type, scaled
from jlabel.imaging.image import Image

TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_GREYS = (WHITE_IS_ZERO, BLACK_IS_ZERO, MASK)
_ALPHA = (1, 2)


def read_tiff(path: Path, frame: int = 0, indices: bool = False) -> Image:
    """Read a TIFF file.

    Args:
        path: The file.
        frame: Which channel, time or colour page; they count in the file's order, the last axis fastest.
        indices: Return the palette's indices instead of its colours, as label pictures want them.

    Returns:
        A picture: shape ``(i, j)`` or ``(i, j, 3)``; ``i`` counts rows and ``j`` columns. With slices, a volume of
        shape ``(i, j, k)`` or ``(i, j, k, 3)``; ``k`` counts slices, or grey pages without a name. Its spacing has the
        proportions that the file states, else pixels are 1 mm.

    Raises:
        ImageError: The file is damaged or cut short, holds several images or a part of one, or its kind of pixels or
            compression is not supported.
    """
    import tifffile

    # tifffile reports damage by logging, and a logger without handlers prints.
    logging.getLogger("tifffile").addHandler(logging.NullHandler())
    notes: dict[str, str] = {}
    check_page_chain(path)
    try:
        # An OME description may name other files, which only the person who asks may choose.
        with tifffile.TiffFile(path, _multifile=False) as tiff:
            return _image(path, tiff, frame, indices, notes)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(path, "needs more memory than there is") from error
    except Exception as error:
        raise ImageError(path, f"is damaged, cut short or of an unsupported kind: {error}") from error


def _image(path: Path, tiff: Any, frame: int, indices: bool, notes: dict[str, str]) -> Image:
    stack = page_stack(path, tiff, notes)
    keyframe = stack.keyframe
    for page in stack.pages:
        check_page(path, page)
    lookup = keyframe.photometric == PALETTE and (indices or stack.kind == "imagej")
    meaning = _meaning(path, keyframe, lookup)
    roles = axis_roles(path, stack, meaning in ("colour", "palette", "grey and alpha"), notes)
    frames = stack.size(roles.frames)
    if not 0 <= frame < frames:
        raise ImageError(path, f"has {frames} frame{'s' * (frames > 1)}, so there is no frame {frame}")
    array = _turned(_frame(path, stack, roles, frame), keyframe, notes)
    if is_lossy(keyframe):
        notes["compression"] = f"lossy ({keyframe.compression.name}): values may have changed where it was saved"
    if meaning in ("colour", "palette"):
        array = _colours(path, keyframe, array, notes)
    else:
        array = array[..., 0] if meaning == "grey and alpha" else array
        array = _grey(path, tiff, keyframe, lookup and not indices, array, notes)
    sizes = voxel_sizes(tiff, stack.kind, notes)
    made = picture(array, path, notes, "rgb" if meaning in ("colour", "palette") else "scalar", frame, frames)
    inverted = keyframe.photometric == WHITE_IS_ZERO and array.dtype.kind == "u"
    return _placed(dataclasses.replace(made, inverted=inverted), sizes, orientation(keyframe) >= 5)


def _meaning(path: Path, keyframe: Any, lookup: bool) -> str:
    """What the samples of a pixel are: grey, grey and alpha, colour, palette or channels."""
    samples, kind = int(keyframe.samplesperpixel), keyframe.photometric
    if kind == PALETTE and samples == 1:
        return "grey" if lookup else "palette"
    if kind in (RGB, YCBCR) and samples >= 3:
        return "colour"
    if kind in _GREYS or kind is None:
        if samples == 1:
            return "grey"
        extra = [int(sample) for sample in keyframe.extrasamples]
        return "grey and alpha" if samples == 2 and extra and extra[0] in _ALPHA else "channels"
    name = getattr(kind, "name", kind)
    raise ImageError(path, f"has {samples} values in each pixel that are not red, green and blue, nor grey ({name})")


def _frame(path: Path, stack: PageStack, roles: Roles, frame: int) -> NDArray[Any]:
    """One frame as stored: rows, columns, the third axis and the samples, where there are several."""
    lengths = [stack.size(letter) for letter in roles.frames]
    place = dict(zip(roles.frames, np.unravel_index(frame, lengths or (1,)), strict=False))
    order = "YX" + roles.depth + "".join(letter for letter in "S" if stack.size("S") > 1 and "S" not in roles.frames)
    if stack.dataoffset is not None:
        kind = stack.keyframe.dtype.newbyteorder(stack.keyframe.parent.byteorder)
        whole = np.memmap(path, dtype=kind, mode="r", offset=stack.dataoffset, shape=stack.shape)
        return np.array(_picked(whole, stack.axes, place, order))
    outer = len(stack.shape) - len(stack.keyframe.shape) - (stack.axes.endswith("S") and "S" not in stack.keyframe.axes)
    axes, inner = stack.axes[:outer], stack.axes[outer : outer + len(stack.keyframe.shape)]
    if roles.depth not in axes or not roles.depth:
        page = stack.pages[_page(stack, axes, place)]
        return _picked(decoded(path, page), inner, place, order)
    slices = order.replace(roles.depth, "")
    out: NDArray[Any] | None = None
    for index in range(stack.size(roles.depth)):
        page = stack.pages[_page(stack, axes, place | {roles.depth: index})]
        one = _picked(decoded(path, page), inner, place, slices)
        if out is None:
            out = np.empty((*one.shape[:2], stack.size(roles.depth), *one.shape[2:]), one.dtype, order="F")
        out[:, :, index] = one
    assert out is not None
    return out


def _page(stack: PageStack, axes: str, place: dict[str, Any]) -> int:
    index = 0
    for letter, length in zip(axes, stack.shape, strict=False):
        index = index * length + int(place.get(letter, 0))
    return index


def _picked(array: NDArray[Any], axes: str, place: dict[str, Any], order: str) -> NDArray[Any]:
    """The array at a place along its frames, its axes in that order; the other axes have one element."""
    key = tuple(slice(None) if letter in order else int(place.get(letter, 0)) for letter in axes)
    kept = "".join(letter for letter in axes if letter in order)
    return array[key].transpose([kept.index(letter) for letter in order])


def _turned(array: NDArray[Any], keyframe: Any, notes: dict[str, str]) -> NDArray[Any]:
    value = orientation(keyframe)
    if value == 1:
        return array
    notes["orientation"] = f"turned upright as the file's Orientation ({value}) says"
    return turned(array, value)


def _grey(
    path: Path, tiff: Any, keyframe: Any, lookup: bool, array: NDArray[Any], notes: dict[str, str]
) -> NDArray[Any]:
    if array.ndim not in (2, 3) or array.dtype.kind not in "biuf":
        raise ImageError(path, f"has pages of shape {keyframe.shape} and type {array.dtype}, which is no image")
    if keyframe.samplesperpixel == 2 and keyframe.extrasamples and int(keyframe.extrasamples[0]) in _ALPHA:
        notes["colour"] = "transparency (the alpha channel) was left out"
    if lookup:
        notes["colour"] = "the colours of ImageJ's look-up table were left out; the values are as stored"
    if keyframe.photometric == WHITE_IS_ZERO and array.dtype.kind in "bu":
        notes["intensities"] = "the file says that 0 is white; the values are kept as they are, and shown so"
    stated = (tiff.imagej_metadata or {}) if tiff.is_imagej else {}
    array = array.astype(np.uint8) if array.dtype.kind == "b" else np.asarray(array)
    if stated.get("cf") == 0 and "c0" in stated and "c1" in stated:
        array = scaled(array.astype(array.dtype.newbyteorder("=")), float(stated["c1"]), float(stated["c0"]))
        notes["calibration"] = f"ImageJ's calibration was applied: value × {stated['c1']:g} + {stated['c0']:g}"
    return plain_type(array, notes)


def _colours(path: Path, keyframe: Any, array: NDArray[Any], notes: dict[str, str]) -> NDArray[Any]:
    if keyframe.photometric == PALETTE:
        notes["colour"] = "colours were converted from a palette to RGB"
        table = keyframe.colormap >> 8 if keyframe.colormap.max() > 255 else keyframe.colormap
        return np.asarray(np.moveaxis(table[:, array], 0, -1), dtype=np.uint8)
    if array.shape[-1] > 3:
        extra = [int(sample) for sample in keyframe.extrasamples]
        alpha = len(extra) == 1 and extra[0] in _ALPHA
        more = "transparency (the alpha channel)" if alpha else f"{array.shape[-1] - 3} more values in each pixel"
        notes["colour"] = f"{more} {'was' if alpha else 'were'} left out"
        array = array[..., :3]
    if array.dtype == np.uint16:
        notes["colour depth"] = "16 bits a colour were cut to 8"
        array = (array >> 8).astype(np.uint8)
    if array.dtype != np.uint8:
        raise ImageError(path, f"has colours of type {array.dtype}; 8 and 16 bits are supported")
    return array


def _placed(made: Image, sizes: Sizes | None, swapped: bool) -> Image:
    """The image with the proportions that its file states; a picture of square pixels keeps its grid of 1 mm."""
    if sizes is None:
        return made
    rows, columns, slices = (sizes[1], sizes[0], sizes[2]) if swapped else sizes
    if made.ndim == 2 and abs(rows / columns - 1) < 1e-3:
        stated = {"pixels": f"the file states a pixel size of {rows:g}; a picture's pixels are taken to be 1 mm"}
        kept = {topic: text for topic, text in made.notes.items() if topic not in ("units", "voxel size")}
        return dataclasses.replace(made, notes=kept | stated)
    steps = np.diag([rows, columns, slices if made.ndim == 3 else 1.0, 1.0])
    return dataclasses.replace(made, affine=made.affine @ steps)
