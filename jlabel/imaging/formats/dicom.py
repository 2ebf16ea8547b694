"""DICOM: a folder that holds a series, or a single file, as an array ``(i, j, k)`` of columns, rows and slices.

What decides is written where it is read, in the modules beside this one: ``dicom_groups`` (which files make an image),
``dicom_places``, ``dicom_multiframe`` and ``dicom_mosaic`` (where slices lie), ``dicom_slices`` (the grid that they
make), ``dicom_stacks`` (frames), ``dicom_pixels`` (pixels) and ``dicom_values`` (what their numbers mean).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.formats.dicom_folder import chosen_group, look_into
from jlabel.imaging.formats.dicom_groups import Group, SeriesPath, split_series_path
from jlabel.imaging.formats.dicom_mosaic import is_mosaic, mosaic_parts, tile
from jlabel.imaging.formats.dicom_multiframe import multiframe_parts
from jlabel.imaging.formats.dicom_objects import DOSE, open_dicom
from jlabel.imaging.formats.dicom_pictures import read_picture_object
from jlabel.imaging.formats.dicom_pixels import frame_count, frame_pixels
from jlabel.imaging.formats.dicom_places import enhanced_parts, single_part
from jlabel.imaging.formats.dicom_slices import grid_affine
from jlabel.imaging.formats.dicom_stacks import Part, stacks
from jlabel.imaging.formats.dicom_values import (
    looked_up,
    modality_lookup,
    note_padding,
    padding_range,
    padding_tags,
    rescale,
    rescaled,
    scaled_padding,
    transformation,
)
from jlabel.imaging.formats.voxel_types import plain_type
from jlabel.imaging.image import Image


def read_dicom_file(path: Path, frame: int = 0) -> Image:
    """Read one DICOM file.

    Returns:
        A slice, or an object whose frames have positions: shape ``(i, j, k)``, one slice included; several slices in
        one place are frames. Without positions (photographs, ultrasound, secondary capture): shape ``(i, j)``, or
        ``(i, j, 3)`` in colour, of the frame asked for.

    Raises:
        ImageError: The file is damaged, holds no image (RTSTRUCT, SEG, …), its slices make no grid, or no decoder for
            its compression is installed.
    """
    notes: dict[str, str] = {}
    dataset = open_dicom(path, path)
    count = frame_count(path, dataset)
    parts = _parts(path, dataset, count, notes)
    if parts is None:
        return read_picture_object(path, dataset, frame, count, notes)
    return _volume(path, [dataset], [""], parts, frame, notes)


def read_dicom_series(path: Path, frame: int = 0) -> Image:
    """Read a DICOM series from a folder (the files need no extension; other files are left alone).

    Args:
        path: The folder, ``folder/series=1.2.3`` for one of several series in it, or ``top/series=1.2.3/a/series=/b``
            for one whose files lie in ``top/a`` and ``top/b``.
        frame: Which of the time points, echoes or directions.

    Returns:
        Shape ``(i, j, k)``, the slices ``k`` sorted along their normal; colour gives a last axis of 3.

    Raises:
        ImageError: There is no image in it, there are several series, slices are missing or differ in size, or a file
            is damaged. The error names the files.
    """
    notes: dict[str, str] = {}
    series = split_series_path(path)
    folder, key, parts_of = series or SeriesPath(path, "")
    found = look_into(folder, parts_of)
    group = chosen_group(path, found, key or None)
    if not key:
        for name, why in found.damaged.items():
            raise ImageError(path, f"its file {name!r} {why}")
    others = found.others + sum(len(other.files) for other in found.groups if other is not group)
    if others:
        notes["folder"] = f"{others} other file{'s' if others > 1 else ''} beside this image {_are(others)} left alone"
    if len(parts_of) > 1:
        notes["series"] = f"the files of this series lie in {len(parts_of)} folders: {', '.join(parts_of)}"
    if group.header.concatenation and len(group.files) > 1:
        return _read_concatenation(path, folder, group, frame, notes)
    if group.header.geometry and len(group.files) > 1:
        return _read_moments(path, folder, group, frame, notes)
    if len(group.files) == 1:
        image = read_dicom_file(folder / group.files[0], frame)
        return dataclasses.replace(image, notes={**notes, **image.notes}, path=path)
    datasets: list[Any] = []
    parts: list[Part] = []
    for name in group.files:
        dataset = open_dicom(path, folder / name)
        own = (
            mosaic_parts(path, dataset, len(datasets), name)
            if is_mosaic(dataset)
            else _one(path, dataset, name, datasets)
        )
        parts += own
        datasets.append(dataset)
    parts = _without_copies(path, datasets, parts, notes)
    return _volume(path, datasets, group.files, parts, frame, notes)


def _read_moments(path: Path, folder: Path, group: Group, frame: int, notes: dict[str, str]) -> Image:
    """One frame of the 4D image that several files with many frames make, each in the same places."""
    first = open_dicom(path, folder / group.files[0])
    parts = _parts(path, first, frame_count(path, first), {}) or []
    each = len(stacks(path, parts, {}, one_file=True))
    count = each * len(group.files)
    if not 0 <= frame < count:
        raise ImageError(path, f"has {count} frames, so there is no frame {frame}")
    name = group.files[frame // each]
    image = read_dicom_file(folder / name, frame % each)
    if image.frames != each:
        raise ImageError(path, f"has files that differ: {group.files[0]!r} has {each} frames, {name!r} {image.frames}")
    said = f"{count} frames of a 4D image: {len(group.files)} files in the order of InstanceNumber"
    inner = image.notes.get("frames")
    notes = {**notes, **image.notes, "frames": said if inner is None else f"{said}, in each {inner}"}
    return dataclasses.replace(image, frame=frame, frames=count, notes=notes, path=path)


def _read_concatenation(path: Path, folder: Path, group: Group, frame: int, notes: dict[str, str]) -> Image:
    """One frame of the object that several files are parts of."""
    opened = [(open_dicom(path, folder / name), name) for name in group.files]
    opened.sort(key=lambda one: int(one[0].get("InConcatenationNumber") or 0))
    total = int(opened[0][0].get("InConcatenationTotalNumber") or len(opened))
    if total != len(opened):
        raise ImageError(path, f"is one object in {total} files (a concatenation), of which {len(opened)} are there")
    parts: list[Part] = []
    for at, (dataset, name) in enumerate(opened):
        own = _parts(path, dataset, frame_count(path, dataset), notes)
        if own is None:
            raise ImageError(path, f"is one object in {total} files, of which {name!r} does not say where it lies")
        parts += [dataclasses.replace(part, file=at) for part in own]
    notes["series"] = f"{total} files are parts of one object (a concatenation)"
    return _volume(path, [dataset for dataset, _ in opened], [name for _, name in opened], parts, frame, notes)


def _parts(path: Path, dataset: Any, count: int, notes: dict[str, str]) -> list[Part] | None:
    """The slices of one object; None where it is a picture."""
    if dataset.get("PerFrameFunctionalGroupsSequence") is not None:
        return enhanced_parts(path, dataset, count)
    if count > 1:
        return multiframe_parts(path, dataset, count, notes)
    if is_mosaic(dataset):
        return mosaic_parts(path, dataset, 0, path.name)
    part = single_part(path, dataset, "frame 1")
    return None if part is None else [part]


def _one(path: Path, dataset: Any, name: str, datasets: Sequence[Any]) -> list[Part]:
    part = single_part(path, dataset, name, len(datasets)) if frame_count(path, dataset) == 1 else None
    if part is None:
        raise ImageError(path, f"has several files, of which {name!r} gives no single position; open that file itself")
    return [part]


def _without_copies(path: Path, datasets: Sequence[Any], parts: list[Part], notes: dict[str, str]) -> list[Part]:
    """Leave out files that are copies of others: the same object, in the same place, with the same pixels.

    Copies that were given a UID of their own are left out too, where only so the slices make a grid: slices that look
    alike may be moments of a 4D image.
    """
    out = _first_of_each(datasets, parts, by_uid=True)
    fewer = _first_of_each(datasets, out, by_uid=False)
    if len(fewer) < len(out) and not _make_a_grid(path, out) and _make_a_grid(path, fewer):
        out = fewer
    if len(out) < len(parts):
        notes["copies"] = f"slices that are copies of others were left out: {len(parts) - len(out)}"
    return out


def _make_a_grid(path: Path, parts: list[Part]) -> bool:
    try:
        stacks(path, parts, {}, one_file=False)
    except ImageError:
        return False
    return True


def _first_of_each(datasets: Sequence[Any], parts: list[Part], *, by_uid: bool) -> list[Part]:
    kept: dict[tuple[str, bytes, object], list[Any]] = {}
    out = []
    for part in parts:
        dataset = datasets[part.file]
        uid = str(dataset.get("SOPInstanceUID")) if by_uid else ""
        known = kept.setdefault((uid, part.place.position.tobytes(), part.tile), [])
        if any(other.get("PixelData") == dataset.get("PixelData") for other in known):
            continue
        known.append(dataset)
        out.append(part)
    return out


def _volume(
    path: Path, datasets: list[Any], names: Sequence[str], parts: list[Part], frame: int, notes: dict[str, str]
) -> Image:
    frames = stacks(path, parts, notes, one_file=len(datasets) == 1)
    if not 0 <= frame < len(frames):
        raise ImageError(path, f"has {len(frames)} frame{'s' * (len(frames) > 1)}, so there is no frame {frame}")
    chosen = frames[frame]
    sources = tuple((Path(datasets[part.file].filename), part.frame) for part in chosen)
    factors = [_factors(path, datasets[part.file], part) for part in chosen]
    files = {part.file: datasets[part.file] for part in chosen}
    lookups = {at: modality_lookup(path, dataset) for at, dataset in files.items()}
    tables = [lookups[part.file] for part in chosen]
    padding_said = padding_tags(files.values())
    files.clear()  # their bytes are not needed beside their pixels
    first, inverted = (
        datasets[chosen[0].file],
        datasets[chosen[0].file].get("PhotometricInterpretation") == "MONOCHROME1",
    )
    if str(first.get("SOPClassUID", "")) == DOSE:
        notes["values"] = f"the values are a dose in {str(first.get('DoseUnits') or 'unknown units').lower()}"
    volume = _stacked(path, _decoded(path, datasets, names, chosen, notes), len(chosen))
    colour = volume.ndim == 4
    padding = None if colour else padding_range(padding_said, volume.dtype)
    if padding is not None and not note_padding(volume, padding, notes):
        padding = None
    if any(table is not None for table in tables) and not colour:
        notes["intensities"] = "a modality look-up table was applied"
        volume = looked_up(volume, tables)
    array = volume if colour else plain_type(rescaled(volume, factors), notes)
    affine = grid_affine(path, [part.place for part in chosen])
    channels: Any = "rgb" if colour else "scalar"
    plain = padding is not None and all(table is None for table in tables)
    unmeasured = scaled_padding(padding, factors) if padding is not None and plain else None
    return Image(array, affine, channels, frame, len(frames), True, notes, path, inverted, unmeasured, sources)


def _decoded(
    path: Path, datasets: list[Any], names: Sequence[str], parts: Sequence[Part], notes: dict[str, str]
) -> Iterator[NDArray[Any]]:
    last, pixels = (-1, -1), np.empty(0)
    until = {part.file: at for at, part in enumerate(parts)}
    for at, part in enumerate(parts):
        if last != (part.file, part.frame):
            pixels = frame_pixels(path, datasets[part.file], part.frame, notes, names[part.file])
            last = (part.file, part.frame)
            if len(datasets) > 1 and part.tile is None and until[part.file] == at:
                datasets[part.file] = None  # its bytes are not needed beside its pixels
        yield pixels if part.tile is None else tile(pixels, part.tile)


def _stacked(path: Path, pixels: Iterator[NDArray[Any]], count: int) -> NDArray[Any]:
    first = next(pixels)
    volume = np.empty((*first.shape[:2], count, *first.shape[2:]), dtype=first.dtype, order="F")
    volume[:, :, 0] = first
    for index, one in enumerate(pixels, start=1):
        if one.shape != first.shape or (one.dtype != volume.dtype and {one.dtype.kind, volume.dtype.kind} - {"i", "u"}):
            raise ImageError(path, "has slices that differ in their kind of pixels")
        if one.dtype != volume.dtype:
            # Each slice has its own numbers: signed in some, or with fewer bits.
            volume = volume.astype(np.result_type(volume, one), order="F", copy=False)
        volume[:, :, index] = one
    return volume


def _factors(path: Path, dataset: Any, part: Part) -> tuple[float, float]:
    groups = dataset.get("PerFrameFunctionalGroupsSequence")
    if groups is None:
        return rescale(path, dataset)
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [None])[0]
    return rescale(path, dataset, transformation(dataset, groups[part.frame], shared))


def _are(count: int) -> str:
    return "were" if count > 1 else "was"
