"""NRRD in every variant of the fields that decide: as SimpleITK (Teem) reads it, or refused by name.

Where SimpleITK reads nothing, or not what the format defines, the test says what is right and why.
"""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import numpy as np
import pytest

from jlabel.imaging import read_image
from tests.imaging.formats.reference import agrees, is_refused, read_by_itk
from tests.imaging.samples import volume

pytest.importorskip("SimpleITK")

TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8"),
    "i2": ("short", "signed short int", "int16"),
    "u2": ("ushort", "unsigned short int", "uint16_t"),
    "i4": ("int", "signed int", "int32"),
    "u4": ("uint", "unsigned int", "uint32"),
    "i8": ("longlong", "signed long long int", "int64"),
    "u8": ("ulonglong", "unsigned long long", "uint64"),
    "f4": ("float",),
    "f8": ("double",),
}
PLACED = {"space": "LPS", "space directions": "(2,0,0) (0,-3,0) (0,0,4)", "space origin": "(-10,20,30)"}
STEPS = {
    "straight": "(2,0,0) (0,3,0) (0,0,4)",
    "flipped": "(-2,0,0) (0,-3,0) (0,0,4)",
    "permuted": "(0,2,0) (0,0,-3) (4,0,0)",
    "oblique": "(1.6,1.2,0) (-1.8,2.4,0) (0,0,4)",
}


def written(path: Path, array: np.ndarray, type_name: str = "", encoding: str = "raw", **changed: str | None) -> Path:
    """An NRRD of an array; ``None`` leaves a field out, and underscores in names are spaces."""
    little = array.astype(array.dtype.newbyteorder("<"))
    fields = {
        "type": type_name or TYPES[array.dtype.str[1:]][0],
        "dimension": str(array.ndim),
        "sizes": " ".join(map(str, array.shape)),
        "endian": "little",
        "encoding": encoding,
    }
    fields |= {key.replace("_", " "): value for key, value in changed.items() if value is not None}
    for key in [key.replace("_", " ") for key, value in changed.items() if value is None]:
        fields.pop(key, None)
    big = fields.get("endian") == "big"
    raw = (little.astype(array.dtype.newbyteorder(">")) if big else little).tobytes(order="F")
    text = " ".join(str(value) for value in array.ravel(order="F")).encode()
    packed = {"gzip": gzip.compress, "gz": gzip.compress, "bzip2": bz2.compress, "bz2": bz2.compress, "hex": in_hex}
    data = text if encoding in ("ascii", "text", "txt") else packed.get(encoding, bytes)(raw)
    # Teem wants the space before what lies in it.
    order = sorted(fields, key=lambda key: (("space" in key and "dir" in key) or "origin" in key, key == "kinds"))
    header = "NRRD0005\n" + "".join(f"{key}: {fields[key]}\n" for key in order) + "\n"
    path.write_bytes(header.encode() + data)
    return path


def in_hex(raw: bytes) -> bytes:
    return raw.hex(" ", 7).encode() + b"\n"


def as_itk(path: Path) -> None:
    array, affine = read_by_itk(path)
    agrees(read_image(path), array, affine)


def spaced(**fields: str | None) -> dict[str, str | None]:
    return {key.replace(" ", "_"): value for key, value in PLACED.items()} | fields


@pytest.mark.parametrize("endian", ["little", "big"])
@pytest.mark.parametrize("encoding", ["raw", "gzip", "ascii", "hex"])
@pytest.mark.parametrize("kind", TYPES)
def test_types(tmp_path: Path, kind: str, encoding: str, endian: str) -> None:
    as_itk(written(tmp_path / "a.nrrd", volume(kind), encoding=encoding, **spaced(endian=endian)))


@pytest.mark.parametrize("name", [name for names in TYPES.values() for name in names])
def test_names_of_types(tmp_path: Path, name: str) -> None:
    kind = next(kind for kind, names in TYPES.items() if name in names)
    as_itk(written(tmp_path / "a.nrrd", volume(kind), name, **spaced()))


@pytest.mark.parametrize("endian", ["little", "big"])
@pytest.mark.parametrize("encoding", ["bzip2", "bz2", "gz", "txt", "text"])
def test_other_names_of_encodings(tmp_path: Path, encoding: str, endian: str) -> None:
    array = volume("i2")  # not every Teem is built with bzip2, so the array itself is the reference
    agrees(read_image(written(tmp_path / "a.nrrd", array, encoding=encoding, **spaced(endian=endian))), array)


