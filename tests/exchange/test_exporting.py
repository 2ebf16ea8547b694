"""Labels in the formats of other programs: what is copied, what is written, and what a second export leaves alone."""

from __future__ import annotations

import csv
import gzip
import json
import struct

import nibabel as nib
import nrrd
import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.errors import DatastoreError
from jlabel.exchange import read_label_table
from jlabel.exchange.export import FORMATS, volume_files
from jlabel.exchange.outlines import mask_of_outline, mask_of_runs
from jlabel.progress import Progress
from tests.exchange.conftest import AFFINE, SHAPE, mask, volume


@pytest.fixture
def target(tmp_path):
    return tmp_path / "exported"


@pytest.fixture
def labelled(manage, studies):
    """A manager of two volumes with labels, one of them in a folder below."""
    volume(studies / "a.nii.gz")
    volume(studies / "sub" / "b.nii.gz")
    manager = manage({"liver": 1, "spleen": 2})
    manager.save_label("a", mask(1, 2, 2))
    manager.save_label("sub/b", mask(0, 1))
    return manager


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def array(path):
    return np.asarray(nib.load(path).dataobj)


def test_nnunet_gets_copies_a_dataset_and_the_split(labelled, studies, target):
    labelled.datastore.update_image_info("a", {"split": "training"})
    labelled.datastore.update_image_info("sub/b", {"split": "validation"})
    report = labelled.export("nnunet", target)
    assert (report.exported, report.refused) == (["a", "sub/b"], [])
    about = read_json(target / "dataset.json")
    assert about["labels"] == {"background": 0, "liver": 1, "spleen": 2}
    assert (about["numTraining"], about["file_ending"], about["channel_names"]) == (2, ".nii.gz", {"0": "image"})
    assert (target / "imagesTr" / "a_0000.nii.gz").read_bytes() == (studies / "a.nii.gz").read_bytes()
    written = target / "labelsTr" / "sub__b.nii.gz"
    assert written.read_bytes() == (studies / "labels" / "final" / "sub" / "b.nii.gz").read_bytes()
    assert read_json(target / "splits_final.json") == [{"train": ["a"], "val": ["sub__b"]}]


def test_nnunet_gets_values_without_gaps_and_a_file_for_each_channel(manage, studies, target):
    frames = np.stack([np.full(SHAPE, 7, np.int16), np.full(SHAPE, 9, np.int16)], -1)
    volume(studies / "a.nii.gz", frames)
    manager = manage({"tumour": 4, "liver": 9})
    manager.save_label("a", mask(4, 9, 9))
    manager.export("nnunet", target)
    assert read_json(target / "dataset.json")["labels"] == {"background": 0, "tumour": 1, "liver": 2}
    assert np.bincount(array(target / "labelsTr" / "a.nii.gz").ravel()).tolist()[1:] == [1, 2]
    assert [int(array(target / "imagesTr" / f"a_000{n}.nii.gz").max()) for n in (0, 1)] == [7, 9]
    assert np.array_equal(nib.load(target / "imagesTr" / "a_0001.nii.gz").affine, AFFINE)


def test_who_made_which_version_goes_along(labelled, target):
    labelled.save_label("a", mask(2), info={"comment": "second look"})
    labelled.export("pairs", target)
    record = read_json(target / "jlabel-export.json")["images"]["a"]
    history = labelled.datastore.label_history("a")[-1]
    assert (record["version"], record["author"], record["sha256"]) == (2, history.author, history.sha256)
    assert record["info"]["comment"] == "second look"
    assert record["time"] == history.time.isoformat()


