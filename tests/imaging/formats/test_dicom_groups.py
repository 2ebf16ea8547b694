"""Which files make one image, and what they are called."""

from __future__ import annotations

from pathlib import Path

from jlabel.imaging.formats.dicom_groups import (
    grouped,
    main_group,
    path_on_disk,
    series_name,
    series_path,
    split_series_path,
)
from jlabel.imaging.formats.dicom_header import DicomHeader

AXIAL, CORONAL = (1.0, 0, 0, 0, 1, 0), (1.0, 0, 0, 0, 0, -1)


def header(series: str = "1.2", **fields: object) -> DicomHeader:
    values: dict = {"rows": 4, "columns": 5, "placed": True, "orientation": AXIAL, "spacing": (1.0, 1.0)} | fields
    return DicomHeader(series=series, **values)


def test_slices_of_a_series_are_one_image_in_the_order_of_their_numbers() -> None:
    (group,) = grouped([("a", header(instance=2)), ("b", header(instance=1)), ("c", header(instance=1))])
    assert (group.files, group.key, group.stack) == (["b", "c", "a"], "1.2", True)


def test_what_differs_is_another_image() -> None:
    kinds = [
        header(),
        header("1.3"),
        header(sop_class="2"),
        header(rows=5),
        header(orientation=CORONAL),
        header(spacing=(1.0, 0.5)),
        header(frames=3),
        header(placed=False),
    ]
    groups = grouped([(str(number), kind) for number, kind in enumerate(kinds)])
    assert sorted(name for group in groups for name in group.files) == [str(number) for number in range(len(kinds))]
    assert len({group.key for group in groups}) == len(groups) == len(kinds)


def test_directions_that_differ_by_rounding_are_one() -> None:
    turned = tuple(value + 4e-4 for value in AXIAL)
    (group,) = grouped([("a", header()), ("b", header(orientation=turned, spacing=(1.0004, 1.0)))])
    assert group.files == ["a", "b"]


def test_keys_do_not_depend_on_the_order_or_on_the_numbers() -> None:
    files = [("a", header(instance=9)), ("b", header(orientation=CORONAL)), ("c", header()), ("d", header(rows=9))]
    plain = [(name, one._replace(instance=0)) for name, one in files]
    assert {group.key for group in grouped(files)} == {group.key for group in grouped(plain[::-1])}


def test_what_a_folder_stands_for() -> None:
    one = grouped([("a", header())])
    assert main_group(one) is one[0]
    assert main_group(one, beside=True) is None
    scout = grouped([("a", header()), ("b", header()), ("scout", header("1.3"))])
    assert main_group(scout, beside=True) is scout[0]
    two = grouped([("a", header()), ("b", header()), ("c", header("1.3")), ("d", header("1.3"))])
    assert main_group(two) is None
    assert main_group(grouped([("a", header(frames=4))])) is None
    assert main_group([]) is None


def test_names_are_plain() -> None:
    names = [
        header(number="3", description="T1 / mprage"),
        header(description="../..\0"),
        header(description="übung" * 30),
    ]
    found = [series_name(grouped([("a", one)])[0]) for one in names]
    assert found[0] == "3_T1_mprage"
    assert found[1].startswith("series_")
    assert found[2].isascii()
    assert len(found[2]) <= 40


def test_paths_of_series(tmp_path: Path) -> None:
    (group,) = grouped([("a", header())])
    strange = grouped([("a", header("../../etc"))])[0]
    assert series_path("p/q", group) == "p/q/series=1.2"
    assert series_path("", group) == "series=1.2"
    assert "/" not in strange.key
    assert "." not in strange.key
    assert split_series_path(tmp_path / "series=1.2") == (tmp_path, "1.2", ("",))
    assert path_on_disk(tmp_path / "series=1.2") == tmp_path
    (tmp_path / "series=1.2").touch()
    assert split_series_path(tmp_path / "series=1.2") is None
    assert path_on_disk(tmp_path / "a.nii") == tmp_path / "a.nii"
