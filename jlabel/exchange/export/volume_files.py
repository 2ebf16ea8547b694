"""Images and labels as the files of a training set: copied where they are what is wanted, else written anew."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import LabelError
from jlabel.exchange.channels import channel_images
from jlabel.exchange.export.item import ExportItem
from jlabel.exchange.export.whole_files import copy_file, copy_packed, write_file, write_volume
from jlabel.exchange.plain_nifti import (
    LARGEST_KEY,
    covers,
    holds_only,
    is_volume,
    read_head,
    read_plain_label,
    same_grid,
)
from jlabel.exchange.value_names import with_values
from jlabel.imaging import write_label
from jlabel.imaging.file_names import split_image_name
from jlabel.imaging.label_values import label_values, present_values

VOLUME, PICTURE = ".nii.gz", ".png"
# Other kinds of PNG have an opacity or a palette, which programs read in different ways.
_COPIED_MODES = ("L", "RGB", "I;16", "I;16B", "I")


def write_channels(item: ExportItem, case: Path, ending: str, *, numbered: bool) -> list[Path]:
    """Write an image in files of one ending, and return them.

    Args:
        item: The image.
        case: The path of the files, without what tells channels apart and without the ending.
        ending: ``.nii.gz``, or ``.png`` for pictures.
        numbered: Whether each channel is a file of its own, ``case_0000``; else they are the frames of one file.

    Raises:
        ImageError: The image cannot be read.
        DatastoreError: It cannot be written.
    """
    first = case.with_name(f"{case.name}_0000{ending}" if numbered else f"{case.name}{ending}")
    head = read_head(item.image_file) if ending == VOLUME else None
    if head is not None and (is_volume(head) or not numbered):
        packed = item.image_file.name.lower().endswith(".gz")
        (copy_file if packed else copy_packed)(item.image_file, first)
        return [first]
    if ending == PICTURE and item.image_file.suffix.lower() == PICTURE and _mode(item.image_file) in _COPIED_MODES:
        copy_file(item.image_file, first)
        return [first]
    return _written_anew(item, case, first, ending, numbered)


def colors(picture: Path) -> int:
    """How many colours a picture that was written has: three, or one where it is grey."""
    return 3 if _mode(picture) == "RGB" else 1


def write_label_file(item: ExportItem, target: Path, values: Mapping[int, int], known: frozenset[int]) -> None:
    """Write a label; objects that it tells apart get the value of theirs.

    Args:
        item: The image with its label.
        target: The file, ``.nii.gz`` or ``.png``.
        values: Other values for some of the structures.
        known: The values that have a name.

    Raises:
        LabelError: It holds values that nobody has named, or does not fit its image.
        ImageError: A file cannot be read.
        DatastoreError: It cannot be written.
    """
    if target.name.endswith(VOLUME) and not values and item.objects is None and _is_copied(item, known):
        packed = item.label_file.name.lower().endswith(".gz")
        (copy_file if packed else copy_packed)(item.label_file, target)
        return
    label = item.structures()
    check_named(item, label, known)
    changed = with_values(label, values)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.name.endswith(PICTURE):
        write_file(target, lambda path: _save_picture(path, changed))
    elif item.image.ndim == 2:
        write_volume(target, label_values(changed[:, :, np.newaxis], target), item.image.affine)
    else:
        write_file(target, lambda path: write_label(path, changed, item.image))


def check_named(item: ExportItem, values: NDArray[Any], known: frozenset[int]) -> None:
    """Refuse a label with values that nobody has named.

    Raises:
        LabelError: They are named.
    """
    if holds_only(values, _as_bytes(known)):
        return
    others = sorted(present_values(values.astype(np.uint32)) - {0} - known)
    if others:
        raise LabelError(
            f"the label of {item.image_id!r} holds values that nobody has named ({', '.join(map(str, others[:8]))}): "
            "name them in the labeler, or say what they are: manager.map_label_values({value: 'name'})"
        )


def _is_copied(item: ExportItem, known: frozenset[int]) -> bool:
    """Whether the file of a label is what is wanted, to its last byte.

    One that was read when it was imported, and is still that file, is not read again.
    """
    head = read_head(item.image_file)
    largest = item.version.info.get(LARGEST_KEY)
    if head is not None and isinstance(largest, int) and covers(_as_bytes(known), largest):
        own = read_head(item.label_file)
        if own is not None and same_grid(own, head) and item.label_file.stat().st_size == item.version.bytes:
            return True
    plain = None if head is None else read_plain_label(item.label_file)
    if head is None or plain is None or not same_grid(plain.head, head):
        return False
    check_named(item, plain.voxels, known)
    return True


def _as_bytes(known: frozenset[int]) -> bytes:
    return bytes(sorted({0, *(one for one in known if one < 256)}))


def _mode(picture: Path) -> str:
    """The kind of pixels that the header of a PNG tells; empty where it cannot be read."""
    from PIL import Image as Pillow

    try:
        with Pillow.open(picture, formats=("PNG",)) as opened:
            return opened.mode
    except (OSError, ValueError, Pillow.DecompressionBombError):
        return ""


def extension(file: Path) -> str:
    """The extension of an image file, in small letters."""
    return split_image_name(file.name)[1].lower()


def _written_anew(item: ExportItem, case: Path, first: Path, ending: str, numbered: bool) -> list[Path]:
    if ending == PICTURE:
        write_file(first, lambda path: _save_picture(path, item.image.array))
        return [first]
    channels = [_volume(image.array, image.ndim) for image in channel_images(item.image_file)]
    if channels[0].ndim == 4 and channels[0].shape[-1] == 3:
        channels = [channels[0][..., color] for color in range(3)]
    affine = item.image.affine
    if not numbered:
        write_volume(first, channels[0] if len(channels) == 1 else np.stack(channels, -1), affine)
        return [first]
    files = [case.with_name(f"{case.name}_{number:04}{ending}") for number in range(len(channels))]
    for file, channel in zip(files, channels, strict=True):
        write_volume(file, channel, affine)
    return files


def _volume(array: NDArray[Any], ndim: int) -> NDArray[Any]:
    return array if ndim == 3 else array[:, :, np.newaxis]


def _save_picture(path: Path, values: NDArray[Any]) -> None:
    from PIL import Image as Pillow

    kept = values if values.dtype.itemsize == 1 else values.astype(np.uint16)
    Pillow.fromarray(np.ascontiguousarray(kept)).save(path, format="PNG")