def test_only_what_changed_is_written_again_and_what_is_gone_goes(labelled, target):
    labelled.export("msd", target)
    kept = (target / "labelsTr" / "a.nii.gz").stat().st_mtime_ns
    labelled.save_label("sub/b", mask(2, 2))
    report = labelled.export("msd", target)
    assert (report.exported, report.unchanged) == (["sub/b"], 1)
    assert (target / "labelsTr" / "a.nii.gz").stat().st_mtime_ns == kept
    (target / "imagesTr" / "a.nii.gz").unlink()
    assert labelled.export("msd", target).exported == ["a"]
    labelled.datastore.remove_label("sub/b", "final")
    labelled.export("msd", target)
    assert not (target / "labelsTr" / "sub__b.nii.gz").exists()
    assert read_json(target / "dataset.json")["training"] == [
        {"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}
    ]


def test_a_cancelled_export_goes_on_where_it_ended(labelled, target):
    calls = []

    def check() -> None:
        calls.append(1)
        if len(calls) == 4:
            raise jlabel.Cancelled("enough")

    with pytest.raises(jlabel.Cancelled):
        labelled.export("nnunet", target, progress=Progress(check=check))
    assert not (target / "dataset.json").exists()
    report = labelled.export("nnunet", target)
    assert len(report.exported) + report.unchanged == 2
    assert read_json(target / "dataset.json")["numTraining"] == 2


def test_pairs_come_back_as_they_went(labelled, manage, target, tmp_path):
    labelled.export("pairs", target)
    (tmp_path / "others").mkdir()
    other = manage({"spleen": 1}, tmp_path / "others")
    assert sorted(other.import_labels(target, images=True).imported) == ["a", "sub/b"]
    spleen = other.label("a") == 1
    assert np.array_equal(spleen, mask(1, 2, 2) == 2)
    assert {label.name for label in other.labels} == {"spleen", "liver"}


def test_a_datalist_names_the_files_where_they_lie(labelled, studies, target):
    labelled.datastore.update_image_info("sub/b", {"split": "validation"})
    labelled.export("datalist", target)
    content = read_json(target / "datalist.json")
    assert content["training"] == [
        {"image": str(studies / "a.nii.gz"), "label": str(studies / "labels" / "final" / "a.nii.gz")}
    ]
    assert [item["image"] for item in content["validation"]] == [str(studies / "sub" / "b.nii.gz")]


def test_a_segmentation_of_slicer_has_names_colours_and_places(labelled, target):
    labelled.export("slicer", target)
    data, header = nrrd.read(str(target / "a.seg.nrrd"))
    assert np.array_equal(data, mask(1, 2, 2))
    assert (header["Segment1_Name"], header["Segment1_LabelValue"], header["Segment1_Layer"]) == ("spleen", "2", "0")
    assert header["Segment0_Extent"] == "0 0 0 0 0 0"
    assert header["space"] == "left-posterior-superior"
    assert np.array_equal(header["space directions"], np.diag([-2.0, -2.0, 3.0]))
    affine = jlabel.read_image(target / "a.seg.nrrd").affine
    assert np.allclose(affine, AFFINE)


def test_tables_of_names_are_read_again(labelled, target, tmp_path):
    labelled.export("itksnap", target)
    labelled.export("ctbl", tmp_path / "slicer")
    wanted = [(label.value, label.name, label.color) for label in labelled.labels]
    for table in (target / "labels.txt", tmp_path / "slicer" / "labels.ctbl"):
        assert [(one.value, one.name, one.color) for one in read_label_table(table)] == wanted


def test_meshes_are_in_millimetres(manage, studies, target):
    volume(studies / "a.nii.gz", np.zeros((12, 12, 12), np.int16))
    manager = manage({"left kidney": 1, "spleen": 2})
    label = np.zeros((12, 12, 12), np.uint8)
    label[2:10, 2:10, 2:10] = 1
    manager.save_label("a", label)
    manager.export("stl", target)
    data = (target / "a" / "left_kidney.stl").read_bytes()
    count = struct.unpack("<I", data[80:84])[0]
    corners = np.frombuffer(data[84:], np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]))["c"]
    assert (len(corners), b"SPACE=RAS" in data[:80]) == (count, True)
    assert np.allclose(corners.reshape(-1, 3).max(axis=0), [19, 19, 28.5], atol=1)
    assert not (target / "a" / "spleen.stl").exists()
    manager.export("obj", target.with_name("objects"))
    lines = (target.with_name("objects") / "a" / "left_kidney.obj").read_text().splitlines()
    assert lines[0] == "# SPACE=RAS"
    assert sum(line.startswith("f ") for line in lines) == count


