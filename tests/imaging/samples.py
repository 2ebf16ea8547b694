"""Tiny valid files of every format, made in a test's own folder."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np

AFFINE = np.array([[-2.0, 0, 0, 10], [0, 3, 0, -20], [0, 0, 4, 30], [0, 0, 0, 1]])


def volume(dtype: str = "int16", shape: tuple[int, ...] = (5, 4, 3)) -> np.ndarray:
    """Voxels that are all different."""
    return np.arange(np.prod(shape)).reshape(shape, order="F").astype(dtype)


def nifti(path: Path, array: np.ndarray, affine: np.ndarray = AFFINE, **fields: object) -> Path:
    image = (nib.Nifti2Image if fields.pop("version", 1) == 2 else nib.Nifti1Image)(array, affine)
    for name, value in fields.items():
        image.header[name] = value
    nib.save(image, path)
    return path


def nrrd(path: Path, array: np.ndarray, encoding: str = "raw", **fields: str) -> Path:
    lines = {
        "type": {"int16": "short", "uint8": "uchar", "float32": "float"}[str(array.dtype)],
        "dimension": str(array.ndim),
        "space": "left-posterior-superior",
        "sizes": " ".join(map(str, array.shape)),
        "space directions": "(2,0,0) (0,-3,0) (0,0,4)",
        "space origin": "(-10,20,30)",
        "endian": "little",
        "encoding": encoding,
    } | {key.replace("_", " "): value for key, value in fields.items()}
    raw = array.tobytes(order="F")
    packed = {"raw": bytes, "gzip": gzip.compress, "bzip2": bz2.compress}.get(encoding, lambda data: data)(raw)
    if encoding == "ascii":
        packed = " ".join(map(str, array.ravel(order="F"))).encode()
    header = "NRRD0004\n" + "".join(f"{key}: {value}\n" for key, value in lines.items() if value) + "\n"
    path.write_bytes(header.encode() + packed)
    return path


def metaimage(path: Path, array: np.ndarray, compressed: bool = False, **fields: str) -> Path:
    raw = array.tobytes(order="F")
    data = zlib.compress(raw) if compressed else raw
    lines = {
        "ObjectType": "Image",
        "NDims": str(array.ndim),
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": str(array.dtype.byteorder == ">"),
        "CompressedData": str(compressed),
        "TransformMatrix": "1 0 0 0 -1 0 0 0 1",
        "Offset": "-10 20 30",
        "ElementSpacing": "2 3 4",
        "DimSize": " ".join(map(str, array.shape)),
        "ElementType": {"i2": "MET_SHORT", "u1": "MET_UCHAR", "f4": "MET_FLOAT"}[array.dtype.str[1:]],
        "ElementDataFile": "LOCAL",
    } | fields
    path.write_bytes("".join(f"{key} = {value}\n" for key, value in lines.items() if value).encode() + data)
    return path


def mgh(path: Path, array: np.ndarray) -> Path:
    nib.save(nib.MGHImage(array, AFFINE), path)
    return path


def picture(path: Path, array: np.ndarray, **options: object) -> Path:
    from PIL import Image as Pillow

    Pillow.fromarray(array).save(path, **options)
    return path


def dicom(path: Path, pixels: np.ndarray, position: tuple[float, float, float] = (0, 0, 0), **tags: object) -> Path:
    """One CT slice; ``pixels`` is (rows, columns)."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.SeriesInstanceUID = CTImageStorage, "1.2.3", "1.2"
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    bits = pixels.dtype.itemsize * 8
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = bits, bits, bits - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    dataset.PixelSpacing = [3, 2]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = list(position)
    dataset.SliceThickness = 4
    dataset.PixelData = pixels.tobytes()
    for name, value in tags.items():
        if value is None:
            delattr(dataset, name)
        else:
            setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


def every_format() -> dict[str, Callable[[Path], Path]]:
    """For each kind of file, a function that writes a small valid one into a folder."""
    rgb = np.stack([volume("uint8", (6, 5))] * 3, axis=-1)
    return {
        "nii": lambda folder: nifti(folder / "a.nii", volume()),
        "nii.gz": lambda folder: nifti(folder / "a.nii.gz", volume("float32")),
        "nifti2": lambda folder: nifti(folder / "b.nii", volume(), version=2),
        "nrrd": lambda folder: nrrd(folder / "a.nrrd", volume()),
        "nrrd gzip": lambda folder: nrrd(folder / "b.nrrd", volume(), "gzip"),
        "nrrd bzip2": lambda folder: nrrd(folder / "c.nrrd", volume(), "bzip2"),
        "nrrd ascii": lambda folder: nrrd(folder / "d.nrrd", volume(), "ascii"),
        "mha": lambda folder: metaimage(folder / "a.mha", volume()),
        "mha zlib": lambda folder: metaimage(folder / "b.mha", volume(), compressed=True),
        "mgh": lambda folder: mgh(folder / "a.mgh", volume("float32")),
        "mgz": lambda folder: mgh(folder / "a.mgz", volume("uint8")),
        "png": lambda folder: picture(folder / "a.png", rgb),
        "jpeg": lambda folder: picture(folder / "a.jpg", rgb),
        "bmp": lambda folder: picture(folder / "a.bmp", rgb),
        "tiff": lambda folder: picture(folder / "a.tif", rgb[..., 0]),
        "tiff deflate": lambda folder: picture(folder / "b.tif", rgb, compression="tiff_deflate"),
        "dicom": lambda folder: dicom(folder / "a.dcm", volume("int16", (6, 5))),
    }
