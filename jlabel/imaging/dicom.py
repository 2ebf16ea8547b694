"""DICOM: a folder that holds one series, or a single file, as an array of shape (columns, rows, slices)."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import ImageError
from jlabel.imaging.dicom_pixels import frame_count, frame_pixels, rescale, rescaled
from jlabel.imaging.dicom_slices import grid_affine, stack_order
from jlabel.imaging.dicom_sniff import is_dicom
from jlabel.imaging.dicom_tags import frame_slices, number_list, transformation
from jlabel.imaging.image import Channels, Image
from jlabel.imaging.nifti_affine import Affine
from jlabel.imaging.voxels import plain_type

_NO_IMAGES = {
    "1.2.840.10008.5.1.4.1.1.66.4": "a segmentation (SEG)",
    "1.2.840.10008.5.1.4.1.1.66.7": "a label map segmentation (SEG)",
    "1.2.840.10008.5.1.4.1.1.481.2": "a radiotherapy dose",
    "1.2.840.10008.5.1.4.1.1.481.3": "radiotherapy contours (RTSTRUCT)",
    "1.2.840.10008.5.1.4.1.1.77.1.6": "a whole-slide image, which is not read yet",
    "1.2.840.10008.1.3.10": "the directory of a medium (DICOMDIR)",
}
_HEADER_TAGS = ["SOPClassUID", "SeriesInstanceUID", "SeriesDescription", "SeriesNumber", "Rows", "Columns"]


@dataclass(frozen=True)
class _File:
    path: Path
    series: str
    title: str
    size: tuple[int, int]


def read_dicom_file(path: Path, frame: int = 0) -> Image:
    """Read one DICOM file.

    Returns:
        A slice or an enhanced multi-frame object with positions: shape (columns, rows, slices), one slice included.
        Without positions (photographs, ultrasound, secondary capture): shape (columns, rows), or (columns, rows, 3) in
        colour, of the frame asked for.

    Raises:
        ImageError: The file is damaged, holds no image (RTSTRUCT, SEG, …) or no decoder for its
            compression is installed.
    """
    notes: dict[str, str] = {}
    dataset = _dataset(path, path)
    count = frame_count(path, dataset)
    slices = frame_slices(path, dataset, count)
    if slices is None:
        return _flat(path, dataset, frame, count, notes)
    if frame != 0:
        raise ImageError(path, f"has 1 frame, so there is no frame {frame}")
    order = stack_order(path, slices)
    groups = dataset.get("PerFrameFunctionalGroupsSequence") or [dataset] * count
    shared = (dataset.get("SharedFunctionalGroupsSequence") or [None])[0]
    pixels = (frame_pixels(path, dataset, index, notes) for index in order)
    factors = [rescale(path, transformation(dataset, groups[index], shared)) for index in order]
    return _volume(path, pixels, factors, grid_affine(path, [slices[index] for index in order]), notes)


def read_dicom_series(folder: Path, frame: int = 0) -> Image:
    """Read a folder that holds one DICOM series (the files need no extension; other files are left alone).

    Returns:
        Shape (columns, rows, slices), the slices sorted along their normal; colour gives a last axis of 3.

    Raises:
        ImageError: There is no image in it, there are several series, slices are missing, lie in one place or differ in
            size, or a file is damaged. The error names the files.
    """
    notes: dict[str, str] = {}
    files = _images_in(folder, notes)
    if len(files) == 1:
        image = read_dicom_file(files[0].path, frame)
        return dataclasses.replace(image, notes={**notes, **image.notes}, path=folder)
    if frame != 0:
        raise ImageError(folder, f"has 1 frame, so there is no frame {frame}")
    datasets: list[Any] = []
    slices = []
    for file in files:
        dataset = _dataset(folder, file.path)
        found = frame_slices(folder, dataset, frame_count(folder, dataset), file.path.name)
        if found is None or len(found) != 1:
            raise ImageError(
                folder,
                f"has {len(files)} files, of which {file.path.name!r} gives no single position; open that file itself",
            )
        datasets.append(dataset)
        slices += found
    order = stack_order(folder, slices)
    factors = [rescale(folder, datasets[index]) for index in order]

    def decoded() -> Iterator[NDArray[Any]]:
        for index in order:
            dataset, datasets[index] = datasets[index], None  # its bytes are not needed beside its pixels
            yield frame_pixels(folder, dataset, 0, notes, files[index].path.name)

    pixels = decoded()
    return _volume(folder, pixels, factors, grid_affine(folder, [slices[index] for index in order]), notes)


def _volume(
    path: Path,
    pixels: Iterator[NDArray[Any]],
    factors: list[tuple[float, float]],
    affine: Affine,
    notes: dict[str, str],
) -> Image:
    first = next(pixels)
    colour = first.ndim == 3
    volume = np.empty((*first.shape[:2], len(factors), *first.shape[2:]), dtype=first.dtype, order="F")
    volume[:, :, 0] = first
    for index, one in enumerate(pixels, start=1):
        if one.shape != first.shape or one.dtype != first.dtype:
            raise ImageError(path, "has slices that differ in their kind of pixels")
        volume[:, :, index] = one
    array = volume if colour else plain_type(rescaled(volume, factors), notes)
    return Image(array, affine, "rgb" if colour else "scalar", notes=notes, path=path)


def _flat(path: Path, dataset: Any, frame: int, count: int, notes: dict[str, str]) -> Image:
    if not 0 <= frame < count:
        raise ImageError(path, f"has {count} frame{'s' * (count > 1)}, so there is no frame {frame}")
    array: NDArray[Any] = frame_pixels(path, dataset, frame, notes)
    if array.ndim == 2:
        array = plain_type(rescaled(array[..., None], [rescale(path, dataset)])[..., 0], notes)
    spacing = number_list(path, dataset, "PixelSpacing", 2) or number_list(path, dataset, "ImagerPixelSpacing", 2)
    if spacing is None or min(spacing) <= 0:
        notes["voxel size"] = "the file gives no usable pixel spacing; 1 mm is assumed"
        spacing = [1.0, 1.0]
    notes["position"] = "the file does not say where the image lies in the patient"
    affine = np.diag([-spacing[1], -spacing[0], 1.0, 1.0])
    channels: Channels = "rgb" if array.ndim == 3 else "scalar"
    inverted = dataset.get("PhotometricInterpretation") == "MONOCHROME1"
    return Image(array, affine, channels, frame, count, False, notes, path, inverted)


def _dataset(path: Path, file: Path) -> Any:
    """The file with its pixels still packed, once it is known to hold an image."""
    import pydicom

    subject = "" if file == path else f"its file {file.name!r} "
    logging.getLogger("pydicom").addHandler(logging.NullHandler())
    try:
        dataset = pydicom.dcmread(file, force=True)
    except Exception as error:
        raise ImageError(path, f"{subject}is damaged: {error}") from error
    kind = str(dataset.get("SOPClassUID", ""))
    if kind in _NO_IMAGES:
        raise ImageError(path, f"{subject}holds no image but {_NO_IMAGES[kind]}")
    if len(dataset) == 0 or ("Rows" in dataset and not {"PixelData", "FloatPixelData"} & set(dataset.dir())):
        raise ImageError(path, f"{subject}is truncated: it ends before its pixels do")
    if "PixelData" not in dataset or "Rows" not in dataset or "PhotometricInterpretation" not in dataset:
        name = getattr(dataset.get("SOPClassUID"), "name", "") or "no pixels"
        raise ImageError(path, f"{subject}holds no image, or is cut short before its pixels ({name})")
    if getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None) is None:
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = _syntax(dataset)
    return dataset


def _syntax(dataset: Any) -> Any:
    from pydicom import uid

    implicit, little = dataset.original_encoding
    if implicit:
        return uid.ImplicitVRLittleEndian
    return uid.ExplicitVRLittleEndian if little is not False else uid.ExplicitVRBigEndian


def _images_in(folder: Path, notes: dict[str, str]) -> list[_File]:
    found, other = [], 0
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file():
            continue
        if not is_dicom(path):
            if path.suffix.lower() == ".dcm" or path.stat().st_size == 0:
                raise ImageError(folder, f"its file {path.name!r} is no DICOM file ({path.stat().st_size} bytes)")
            other += 1
            continue
        file = _header(folder, path)
        if file is None:
            other += 1
        else:
            found.append(file)
    if not found:
        raise ImageError(folder, "holds no DICOM image")
    if other:
        notes["folder"] = f"{other} file{'s that are' if other > 1 else ' that is'} no DICOM image ignored"
    _check_series(folder, found)
    return found


def _header(folder: Path, path: Path) -> _File | None:
    import pydicom

    try:
        header = pydicom.dcmread(path, force=True, stop_before_pixels=True, specific_tags=_HEADER_TAGS)
        rows, columns = int(header.get("Rows") or 0), int(header.get("Columns") or 0)
        series = str(header.get("SeriesInstanceUID", ""))
        title = f"{header.get('SeriesNumber') or ''} {header.get('SeriesDescription') or ''}".strip() or series
    except Exception as error:
        raise ImageError(folder, f"its file {path.name!r} is damaged: {error}") from error
    if str(header.get("SOPClassUID", "")) in _NO_IMAGES or not rows:
        return None
    return _File(path, series, title, (columns, rows))


def _check_series(folder: Path, files: Sequence[_File]) -> None:
    series: dict[str, list[_File]] = {}
    for file in files:
        series.setdefault(file.series, []).append(file)
    if len(series) > 1:
        listed = "; ".join(f"{group[0].title!r} ({len(group)} files)" for group in list(series.values())[:6])
        raise ImageError(folder, f"holds {len(series)} series: {listed}. Put each series in a folder of its own")
    other = next((file for file in files if file.size != files[0].size), None)
    if other is not None:
        raise ImageError(
            folder,
            f"has slices of different sizes: {files[0].path.name!r} has {files[0].size[0]} × {files[0].size[1]} "
            f"pixels, {other.path.name!r} has {other.size[0]} × {other.size[1]}",
        )
