"""Which layouts are found in a folder, and what the labels in them are."""

from __future__ import annotations

import base64
import io

import nrrd
import numpy as np
import pytest
from PIL import Image

from jlabel.errors import LabelError
from jlabel.exchange import detect, read_label_table
from tests.exchange.conftest import SHAPE, mask, volume, write_json

ROWS, COLUMNS = 20, 30


def kinds(folder, **options):
    return [(layout.kind, len(layout.labels)) for layout in detect(folder, **options)]


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((ROWS, COLUMNS, 3), np.uint8)).save(path)
    return path


def square(top=4, left=6, size=5):
    """A square of pixels, and the corners of its outline as x and y."""
    pixels = np.zeros((ROWS, COLUMNS), bool)
    pixels[top : top + size, left : left + size] = True
    corners = [[left, top], [left + size, top], [left + size, top + size], [left, top + size]]
    return pixels, corners


def imported(manage, studies, source, labels=("cell",)):
    """The label of a picture of 20 × 30 pixels after an import, and the names of its values."""
    picture(studies / "p.png")
    manager = manage(list(labels))
    report = manager.import_labels(source)
    assert (report.imported, report.refused) == (["p"], [])
    return manager.label("p"), {label.name: label.value for label in manager.labels}


def test_several_layouts_in_one_folder_are_all_found(source):
    for name in ("a", "b"):
        volume(source / "Task" / "imagesTr" / f"{name}.nii.gz")
        volume(source / "Task" / "labelsTr" / f"{name}.nii.gz", mask(1))
    picture(source / "set" / "images" / "1.png")
    picture(source / "set" / "masks" / "1.png")
    volume(source / "c.nii.gz")
    volume(source / "c_label.nii.gz", mask(1))
    assert kinds(source) == [
        ("masks beside their images", 1),
        ("Medical Segmentation Decathlon", 2),
        ("images and labels of the same names", 1),
    ]
    assert kinds(source, leave_out=[source / "Task"])[1:] == [("images and labels of the same names", 1)]


def test_images_alone_are_no_layout(source):
    volume(source / "a.nii.gz")
    write_json(source / "a.json", {"EchoTime": 0.1})
    assert detect(source) == []


def test_regions_of_nnunet_get_no_name_and_that_is_said(source):
    volume(source / "imagesTr" / "a_0000.nii.gz")
    volume(source / "labelsTr" / "a.nii.gz", mask(1))
    write_json(source / "dataset.json", {"labels": {"background": 0, "whole": [1, 2], "core": 2, "ignore": 3}})
    (layout,) = detect(source)
    assert [one.name for one in layout.labels[0].names] == ["core"]
    assert "regions of several values (whole)" in layout.refused[0].why


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "labels.txt",
            '# ITK-SnAP\n    0     0    0    0        0  0  0    "Clear"\n    2  255 0 16  1  1  1    "left kidney"\n',
        ),
        ("colors.ctbl", "# Color table file\n# 2 values\n0 Background 0 0 0 0\n2 left_kidney 255 0 16 255\n"),
        ("colors.txt", "LabelValue,Name,Color_R,Color_G,Color_B\n2,left kidney,255,0,16\n"),
    ],
)
def test_tables_of_names_and_colours(source, name, text):
    (source / name).write_text(text)
    (one,) = read_label_table(source / name)
    assert (one.value, one.name, one.color) == (2, "left kidney", "#ff0010")
    volume(source / "a.nii.gz")
    volume(source / "a_seg.nii.gz", mask(2))
    assert detect(source)[0].labels[0].names == (one,)


def test_a_text_that_is_no_table_is_said(source):
    (source / "readme.txt").write_text("1 of these days")
    with pytest.raises(LabelError, match="is no table of labels"):
        read_label_table(source / "readme.txt")


def test_each_image_may_have_names_of_its_own(source):
    for name in ("a", "b", "c"):
        volume(source / "images" / f"{name}.nii.gz")
        volume(source / "labels" / f"{name}.nii.gz", mask(1))
    write_json(source / "label_names.json", {"a": {"0": "background", "1": "aorta"}, "b": {"1": "spleen"}})
    (layout,) = detect(source)
    assert [[one.name for one in label.names] for label in layout.labels] == [["aorta"], ["spleen"], []]


def slicer_file(path, data, segments, origin=(0.0, 0.0, 0.0)):
    header = {
        "space": "right-anterior-superior",
        "space origin": np.array(origin),
        "space directions": np.diag([2.0, 2.0, 3.0]),
        "kinds": ["domain"] * 3,
    }
    if data.ndim == 4:
        header["space directions"] = np.vstack([[np.nan] * 3, header["space directions"]])
        header["kinds"] = ["list", *header["kinds"]]
    for number, fields in enumerate(segments):
        header |= {f"Segment{number}_{key}": value for key, value in fields.items()}
    nrrd.write(str(path), data, header)


