"""``jlabel check``: what loads, what is refused and why."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Jlabel
from tests.cli.studies import SHAPE, make_studies, save


@pytest.fixture
def bad_studies(tmp_path: Path) -> Path:
    """An image that is cut off, labels in another grid, with fractions, and with a value that nobody has named."""
    studies = make_studies(tmp_path / "studies", cases=6, labelled=1)
    whole = (studies / "case_1.nii.gz").read_bytes()
    (studies / "case_1.nii.gz").write_bytes(whole[: len(whole) // 2])
    labels = studies / "labels" / "final"
    save(labels / "case_2.nii.gz", np.ones((6, 5, 8), np.uint8), np.diag([1.0, 1, 1, 1]))
    save(labels / "case_3.nii.gz", np.full(SHAPE, 0.4, np.float32))
    save(labels / "case_4.nii.gz", np.full(SHAPE, 7, np.uint8))
    (studies / "notes.xyz").write_text("no image")
    return studies


def test_what_is_wrong_is_named_with_what_to_do(jlabel: Jlabel, bad_studies: Path) -> None:
    code, out, err = jlabel("check", bad_studies, "--labels", "liver", "--json")
    read = json.loads(out)
    assert (code, err) == (1, "")
    found = {(one["image"], one["tag"]): one for one in read["findings"]}
    assert {place: one["kind"] for place, one in found.items()} == {
        ("case_1", None): "unreadable",
        ("case_2", "final"): "other grid",
        ("case_3", "final"): "refused",
        ("case_4", "final"): "unnamed values",
    }
    assert "the label has shape (6, 5, 8) and its image (12, 10, 8)" in found["case_2", "final"]["text"]
    assert "labeler.versions.fit()" in found["case_2", "final"]["text"]
    assert "at a threshold" in found["case_3", "final"]["text"]
    assert found["case_4", "final"]["values"] == [7]
    assert (read["images"], read["labels"], read["unusable_images"], read["unusable_labels"]) == (6, 4, 1, 3)


def test_the_table_says_the_same(jlabel: Jlabel, bad_studies: Path) -> None:
    code, out, _ = jlabel("check", bad_studies, "--labels", "liver")
    assert code == 1
    assert "unnamed values" in out
    assert "6 images, of which 1 cannot be used; 4 labels, of which 3 need a look" in out


def test_what_is_as_it_should_be_is_code_0(jlabel: Jlabel, tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "studies")
    code, out, _ = jlabel("check", studies, "--labels", "liver=1")
    assert (code, out) == (0, "4 images, of which 0 cannot be used; 2 labels, of which 0 need a look\n")


def test_values_that_a_label_names_itself_are_named(jlabel: Jlabel, tmp_path: Path) -> None:
    import jlabel as package

    studies = make_studies(tmp_path / "studies", labelled=0)
    manager = package.AppManager(package.RadiologyApp(studies, {"liver": 7}), device="cpu")
    manager.save_label("case_0", np.full(SHAPE, 7, np.uint8))
    manager.close()
    assert jlabel("check", studies)[0] == 0


def test_a_mask_of_colours_and_a_jpeg_are_refused(jlabel: Jlabel, tmp_path: Path) -> None:
    labels = tmp_path / "studies" / "labels" / "final"
    labels.mkdir(parents=True)
    for name in "ab":
        Image.new("RGB", (8, 6)).save(tmp_path / "studies" / f"{name}.png")
    colours = np.zeros((6, 8, 3), np.uint8)
    colours[2:, 3:, 0] = 255
    Image.fromarray(colours).save(labels / "a.png")
    Image.fromarray(colours[..., 0]).save(labels / "b.jpg")
    code, out, _ = jlabel("check", tmp_path / "studies", "--json")
    texts = {one["image"]: one["text"] for one in json.loads(out)["findings"]}
    assert code == 1
    assert "colour picture" in texts["a"]
    assert "compressed with loss" in texts["b"]