@pytest.mark.parametrize("digits", [b"0g", b"000", b"", b"00 00 zz"])
def test_hex_that_is_none_is_refused(tmp_path: Path, digits: bytes) -> None:
    path = written(tmp_path / "a.nrrd", volume("u1", (2, 1, 1)), encoding="hex", **spaced())
    path.write_bytes(path.read_bytes().partition(b"\n\n")[0] + b"\n\n" + digits)
    is_refused(path, "in hex|truncated")


def test_names_of_fields_in_capitals(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nrrd", volume(), **spaced())
    for name in (b"type", b"encoding", b"space directions", b"endian", b"sizes"):
        path.write_bytes(path.read_bytes().replace(b"\n" + name + b":", b"\n" + name.title() + b":", 1))
    as_itk(path)


def test_vectors_with_spaces_in_them(tmp_path: Path) -> None:
    steps, origin = "( 2, 0, 0 ) (0, -3, 0) (0,0 ,4)", "( -10, 20, 30 )"
    as_itk(written(tmp_path / "a.nrrd", volume(), **spaced(space_directions=steps, space_origin=origin)))


@pytest.mark.parametrize("encoding", ["zrl", "lzma"])
def test_encodings_that_are_refused(tmp_path: Path, encoding: str) -> None:
    is_refused(written(tmp_path / "a.nrrd", volume(), encoding=encoding, **spaced()), encoding)


@pytest.mark.parametrize("kind", ["block", "complex", "bool", "half"])
def test_types_that_are_refused(tmp_path: Path, kind: str) -> None:
    is_refused(written(tmp_path / "a.nrrd", volume(), kind, **spaced()), kind)


def test_several_bytes_need_an_endian(tmp_path: Path) -> None:
    is_refused(written(tmp_path / "a.nrrd", volume(), **spaced(endian=None)), "endian")  # as Teem does
    as_itk(written(tmp_path / "b.nrrd", volume("u1"), **spaced(endian=None)))


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize(
    "space", ["RAS", "LAS", "LPS", "right-anterior-superior", "left-anterior-superior", "Left-Posterior-Superior"]
)
def test_spaces(tmp_path: Path, space: str, steps: str) -> None:
    path = written(tmp_path / "a.nrrd", volume(), **spaced(space=space, space_directions=STEPS[steps]))
    as_itk(path)
    assert read_image(path).oriented


@pytest.mark.parametrize("steps", STEPS)
@pytest.mark.parametrize("space", ["3D-right-handed", "3D-left-handed", "scanner-xyz"])
def test_spaces_that_say_nothing_of_left_and_right(tmp_path: Path, space: str, steps: str) -> None:
    path = written(tmp_path / "a.nrrd", volume(), **spaced(space=space, space_directions=STEPS[steps]))
    as_itk(path)
    assert not read_image(path).oriented
    assert "left and right" in read_image(path).notes["position"]


@pytest.mark.parametrize(
    "space", ["right-anterior-superior-time", "RAST", "LPST", "left-anterior-superior-time", "scanner-xyz-time"]
)
def test_spaces_with_time_are_refused(tmp_path: Path, space: str) -> None:
    steps = "(2,0,0,0) (0,-3,0,0) (0,0,4,0) (0,0,0,1)"
    path = written(tmp_path / "a.nrrd", volume(shape=(5, 4, 3, 2)), space=space, space_directions=steps)
    is_refused(path, "time|4 dimensions")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"spacings": "2 3 4"},
        {"spacings": "-2 3 4"},
        {"spacings": "2 3 4", "axis_mins": "10 20 30"},
        {"spacings": "2 3 4", "axismins": "10 20 30"},
        {"spacings": "2 3 4", "axis_mins": "10 20 30", "centers": "cell cell cell"},
        {"spacings": "2 3 4", "axis_mins": "10 20 30", "centers": "node node node"},
        {"spacings": "2 3 4", "axis_mins": "10 20 30", "centerings": "node node node"},
        {"spacings": "2 3 4", "thicknesses": "1 1 1"},
        {"spacings": "2 3 4", "old_min": "0", "old_max": "255"},
        {"spacings": "2 3 4", "kinds": "space space space"},
        {"spacings": "2 3 4", "labels": '"x" "y" "z"'},
    ],
)
def test_without_a_space(tmp_path: Path, fields: dict[str, str]) -> None:
    path = written(tmp_path / "a.nrrd", volume(), **fields)
    as_itk(path)
    assert not read_image(path).oriented
    assert ("intensities" in read_image(path).notes) == ("old_min" in fields)


