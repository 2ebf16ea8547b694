"""Which pages of a TIFF make the image, and which of their axes is which: by tifffile's own knowledge of the files.

What decides: the axes that the file names (ImageJ's description, OME-XML, tifffile's own, LSM, STK and what else
tifffile knows of). ``Z`` is the third axis and ``S`` the colours; channels, times and every other named axis are
frames, one label for all. Pages without names are slices where they are grey and frames where they are colours.
Reduced copies and masks (NewSubfileType) are left out with a note; images of several sizes, and files of a set of
several, are refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.errors import ImageError

_REDUCED, _MASK = 1, 4
_ASSOCIATED = ("thumbnail", "label", "macro", "overview")
_PLAIN = ("generic", "uniform")
_NAMES = {"C": "channels", "T": "times", "Z": "slices"}


@dataclass(frozen=True)
class PageStack:
    """Pages that make one image.

    Attributes:
        pages: In the order of the axes before a page's own; the first alone where all pixels lie in one piece.
        axes: A letter for each axis, such as ``"ZCYX"``; the last ones are those of a page.
        shape: The length of each.
        keyframe: The page that tells how all are stored.
        dataoffset: Where the pixels of all pages lie in one piece, uncompressed; None where they do not.
        kind: What named the axes, such as ``"imagej"``, ``"ome"`` or ``"uniform"``.
    """

    pages: list[Any]
    axes: str
    shape: tuple[int, ...]
    keyframe: Any
    dataoffset: int | None
    kind: str

    def size(self, letters: str) -> int:
        """The product of the lengths of those axes."""
        return math.prod(n for letter, n in zip(self.axes, self.shape, strict=True) if letter in letters)


def page_stack(path: Path, tiff: Any, notes: dict[str, str]) -> PageStack:
    """The one image of an open TIFF file.

    Raises:
        ImageError: It has none, or several, or is one part of a set of files, or does not hold all that it describes.
    """
    series = list(tiff.series)
    if not series:
        raise ImageError(path, "has no pages")
    kind = series[0].kind
    if tiff.is_ome and kind in _PLAIN:
        raise ImageError(path, "is part of a set of several OME files, or its OME description does not fit its pages")
    if tiff.is_imagej and kind in _PLAIN:
        raise ImageError(
            path, "is truncated, or damaged: it does not hold the pages that its ImageJ description promises"
        )
    full = [one for one in series if not _left_out(one.keyframe, one.name)] or series
    if len(full) > 1 and (kind in _PLAIN or all(tuple(one.shape) == tuple(one.keyframe.shape) for one in full)):
        return _of_pages(path, tiff, notes)
    if len(full) > 1:
        raise ImageError(path, f"has {_several([_kind(one.keyframe, one.shape) for one in full])}")
    one = full[0]
    _note_left_out(len(series) - 1, len(one.levels) - 1, notes)
    if one.keyframe.shape[:1] == (0,) or one.dtype is None:
        raise ImageError(path, f"has pixels of {one.keyframe.bitspersample} bits in a format that is not supported")
    shape, axes = one.get_shape(squeeze=False), one.get_axes(squeeze=False)
    inner = _inner(one.keyframe, axes)
    outer = math.prod(shape[: len(shape) - inner])
    offset = one.dataoffset if outer > 1 else None
    pages = [one.keyframe] if offset is not None or outer == 1 else list(one.pages)
    if any(page is None for page in pages) or (offset is None and len(pages) != outer):
        held = sum(page is not None for page in pages)
        raise ImageError(path, f"describes {outer} pages ({axes}), and holds {held}")
    if any(getattr(page.parent, "filehandle", None) is not tiff.filehandle for page in pages):
        raise ImageError(path, "is part of a set of several files; save the set as one")
    return PageStack(pages, axes, tuple(shape), one.keyframe, offset, one.kind)


def _inner(keyframe: Any, axes: str) -> int:
    """How many of the last axes lie within a page."""
    inner = len(keyframe.shape)
    # A series ends in an S of length 1 where its pages have none.
    return inner + (axes.endswith("S") and "S" not in keyframe.axes)


def _of_pages(path: Path, tiff: Any, notes: dict[str, str]) -> PageStack:
    """Pages without a description of the whole: alike but for their compression, or refused."""
    pages = [page for page in tiff.pages if not _left_out(page, "")] or list(tiff.pages)
    _note_left_out(len(tiff.pages) - len(pages), 0, notes)
    kinds = {_kind(page, page.shape): (page.photometric, page.axes, page.dtype) for page in pages}
    if len(kinds) > 1 or len({(page.photometric, page.axes) for page in pages}) > 1:
        raise ImageError(path, f"has {_several(list(kinds))}")
    first = pages[0]
    return PageStack(pages, "I" + first.axes, (len(pages), *first.shape), first, None, "generic")


def _left_out(page: Any, name: str) -> bool:
    return bool(int(page.subfiletype or 0) & (_REDUCED | _MASK)) or name.lower() in _ASSOCIATED


def _note_left_out(series: int, levels: int, notes: dict[str, str]) -> None:
    said = [f"{series} reduced or associated image{'s' * (series > 1)}"] if series > 0 else []
    said += [f"{levels} reduced cop{'ies' if levels > 1 else 'y'}"] if levels > 0 else []
    if said:
        notes["pages"] = (
            f"{' and '.join(said)} beside the full image {'were' if series + levels > 1 else 'was'} left out"
        )


def _kind(page: Any, shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) + f" {page.dtype}"


def _several(kinds: list[str]) -> str:
    if len(set(kinds)) < 2:
        return f"{len(kinds)} images ({kinds[0]} each); save them as one image each"
    return f"pages that differ in size or type ({', '.join(sorted(set(kinds)))}); save them as one image each"


@dataclass(frozen=True)
class Roles:
    """Which axes of a stack are the third axis and the frames.

    Attributes:
        depth: The letter of the third axis, empty for pictures.
        frames: The letters of the axes that are frames, in the file's order.
    """

    depth: str
    frames: str


def axis_roles(path: Path, stack: PageStack, colour: bool, notes: dict[str, str]) -> Roles:
    """What each axis of a stack is for.

    Args:
        path: The file.
        stack: The stack.
        colour: Whether the samples of a pixel are its colours; frames where they are not.
        notes: Gets a note about the axes, where there are any beside rows and columns.

    Raises:
        ImageError: Several axes have no name, so it cannot be told which one is the third.
    """
    rest = [letter for letter, n in zip(stack.axes, stack.shape, strict=True) if n > 1 and letter not in "YX"]
    if "S" in rest and colour:
        rest.remove("S")
    if len(set(rest)) < len(rest) or len(unnamed := [letter for letter in rest if letter not in "ZCTS"]) > 1:
        sizes = " × ".join(map(str, stack.shape))
        raise ImageError(path, f"has axes that it does not name ({stack.axes}, {sizes}); save it with its axes named")
    depth = "Z" if "Z" in rest else "".join(unnamed) if not colour else ""
    frames = "".join(letter for letter in rest if letter != depth)
    if rest and not frames and depth != "Z":
        notes["axes"] = f"a stack of {stack.size(depth)} pages: the axes are rows, columns, pages"
    elif rest:
        third = f"{stack.size(depth)} slices are the third axis" if depth else ""
        said = " × ".join(f"{stack.size(letter)} {_NAMES.get(letter, 'samples or pages')}" for letter in frames)
        notes["axes"] = "; ".join(filter(None, [third, f"{said} are frames, with one label for all" if said else ""]))
    return Roles(depth, frames)