def test_a_cropped_segmentation_of_slicer_gets_its_names_colours_and_place(manage, studies, source):
    volume(studies / "a.nii.gz")
    small = np.zeros((2, 2, 2), np.uint8)
    small[0, 0, 0], small[1, 1, 1] = 1, 7
    segments = [
        {"Name": "liver", "LabelValue": "1", "Layer": "0", "Color": "1 0 0"},
        {"Name": "vessel", "LabelValue": "7", "Layer": "0", "Color": "0 0.5 1"},
    ]
    slicer_file(source / "a.seg.nrrd", small, segments, origin=(4.0, 2.0, 3.0))
    manager = manage()
    assert manager.import_labels(source).imported == ["a"]
    label = manager.label("a")
    assert np.argwhere(label == 1).tolist() == [[2, 1, 1]]
    assert np.argwhere(label == 7).tolist() == [[3, 2, 2]]
    assert [(one.name, one.color) for one in manager.labels if one.name == "vessel"] == [("vessel", "#0080ff")]


def test_an_empty_segmentation_of_slicer_is_an_empty_label(manage, studies, source):
    volume(studies / "a.nii.gz")
    slicer_file(
        source / "a.seg.nrrd", np.zeros((1, 1, 1), np.uint8), [{"Name": "liver", "LabelValue": "1", "Layer": "0"}]
    )
    manager = manage()
    assert manager.import_labels(source).imported == ["a"]
    assert not manager.label("a").any()


@pytest.mark.parametrize("old", [False, True])
def test_layers_of_slicer_become_one_label_with_the_later_segment_in_front(manage, studies, source, old):
    volume(studies / "a.nii.gz")
    layers = np.zeros((2, *SHAPE), np.uint8)
    layers[0, :3], layers[1, 2:] = 1, 1
    segments = [{"Name": "liver"}, {"Name": "tumour"}]
    if not old:
        segments = [one | {"LabelValue": "1", "Layer": str(n)} for n, one in enumerate(segments)]
    slicer_file(source / "a.seg.nrrd", layers, segments)
    manager = manage()
    manager.import_labels(source)
    values = {label.name: label.value for label in manager.labels}
    label = manager.label("a")
    assert np.array_equal(label == values["liver"], layers[0].astype(bool) & (layers[1] == 0))
    assert np.array_equal(label == values["tumour"], layers[1].astype(bool))


def test_coco_outlines_and_run_lengths(manage, studies, source):
    big, corners = square(2, 3, 12)
    small = np.zeros((ROWS, COLUMNS), bool)
    small[4:6, 6:9] = True
    runs = [COLUMNS * 0 + 6 * ROWS + 4, 2, ROWS - 2, 2, ROWS - 2, 2, (COLUMNS - 9) * ROWS + ROWS - 6]
    content = {
        "images": [{"id": 5, "file_name": "sub/p.png", "height": ROWS, "width": COLUMNS}],
        "categories": [{"id": 0, "name": "cell"}, {"id": 3, "name": "nucleus"}],
        "annotations": [
            {"id": 1, "image_id": 5, "category_id": 3, "segmentation": {"size": [ROWS, COLUMNS], "counts": runs}},
            {"id": 2, "image_id": 5, "category_id": 0, "segmentation": [np.ravel(corners).tolist()]},
        ],
    }
    write_json(source / "annotations" / "instances.json", content)
    label, values = imported(manage, studies, source)
    assert np.array_equal(label == values["nucleus"], small)
    assert np.array_equal(label == values["cell"], big & ~small)


def test_compressed_run_lengths_as_pycocotools_writes_them(manage, studies, source):
    wanted = np.zeros((4, 5), bool)
    wanted[1:3, 2:5] = wanted[0, 0] = True
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(studies / "p.png")
    content = {
        "images": [{"id": 1, "file_name": "p.png", "height": 4, "width": 5}],
        "categories": [{"id": 1, "name": "cell"}],
        "annotations": [
            {"image_id": 1, "category_id": 1, "segmentation": {"size": [4, 5], "counts": "0181J000O"}},
        ],
    }
    write_json(source / "_annotations.coco.json", content)
    manager = manage(["cell"])
    manager.import_labels(source)
    assert np.array_equal(manager.label("p") == 1, wanted)


