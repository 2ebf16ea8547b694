"""MetaImage in every variant of the fields that decide: as SimpleITK reads it, or refused by name.

Where SimpleITK leaves something out that the format defines, the test says what is right.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from jlabel.imaging import read_image
from tests.imaging.formats.reference import agrees, is_refused, read_by_itk
from tests.imaging.samples import volume

pytest.importorskip("SimpleITK")

TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
MATRICES = {
    "straight": "1 0 0 0 1 0 0 0 1",
    "flipped": "-1 0 0 0 -1 0 0 0 1",
    "permuted": "0 1 0 0 0 1 1 0 0",
    "oblique": "0.8 0.6 0 -0.6 0.8 0 0 0 1",
    "sheared": "1 0.5 0 0 1 0 0 0 1",
    "longer": "2 0 0 0 1 0 0 0 1",
}


def written(
    path: Path, array: np.ndarray, kind: str = "MET_SHORT", data: bytes | None = None, **changed: str | None
) -> Path:
    fields: dict[str, str | None] = {
        "ObjectType": "Image",
        "NDims": str(array.ndim),
        "BinaryData": "True",
        "BinaryDataByteOrderMSB": "False",
        "CompressedData": "False",
        "TransformMatrix": "1 0 0 0 1 0 0 0 1",
        "Offset": "-10 20 30",
        "ElementSpacing": "2 3 4",
        "DimSize": " ".join(map(str, array.shape)),
        "ElementType": kind,
    } | changed
    fields |= {"ElementDataFile": fields.pop("ElementDataFile", "LOCAL")}  # it has to come last
    head = "".join(f"{key} = {value}\n" for key, value in fields.items() if value is not None)
    path.write_bytes(head.encode() + (array.tobytes(order="F") if data is None else data))
    return path


def as_itk(path: Path) -> None:
    array, affine = read_by_itk(path)
    agrees(read_image(path), array, affine)


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", TYPES)
def test_types(tmp_path: Path, kind: str, compressed: bool, order: str) -> None:
    array = volume(TYPES[kind])
    raw = array.astype(array.dtype.newbyteorder(">" if order == "big" else "<")).tobytes(order="F")
    data = zlib.compress(raw) if compressed else raw
    path = written(
        tmp_path / "a.mha",
        array,
        kind,
        data,
        BinaryDataByteOrderMSB=str(order == "big"),
        CompressedData=str(compressed),
        CompressedDataSize=str(len(data)) if compressed else None,
    )
    as_itk(path)


@pytest.mark.parametrize("kind", ["MET_ASCII_CHAR", "MET_STRING", "MET_OTHER", "MET_NONE", ""])
def test_types_that_are_refused(tmp_path: Path, kind: str) -> None:
    is_refused(written(tmp_path / "a.mha", volume("u1"), kind), "ElementType")


@pytest.mark.parametrize("order", [True, False])
def test_the_other_name_of_the_byte_order(tmp_path: Path, order: bool) -> None:
    raw = volume(">i2" if order else "<i2").tobytes(order="F")
    path = written(tmp_path / "a.mha", volume(), data=raw, BinaryDataByteOrderMSB=None, ElementByteOrderMSB=str(order))
    as_itk(path)


@pytest.mark.parametrize("name", ["TransformMatrix", "Rotation", "Orientation"])
@pytest.mark.parametrize("matrix", MATRICES)
def test_matrices(tmp_path: Path, matrix: str, name: str) -> None:
    as_itk(written(tmp_path / "a.mha", volume(), **{"TransformMatrix": None, name: MATRICES[matrix]}))


@pytest.mark.parametrize("name", ["Offset", "Position", "Origin"])
def test_names_of_the_place(tmp_path: Path, name: str) -> None:
    as_itk(written(tmp_path / "a.mha", volume(), **{"Offset": None, name: "1.5 -2 3e1"}))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"ElementSize": "5 6 7"},
        {"ElementSpacing": None, "ElementSize": "5 6 7"},
        {"ElementSpacing": None},
        {"ElementSpacing": "-2 3 4"},
        {"ElementSpacing": "0.1 1e2 3"},
        {"Offset": None},
        {"TransformMatrix": None},
        {"TransformMatrix": None, "Offset": None, "ElementSpacing": None},
    ],
)
def test_sizes_and_places_that_are_missing(tmp_path: Path, changed: dict[str, str | None]) -> None:
    path = written(tmp_path / "a.mha", volume(), **changed)
    as_itk(path)
    notes = read_image(path).notes
    assert ("voxel size" in notes) == (changed.get("ElementSpacing", "") is None and "ElementSize" not in changed)
    assert ("position" in notes) == ("TransformMatrix" in changed)


@pytest.mark.parametrize(
    ("stated", "matrix", "noted"),
    [
        ("RAI", "straight", False),
        ("LPI", "flipped", False),
        ("LPS", "straight", True),
        ("ASL", "flipped", True),
        ("???", "permuted", False),
        ("RAI", "permuted", True),
    ],
)
def test_the_matrix_decides_over_the_anatomical_orientation(
    tmp_path: Path, stated: str, matrix: str, noted: bool
) -> None:
    path = written(tmp_path / "a.mha", volume(), AnatomicalOrientation=stated, TransformMatrix=MATRICES[matrix])
    as_itk(path)
    assert ("orientation" in read_image(path).notes) == noted


@pytest.mark.parametrize("centre", ["0 0 0", "5 6 7"])
def test_the_centre_of_rotation_moves_nothing(tmp_path: Path, centre: str) -> None:
    path = written(tmp_path / "a.mha", volume(), CenterOfRotation=centre, TransformMatrix=MATRICES["oblique"])
    as_itk(path)
    assert ("CenterOfRotation" in read_image(path).notes) == (centre != "0 0 0")


@pytest.mark.parametrize("unit", ["mm", "cm", "um", "?"])
def test_units_change_no_number(tmp_path: Path, unit: str) -> None:
    path = written(tmp_path / "a.mha", volume(), DistanceUnits=unit)
    as_itk(path)
    assert ("units" in read_image(path).notes) == (unit in ("cm", "um"))


@pytest.mark.parametrize("field", ["ElementMin", "ElementMax", "Modality", "Comment", "Name", "ID", "AcquisitionDate"])
def test_fields_that_change_nothing(tmp_path: Path, field: str) -> None:
    as_itk(written(tmp_path / "a.mha", volume(), **{field: "5"}))


@pytest.mark.parametrize(("slope", "offset"), [("1", "0"), ("2", "5"), ("0.5", "-1"), ("-1", "0")])
def test_rescaling(tmp_path: Path, slope: str, offset: str) -> None:
    path = written(
        tmp_path / "a.mha",
        volume(),
        ElementToIntensityFunctionSlope=slope,
        ElementToIntensityFunctionOffset=offset,
    )
    # The format defines a value's intensity by these two; ITK reads them and applies them to nothing.
    array, affine = read_by_itk(path)
    agrees(read_image(path), array.astype("f4") * float(slope) + float(offset), affine)


@pytest.mark.parametrize("dtype", ["u1", "i2"])
def test_frames(tmp_path: Path, dtype: str) -> None:
    path = written(
        tmp_path / "a.mha",
        volume(dtype, (5, 4, 3, 2)),
        {"u1": "MET_UCHAR", "i2": "MET_SHORT"}[dtype],
        TransformMatrix="0 1 0 0 1 0 0 0 0 0 1 0 0 0 0 1",
        Offset="1 2 3 0",
        ElementSpacing="2 3 4 1",
    )
    array, affine = read_by_itk(path)
    for frame in range(2):
        agrees(read_image(path, frame), array[..., frame], affine)


@pytest.mark.parametrize("matrix", ["1 0 0 1", "0 1 1 0", "-1 0 0 1"])
def test_two_axes(tmp_path: Path, matrix: str) -> None:
    path = written(tmp_path / "a.mha", volume(shape=(5, 4)), TransformMatrix=matrix, Offset="1 2", ElementSpacing="2 3")
    as_itk(path)


@pytest.mark.parametrize("channels", [3, 4])
def test_colours(tmp_path: Path, channels: int) -> None:
    array = volume("u1", (channels, 5, 4, 3))
    path = written(
        tmp_path / "a.mha", array, "MET_UCHAR", NDims="3", DimSize="5 4 3", ElementNumberOfChannels=str(channels)
    )
    reference, affine = read_by_itk(path)
    agrees(read_image(path), reference[..., :3], affine)
    assert "colour" in read_image(path).notes


@pytest.mark.parametrize(("kind", "channels"), [("MET_UCHAR", 2), ("MET_SHORT", 3), ("MET_FLOAT", 6), ("MET_UCHAR", 5)])
def test_values_in_a_voxel_that_are_no_image(tmp_path: Path, kind: str, channels: int) -> None:
    array = volume(TYPES[kind], (channels, 5, 4, 3))
    path = written(tmp_path / "a.mha", array, kind, NDims="3", DimSize="5 4 3", ElementNumberOfChannels=str(channels))
    is_refused(path, f"{channels} values")


@pytest.mark.parametrize("skip", ["0", "5", "-1"])
def test_detached_voxels(tmp_path: Path, skip: str) -> None:
    before = b"" if skip == "0" else b"12345"
    (tmp_path / "a.raw").write_bytes(before + volume().tobytes(order="F"))
    as_itk(written(tmp_path / "a.mhd", volume(), data=b"", HeaderSize=skip, ElementDataFile="a.raw"))


@pytest.mark.parametrize("beyond", [0, 5])
def test_the_size_of_the_header_counts_from_the_start_of_the_file(tmp_path: Path, beyond: int) -> None:
    data = b"x" * beyond + volume().tobytes(order="F")
    size = len(written(tmp_path / "a.mha", volume(), data=b"", HeaderSize="000").read_bytes()) + beyond
    as_itk(written(tmp_path / "a.mha", volume(), data=data, HeaderSize=f"{size:03d}"))


def test_a_size_of_the_header_that_lies_within_it_is_refused(tmp_path: Path) -> None:
    """The reference takes the text of the header for voxels."""
    path = written(tmp_path / "a.mha", volume(), data=volume().tobytes(order="F"), HeaderSize="7")
    is_refused(path, "the voxels begin at byte 7, inside of it")


def test_detached_and_compressed(tmp_path: Path) -> None:
    packed = zlib.compress(volume().tobytes(order="F"))
    (tmp_path / "a.zraw").write_bytes(packed)
    as_itk(written(tmp_path / "a.mhd", volume(), data=b"", CompressedData="True", ElementDataFile="a.zraw"))


@pytest.mark.parametrize("name", ["../outside.raw", "/etc/hostname"])
def test_data_files_that_are_refused(tmp_path: Path, name: str) -> None:
    is_refused(written(tmp_path / "a.mhd", volume(), data=b"", ElementDataFile=name), "beside")


def test_text(tmp_path: Path) -> None:
    text = " ".join(map(str, volume().ravel(order="F"))).encode()
    path = written(tmp_path / "a.mha", volume(), data=text, BinaryData="False")
    agrees(read_image(path), volume())  # which SimpleITK cannot read from a .mha


def test_colons(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mha", volume())
    raw = volume().tobytes(order="F")
    path.write_bytes(path.read_bytes()[: -len(raw)].replace(b" = ", b": ") + raw)
    agrees(read_image(path), volume())


@pytest.mark.parametrize("kind", ["Tube", "Scene", "Mesh", "Landmark"])
def test_objects_that_are_no_image(tmp_path: Path, kind: str) -> None:
    is_refused(written(tmp_path / "a.mha", volume(), ObjectType=kind), kind)