def test_a_table_has_volumes_surfaces_and_intensities(labelled, target):
    labelled.export("table", target)
    with (target / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["image"], row["label"], row["voxels"]) for row in rows] == [
        ("a", "liver", "1"),
        ("a", "spleen", "2"),
        ("sub/b", "liver", "1"),
    ]
    assert float(rows[1]["volume_ml"]) == pytest.approx(2 * 12 / 1000)
    assert float(rows[1]["mean_intensity"]) == pytest.approx(1.5)
    assert float(rows[1]["surface_mm2"]) > 0
    assert (rows[0]["version"], rows[0]["tag"]) == ("1", "final")


@pytest.fixture
def pictures(manage, studies):
    """A manager of a picture with a disc with a hole, and a square."""
    Image.fromarray(np.zeros((30, 40, 3), np.uint8)).save(studies / "p.png")
    rows, columns = np.indices((30, 40))
    distance = np.hypot(rows - 12, columns - 14)
    label = ((distance < 8) & (distance > 3)).astype(np.uint8)
    label[20:28, 30:36] = 2
    label[5, 38] = 2
    manager = manage({"ring": 1, "square": 2})
    manager.save_label("p", label)
    return manager


@pytest.mark.parametrize("format", ["coco", "coco-rle"])
def test_coco_tells_masks_pixel_for_pixel(pictures, target, format):
    pictures.export(format, target)
    content = read_json(target / "annotations.json")
    assert content["categories"][1] == {"id": 2, "name": "square", "supercategory": ""}
    (picture,) = content["images"]
    assert (picture["width"], picture["height"]) == (40, 30)
    assert (target / picture["file_name"]).is_file()
    label = pictures.label("p")
    for one in content["annotations"]:
        shape = one["segmentation"]
        if isinstance(shape, dict):
            found = mask_of_runs(shape["counts"], tuple(shape["size"]))
        else:
            outlines = [mask_of_outline(np.reshape(points, (-1, 2)), (30, 40)) for points in shape]
            found = np.any(outlines, axis=0)
        assert np.array_equal(found, label == one["category_id"])
        assert one["area"] == found.sum()
    kinds = [type(one["segmentation"]) for one in content["annotations"]]
    assert kinds == ([dict, list] if format == "coco" else [dict, dict])
    assert content["annotations"][1]["bbox"] == [30, 5, 9, 23]


def test_pictures_for_nnunet_are_png(pictures, target):
    pictures.export("nnunet", target)
    about = read_json(target / "dataset.json")
    assert (about["file_ending"], list(about["channel_names"].values())) == (".png", ["R", "G", "B"])
    assert np.array_equal(np.asarray(Image.open(target / "labelsTr" / "p.png")), pictures.label("p"))


def test_what_cannot_be_exported_is_named_and_the_rest_is(labelled, target):
    labelled.save_label("a", mask(7))
    report = labelled.export("nnunet", target)
    assert report.exported == ["sub/b"]
    assert "holds values that nobody has named (7)" in str(report)
    assert "no plain picture" in str(labelled.export("coco", target.with_name("coco")))


def test_a_damaged_image_or_label_is_named(labelled, studies, target):
    label = studies / "labels" / "final" / "a.nii.gz"
    label.write_bytes(gzip.compress(gzip.decompress(label.read_bytes())[:-20]))
    report = labelled.export("nnunet", target)
    assert report.exported == ["sub/b"]
    assert report.refused[0].what == "a"