@pytest.mark.parametrize(("centers", "high"), [("cell", "20 32 42"), ("node", "18 29 38")])
def test_ends_of_the_axes_alone(tmp_path: Path, centers: str, high: str) -> None:
    fields = {"axis_mins": "10 20 30", "axis_maxs": high, "centers": " ".join([centers] * 3)}
    path = written(tmp_path / "a.nrrd", volume(), **fields)
    # The format: (max - min) / size of a cell-centred axis, / (size - 1) of a node-centred one. ITK takes the place
    # from the ends but leaves the spacing at 1, so that its own grid does not end at the maximum it read.
    half = np.array([1, 1.5, 2]) if centers == "cell" else 0
    expected = np.diag([-2.0, -3.0, 4.0, 1.0])
    expected[:3, 3] = (np.array([10, 20, 30]) + half) * [-1, -1, 1]
    np.testing.assert_allclose(read_image(path).affine, expected)


@pytest.mark.parametrize("origin", [None, "(0,0,0)", "(-10.5,20.25,1e3)"])
def test_origins(tmp_path: Path, origin: str | None) -> None:
    as_itk(written(tmp_path / "a.nrrd", volume(), **spaced(space_origin=origin)))


def test_a_space_without_directions_is_not_taken_for_known(tmp_path: Path) -> None:
    path = written(tmp_path / "a.nrrd", volume(), space="RAS", spacings="2 3 4")
    image = read_image(path)  # SimpleITK raises: spacings are for files without a space
    np.testing.assert_allclose(image.affine, np.diag([2, 3, 4, 1]))
    assert not image.oriented
    assert "no directions" in image.notes["position"]


@pytest.mark.parametrize("steps", ["(2,0,0) (2,0,0) (0,0,4)", "(0,0,0) (0,-3,0) (0,0,4)"])
def test_directions_that_make_no_grid(tmp_path: Path, steps: str) -> None:
    is_refused(written(tmp_path / "a.nrrd", volume(), **spaced(space_directions=steps)), "directions")


@pytest.mark.parametrize("units", ['"mm" "mm" "mm"', '"um" "um" "um"', '"cm" "cm" "cm"'])
def test_units_change_no_number(tmp_path: Path, units: str) -> None:
    path = written(tmp_path / "a.nrrd", volume(), **spaced(space_units=units))
    as_itk(path)
    assert ("units" in read_image(path).notes) == ("mm" not in units)


@pytest.mark.parametrize("dtype", ["i2", "u1", "f4"])
@pytest.mark.parametrize("kind", ["list", "point"])
def test_an_axis_of_frames_first(tmp_path: Path, kind: str, dtype: str) -> None:
    array = volume(dtype, (3, 5, 4, 2))
    steps = "none (2,0,0) (0,-3,0) (0,0,4)"
    path = written(tmp_path / "a.nrrd", array, **spaced(kinds=f"{kind} domain domain domain", space_directions=steps))
    reference, affine = read_by_itk(path)
    for frame in range(3):
        agrees(read_image(path, frame), reference[..., frame], affine)
    assert read_image(path).frames == 3


@pytest.mark.parametrize("kind", ["list", "time", "domain", None])
def test_an_axis_of_frames_last(tmp_path: Path, kind: str | None) -> None:
    array = volume(shape=(5, 4, 3, 2))
    kinds = None if kind is None else f"domain domain domain {kind}"
    path = written(tmp_path / "a.nrrd", array, **spaced(kinds=kinds, space_directions="(2,0,0) (0,-3,0) (0,0,4) none"))
    affine = np.array([[-2.0, 0, 0, 10], [0, 3, 0, -20], [0, 0, 4, 30], [0, 0, 0, 1]])
    for frame in range(2):  # SimpleITK asks for four directions of four axes, which a space of three cannot have
        agrees(read_image(path, frame), array[..., frame], affine)


