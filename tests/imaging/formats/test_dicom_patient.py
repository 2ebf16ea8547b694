from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.imaging.formats.dicom_patient import patient_id
from tests.imaging.dicom_samples import SYNTAXES, place, save


def make_series(folder, patient, count=3):
    pixels = np.zeros((4, 5), np.int16)
    for number in range(count):
        tags = {**place((0, 0, 2 * number)), "PatientID": patient, "SeriesInstanceUID": f"1.2.{patient[-1]}"}
        save(folder / f"{number}.dcm", pixels + number, **tags)
    return folder


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_file_says_its_patient(tmp_path, syntax):
    file = save(tmp_path / "a.dcm", np.zeros((4, 5), np.uint16), syntax, PatientID=" P-17 ")
    assert patient_id(file) == "P-17"


def test_a_series_says_its_patient(tmp_path):
    assert patient_id(make_series(tmp_path / "scan", "P1")) == "P1"


def test_other_images_say_none(tmp_path):
    picture = tmp_path / "a.png"
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(picture)
    assert patient_id(picture) == ""
    assert patient_id(tmp_path / "gone.dcm") == ""
    assert patient_id(save(tmp_path / "b.dcm", np.zeros((4, 5), np.uint16), PatientID="")) == ""


def test_images_of_one_patient_are_known_by_a_mark_once_they_were_looked_at(tmp_path):
    for folder, patient in (("x", "P1"), ("y", "P2"), ("z", "P1")):
        make_series(tmp_path / folder, patient)
    store = jlabel.LocalDatastore(tmp_path)
    assert store.patients() == {}
    store.update_image_info("y", {"patient": "mine"})
    assert jlabel.Appearance()({}, store)["done"] == 3
    marks = store.patients()
    assert marks["x"] == marks["z"] != marks["y"] == "mine"
    assert "P1" not in str(marks)
    chosen = jlabel.Random(seed=0).choose({}, store, 2)
    assert "y" in {choice.image_id for choice in chosen}
    store.close()