def test_yolo_outlines_with_the_names_of_classes(manage, studies, source):
    wanted, corners = square()
    numbers = " ".join(f"{x / COLUMNS:.6f} {y / ROWS:.6f}" for x, y in corners)
    (source / "labels" / "train").mkdir(parents=True)
    (source / "labels" / "train" / "p.txt").write_text(f"1 {numbers}\n")
    (source / "labels" / "train" / "boxes.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    picture(source / "images" / "train" / "p.png")
    (source / "data.yaml").write_text("train: images/train\nnames:\n  0: dust\n  1: cell\n")
    (layout,) = detect(source)
    assert (layout.kind, layout.labels[0].image, layout.labels[0].split) == ("YOLO", "train/p", "training")
    assert layout.refused[0].why == "holds boxes alone, and no outlines"
    picture(studies / "p.png")
    manager = manage(["cell"])
    manager.import_labels(source)
    values = {label.name: label.value for label in manager.labels}
    assert np.array_equal(manager.label("p") == values["cell"], wanted)


def test_labelme_shapes(manage, studies, source):
    polygon, corners = square()
    block, _ = square(12, 20, 4)
    text = io.BytesIO()
    Image.fromarray(np.full((4, 4), 255, np.uint8)).save(text, "PNG")
    shapes = [
        {"label": "cell", "shape_type": "polygon", "points": corners},
        {"label": "nucleus", "shape_type": "rectangle", "points": [[20, 12], [24, 16]]},
        {
            "label": "debris",
            "shape_type": "mask",
            "points": [[1, 15], [4, 18]],
            "mask": base64.b64encode(text.getvalue()).decode(),
        },
        {"label": "note", "shape_type": "point", "points": [[1, 1]]},
    ]
    about = {"imagePath": "..\\p.png", "imageHeight": ROWS, "imageWidth": COLUMNS}
    write_json(source / "p.json", {"shapes": shapes, **about})
    write_json(source / "q.json", {"shapes": shapes[-1:], **about})
    picture(studies / "p.png")
    manager = manage(["cell"])
    report = manager.import_labels(source)
    assert [one.what for one in report.refused] == [str(source / "q.json")]
    label, values = manager.label("p"), {one.name: one.value for one in manager.labels}
    assert np.array_equal(label == values["cell"], polygon)
    assert np.array_equal(label == values["nucleus"], block)
    assert np.argwhere(label == values["debris"]).min(axis=0).tolist() == [15, 1]


def test_masks_of_cvat_in_colours(manage, studies, source):
    wanted, _ = square()
    colors = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    colors[wanted] = (250, 50, 83)
    (source / "SegmentationClass").mkdir()
    Image.fromarray(colors).save(source / "SegmentationClass" / "p.png")
    picture(source / "JPEGImages" / "p.png")
    table = "# label:color_rgb:parts:actions\nbackground:0,0,0::\nlipid: drop:1,2,3::\ncell:250,50,83::\n"
    (source / "labelmap.txt").write_text(table)
    label, values = imported(manage, studies, source, ["other"])
    assert np.array_equal(label == values["cell"], wanted)
    colors[0, 0] = (9, 9, 9)
    Image.fromarray(colors).save(source / "SegmentationClass" / "p.png")
    report = manage(["other"]).import_labels(source)
    assert "the colour #090909, which labelmap.txt does not name" in report.refused[0].why


def test_outlines_of_another_picture_are_refused(manage, studies, source):
    _, corners = square()
    content = {"shapes": [{"label": "cell", "points": corners}], "imagePath": "p.png"}
    write_json(source / "p.json", content | {"imageHeight": 99, "imageWidth": COLUMNS})
    write_json(source / "v.json", content | {"imagePath": "v.nii.gz"})
    picture(studies / "p.png")
    volume(studies / "v.nii.gz")
    reasons = [one.why for one in manage(["cell"]).import_labels(source).refused]
    assert "was drawn on a picture of 99 × 30 pixels" in reasons[0]
    assert "its outlines are those of pictures" in reasons[1]


@pytest.mark.parametrize(
    "content",
    [
        {"images": [{"id": 1, "file_name": "p.png", "height": "tall"}], "categories": [{"id": 1, "name": "a"}]},
        {"images": [7, {"id": [1]}], "categories": [3, {"id": "x"}]},
    ],
)
def test_annotations_that_make_no_sense_are_refused_and_the_rest_is_found(source, content):
    annotations = [{"image_id": 1, "category_id": 1, "segmentation": [[1, 2]]}, None]
    write_json(source / "set" / "x.json", content | {"annotations": annotations})
    volume(source / "a_seg.nii.gz", mask(1))
    write_json(source / "dataset.json", ["no", "names"])
    found = detect(source)
    assert [label.image for layout in found for label in layout.labels] == ["a"]
    assert len([one for layout in found for one in layout.refused]) == 1


def test_a_name_that_leads_out_of_the_studies_is_refused(manage, studies, source):
    picture(source / "out.png")
    content = {
        "images": [{"id": 1, "file_name": "../../out.png", "height": ROWS, "width": COLUMNS}],
        "categories": [{"id": 1, "name": "a"}],
        "annotations": [{"image_id": 1, "category_id": 1, "segmentation": [[1, 1, 5, 1, 5, 5]]}],
    }
    write_json(source / "sub" / "x.json", content)
    report = manage(["cell"]).import_labels(source, images=True)
    assert report.imported == []
    assert len(report.refused) == 1
    assert list(studies.parent.glob("out*")) == []
