"""The app for volumes: which models it offers."""

from __future__ import annotations

from pathlib import Path

import pytest

import jlabel
from tests.cli.studies import make_studies


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    return make_studies(tmp_path / "studies")


def test_conf_says_which_models_are_offered(studies: Path) -> None:
    app = jlabel.RadiologyApp(studies, ["liver"], conf={"models": "segmentation, click"})
    assert list(app.infers) == ["segmentation", "click"]
    assert list(jlabel.RadiologyApp(studies, ["liver"], conf={"models": "all"}).infers) == list(
        jlabel.RadiologyApp(studies, ["liver"]).infers
    )


def test_a_model_of_one_label_by_its_name(studies: Path) -> None:
    app = jlabel.RadiologyApp(studies, ["liver", "left kidney"], conf={"models": "segmentation_left_kidney"})
    assert list(app.infers) == ["segmentation_left_kidney"]
    assert app.infers["segmentation_left_kidney"].labels == {"left kidney": 1}
    assert "segmentation_left_kidney" in app.trainers
    assert "segmentation_liver" not in app.trainers


def test_a_model_that_is_not_there_is_told(studies: Path) -> None:
    with pytest.raises(jlabel.ConfigError, match="there is no 'segmentation_spleen'; there are click, "):
        jlabel.RadiologyApp(studies, ["liver"], conf={"models": "segmentation_spleen"})


def test_each_tag_has_a_model_and_a_training(studies: Path) -> None:
    app = jlabel.RadiologyApp(studies, ["liver"], tags={"contrast": ["yes", "no"]})
    assert app.infers["contrast"].classification == app.trainers["contrast"].classification == app.tags[0]
    assert list(jlabel.RadiologyApp(studies, ["liver"], tags=app.tags, conf={"models": "contrast"}).infers) == [
        "contrast"
    ]
    with pytest.raises(jlabel.LabelError, match="the tag 'segmentation' has the name of a model"):
        jlabel.RadiologyApp(studies, ["liver"], tags={"segmentation": ["good", "bad"]})


def test_a_tag_of_several_classes_has_none(studies: Path) -> None:
    diagnosis = jlabel.Classification("diagnosis", ["pneumonia", "effusion"], several=True)
    app = jlabel.RadiologyApp(studies, ["liver"], tags=[diagnosis])
    assert "diagnosis" not in {**app.infers, **app.trainers}
    with pytest.raises(jlabel.TaskError, match="it learns one class of an image"):
        jlabel.ClassificationTrainTask(diagnosis)
