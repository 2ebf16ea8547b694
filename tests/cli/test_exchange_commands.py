"""``jlabel import`` and ``jlabel export``: labels of a data set, with their names."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jlabel.datastores import LocalDatastore
from jlabel.imaging import read_image, read_label
from tests.cli.conftest import Jlabel
from tests.cli.studies import SHAPE, make_studies, save
from tests.exchange.dicom_seg.samples import SHAPE as SERIES_SHAPE
from tests.exchange.dicom_seg.samples import series


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    return make_studies(tmp_path / "studies", labelled=0)


@pytest.fixture
def decathlon(tmp_path: Path) -> Path:
    """A data set with two labels that fit and one in another grid."""
    folder = tmp_path / "Task01"
    for number in range(3):
        shape = (5, 5, 5) if number == 2 else SHAPE
        save(folder / "imagesTr" / f"case_{number}.nii.gz", np.zeros(shape, np.int16))
        save(folder / "labelsTr" / f"case_{number}.nii.gz", np.full(shape, 2, np.uint8))
    about = {"labels": {"0": "background", "1": "liver", "2": "tumour"}, "training": []}
    (folder / "dataset.json").write_text(json.dumps(about))
    return folder


def test_a_data_set_brings_its_names(jlabel: Jlabel, studies: Path, decathlon: Path) -> None:
    code, out, _ = jlabel("import", studies, decathlon, "--json")
    read = json.loads(out)
    assert (code, read["imported"]) == (1, 2)
    (refused,) = read["refused"]
    assert refused["file"].endswith("case_2.nii.gz")
    datastore = LocalDatastore(studies)
    assert datastore.get_labeled_images() == ["case_0", "case_1"]
    assert datastore.get_label_info("case_0")["labels"] == {"liver": 1, "tumour": 2}
    assert jlabel("check", studies)[0] == 0  # all values are named now
    assert json.loads(jlabel("import", studies, decathlon, "--json")[1])["unchanged"] == 2


def test_a_dry_run_writes_nothing(jlabel: Jlabel, studies: Path, decathlon: Path) -> None:
    _, out, _ = jlabel("import", studies, decathlon, "--dry-run")
    assert "labels to import: 3" in out
    assert not (studies / "labels").exists()


def test_names_and_a_pattern_of_ones_own(jlabel: Jlabel, studies: Path, tmp_path: Path) -> None:
    mask = np.zeros(SHAPE, np.uint8)
    mask[2:5] = 255
    save(tmp_path / "masks" / "case_1_by_hand.nii.gz", mask)
    typed = ("import", studies, tmp_path / "masks", "--pattern", "{name}_by_hand.nii.gz", "--names")
    assert jlabel(*typed, "liver=255")[0] == 0
    assert LocalDatastore(studies).get_label_info("case_1")["labels"] == {"liver": 255}
    code, _, err = jlabel(*typed, "liver")
    assert (code, "no names with values as in liver=1,spleen=3" in err) == (2, True)


def test_where_nothing_is_found_it_says_so(jlabel: Jlabel, studies: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = jlabel("import", studies, tmp_path / "empty", "--labels", "liver")
    assert (code, "no labels in a layout that is known were found there" in err) == (1, True)


def test_labels_go_out_as_they_came_in(jlabel: Jlabel, studies: Path, decathlon: Path, tmp_path: Path) -> None:
    jlabel("import", studies, decathlon)
    code, out, _ = jlabel("export", studies, "nnunet", tmp_path / "out", "--json")
    read = json.loads(out)
    assert (code, read["exported"], read["refused"]) == (0, 2, [])
    about = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert about["labels"] == {"background": 0, "liver": 1, "tumour": 2}
    assert "unchanged: 2" in jlabel("export", studies, "nnunet", tmp_path / "out")[1]


def test_an_export_that_cannot_be_is_told(jlabel: Jlabel, studies: Path, tmp_path: Path) -> None:
    code, _, err = jlabel("export", studies, "nothing", tmp_path / "out", "--labels", "liver")
    assert (code, "nnunet" in err) == (1, True)


@pytest.fixture
def series_studies(tmp_path: Path) -> Path:
    """Studies with a DICOM series that is labelled, and an image that is none."""
    folder = tmp_path / "series studies"
    series(folder / "ct")
    save(folder / "volume.nii.gz", np.zeros(SHAPE, np.int16))
    return folder


def test_dicom_segmentations_go_out_and_come_back(jlabel: Jlabel, series_studies: Path, tmp_path: Path) -> None:
    label = np.zeros(SERIES_SHAPE, np.uint8)
    label[1:3, 1:3, :2], label[0, 0, 1] = 1, 2
    with_labels = LocalDatastore(series_studies)
    names = {"label_names": ["liver", "left kidney"], "labels": {"liver": 1, "left kidney": 2}}
    with_labels.save_label("ct", label, info=names)
    with_labels.save_label("volume", np.ones(SHAPE, np.uint8), info=names)
    with_labels.close()
    target = tmp_path / "out"
    code, out, err = jlabel("export", series_studies, "dicom-seg", target, "--json")
    report = json.loads(out)
    assert (code, report["exported"]) == (1, 1), err
    assert "is of no DICOM files" in report["refused"][0]["why"]
    assert [path.name for path in target.glob("*.dcm")] == ["ct_seg.dcm"]

    series(tmp_path / "others" / "ct")
    code, out, err = jlabel("import", tmp_path / "others", target, "--dicom", "--tag", "original", "--json")
    assert (code, json.loads(out)["imported"]) == (0, 1), err
    others = LocalDatastore(tmp_path / "others")
    image = read_image(others.get_image_uri("ct"))
    assert np.array_equal(read_label(others.get_label_uri("ct", "original"), image), label)
    assert others.get_label_info("ct", "original")["labels"] == {"liver": 1, "left kidney": 2}


def test_a_dicom_file_that_is_no_label_is_named(jlabel: Jlabel, series_studies: Path) -> None:
    file = series_studies / "ct" / "IM9"
    code, out, _ = jlabel("import", series_studies, file, "--dicom", "--labels", "liver", "--json")
    assert (code, len(json.loads(out)["refused"])) == (1, 1)
    code, _, err = jlabel("import", series_studies, series_studies / "none", "--dicom", "--labels", "liver")
    assert (code, "no DICOM file (*.dcm)" in err) == (1, True)
    assert jlabel("import", series_studies, file, "--dicom", "--images")[0] == 2