def test_what_was_read_when_it_was_imported_is_copied_unread_until_it_changes(
    manage, studies, source, target, monkeypatch
):
    volume(studies / "a.nii.gz")
    volume(source / "a_seg.nii.gz", mask(1))
    manager = manage()
    manager.import_labels(source)
    read = []
    plain = volume_files.read_plain_label
    monkeypatch.setattr(volume_files, "read_plain_label", lambda path: read.append(path.name) or plain(path))
    assert manager.export("msd", target).exported == ["a"]
    assert read == []
    volume(studies / "labels" / "final" / "a.nii.gz", mask(1, 9))
    report = manager.export("msd", target)
    assert (report.exported, read) == ([], ["a.nii.gz"])
    assert "nobody has named (9)" in report.refused[0].why


def test_a_folder_of_something_else_is_left_alone(labelled, studies, target):
    target.mkdir()
    (target / "thesis.txt").write_text("mine")
    with pytest.raises(DatastoreError, match="is not empty"):
        labelled.export("nnunet", target)
    with pytest.raises(DatastoreError, match="lies in the studies folder"):
        labelled.export("nnunet", studies / "exported")
    with pytest.raises(DatastoreError, match="no format 'zip'; there are nnunet, msd"):
        labelled.export("zip", target)
    labelled.export("pairs", target.with_name("other"))
    with pytest.raises(DatastoreError, match="an export in the format 'pairs'"):
        labelled.export("msd", target.with_name("other"))
    assert [path.name for path in target.iterdir()] == ["thesis.txt"]


def test_some_images_or_all_that_are_labelled(labelled, target):
    assert labelled.export("pairs", target, images=["a"]).exported == ["a"]
    with pytest.raises(DatastoreError, match="images is 'labelled' or a list of ids"):
        labelled.export("pairs", target, images="all")


def test_every_format_is_told_in_the_docstring():
    assert [name for name in FORMATS if f'"{name}"' not in (jlabel.AppManager.export.__doc__ or "")] == []


NUCLEI = [jlabel.Label("stroma", 1, "#56b4e9"), jlabel.Label("nucleus", 2, "#e69f00", instances=True)]


@pytest.fixture
def nuclei(manage, studies):
    """A manager of a picture whose label tells three nuclei apart."""
    Image.fromarray(np.zeros((4, 6), np.uint8)).save(studies / "a.png")
    label = np.array([[1, 1, 0, 2, 2, 0], [0, 3, 3, 0, 7, 7], [0, 3, 3, 0, 7, 7], [0, 0, 0, 0, 0, 0]], np.uint8)
    manager = manage(NUCLEI)
    manager.save_label("a", label)
    return manager


def test_coco_gets_an_annotation_for_each_object_of_a_label_that_tells_them_apart(nuclei, target):
    nuclei.export("coco", target)
    about = read_json(target / "annotations.json")
    assert [(one["category_id"], one["bbox"], one["area"]) for one in about["annotations"]] == [
        (1, [0, 0, 2, 1], 2),
        (2, [3, 0, 2, 1], 2),
        (2, [1, 1, 2, 2], 4),
        (2, [4, 1, 2, 2], 4),
    ]
    assert [one["name"] for one in about["categories"]] == ["stroma", "nucleus"]


def test_a_table_has_a_row_for_each_object_and_other_formats_one_structure(nuclei, target):
    nuclei.export("table", target / "table")
    with (target / "table" / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["label"], row["value"]) for row in rows] == [
        ("stroma", "1"),
        ("nucleus", "2"),
        ("nucleus", "3"),
        ("nucleus", "7"),
    ]
    nuclei.export("nnunet", target / "nnunet")
    written = np.array(Image.open(target / "nnunet" / "labelsTr" / "a.png"))
    assert np.bincount(written.ravel()).tolist() == [12, 2, 10]