@pytest.mark.parametrize(
    ("kind", "values"), [("RGB-color", 3), ("RGBA-color", 4), ("3-color", 3), ("vector", 3), ("4-color", 4)]
)
def test_colours(tmp_path: Path, kind: str, values: int) -> None:
    array = volume("u1", (values, 5, 4, 2))
    steps = "none (2,0,0) (0,-3,0) (0,0,4)"
    path = written(tmp_path / "a.nrrd", array, **spaced(kinds=f"{kind} domain domain domain", space_directions=steps))
    reference, affine = read_by_itk(path)
    image = read_image(path)
    agrees(image, reference[..., :3], affine)
    assert image.channels == "rgb"
    assert ("colour" in image.notes) == (values == 4 or kind == "vector")


@pytest.mark.parametrize("kind", ["stub", "scalar"])
def test_an_axis_of_one_value(tmp_path: Path, kind: str) -> None:
    steps = "none (2,0,0) (0,-3,0) (0,0,4)"
    path = written(
        tmp_path / "a.nrrd",
        volume(shape=(1, 5, 4, 3)),
        **spaced(kinds=f"{kind} domain domain domain", space_directions=steps),
    )
    as_itk(path)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("vector", 3),
        ("covariant-vector", 3),
        ("normal", 3),
        ("complex", 2),
        ("2-vector", 2),
        ("quaternion", 4),
        ("3D-symmetric-matrix", 6),
        ("3D-masked-symmetric-matrix", 7),
        ("RGB-color", 3),
        ("HSV-color", 3),
    ],
)
def test_values_in_a_voxel_that_are_no_image(tmp_path: Path, kind: str, values: int) -> None:
    steps = "none (2,0,0) (0,-3,0) (0,0,4)"
    array = volume("i2", (values, 5, 4, 3))
    path = written(tmp_path / "a.nrrd", array, **spaced(kinds=f"{kind} domain domain domain", space_directions=steps))
    is_refused(path, f"{kind.lower()} of {values}")


def detached(folder: Path, data: bytes, name: str = "a.raw", **fields: str | None) -> Path:
    (folder / name).write_bytes(data)
    path = written(folder / "a.nhdr", volume(), **spaced(data_file=name, **fields))
    path.write_bytes(path.read_bytes().partition(b"\n\n")[0] + b"\n\n")
    return path


@pytest.mark.parametrize(
    ("before", "fields"),
    [
        (b"", {}),
        (b"12345", {"byte_skip": "5"}),
        (b"one\ntwo\n", {"line_skip": "2"}),
        (b"one\n12345", {"line_skip": "1", "byte_skip": "5"}),
        (b"anything", {"byte_skip": "-1"}),
    ],
)
def test_detached_voxels_and_skips(tmp_path: Path, before: bytes, fields: dict[str, str]) -> None:
    as_itk(detached(tmp_path, before + volume().tobytes(order="F"), **fields))


def test_a_line_is_skipped_before_unpacking_and_bytes_after_it(tmp_path: Path) -> None:
    packed = b"one\n" + gzip.compress(b"12345" + volume().tobytes(order="F"))
    path = detached(tmp_path, packed, "a.raw.gz", line_skip="1", byte_skip="5", encoding="gzip")
    agrees(read_image(path), volume())


@pytest.mark.parametrize("name", ["../outside.raw", "/etc/hostname"])
def test_data_files_that_are_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "a.nhdr", volume(), **spaced(data_file=name))
    is_refused(path, "beside")


@pytest.mark.parametrize("steps", ["(2,0) (0,-3)", "(1.6,1.2) (-1.8,2.4)"])
def test_two_axes_in_a_plane(tmp_path: Path, steps: str) -> None:
    path = written(
        tmp_path / "a.nrrd", volume(shape=(5, 4)), space_dimension="2", space_directions=steps, space_origin="(1,2)"
    )
    rows = np.array([[float(v) for v in step.strip("()").split(",")] for step in steps.split(" ")])
    image = read_image(path)
    np.testing.assert_allclose(image.affine[:2, :2], -rows.T)  # in LPS, of which both axes turn round
    np.testing.assert_allclose(image.affine[:3, 3], [-1, -2, 0])
