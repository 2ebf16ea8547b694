"""The example studies: whole, repeatable, anatomically sensible, and safe for what a person already has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.demo import EXAMPLE_LABELS, example_reference, example_studies, template
from jlabel.errors import JlabelError


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example_studies(tmp_path_factory.mktemp("demo") / "studies", cases=6, spacing=6.0)


def _cases(studies: Path) -> list[str]:
    return sorted(path.name for path in studies.glob("*.nii.gz"))


def test_images_lie_at_the_root_and_references_are_hidden(studies: Path) -> None:
    assert _cases(studies) == [f"case_{number:02d}.nii.gz" for number in range(1, 7)]
    visible = [path for path in studies.rglob("*") if not any(part.startswith(".") for part in path.parts)]
    assert sorted(path.name for path in visible if path.is_file()) == _cases(studies)
    assert [path.name for path in studies.parent.iterdir()] == ["studies"]


def test_a_reference_has_the_grid_of_its_image_and_every_label(studies: Path) -> None:
    for case in _cases(studies):
        image, label = nib.load(studies / case), nib.load(example_reference(studies, case))
        assert label.shape == image.shape
        np.testing.assert_array_equal(label.affine, image.affine)
        assert set(np.unique(label.dataobj)) == {0, *EXAMPLE_LABELS.values()}


def test_axis_orders_grids_and_heads_differ(studies: Path) -> None:
    images = [nib.load(studies / case) for case in _cases(studies)]
    codes = ["".join(nib.aff2axcodes(image.affine)) for image in images]
    assert {"RAS", "LPS", "PIR"} <= set(codes)
    assert not np.allclose(images[4].affine[:3, :3], np.diag(np.diag(images[4].affine[:3, :3])))
    assert len({np.asarray(image.dataobj).tobytes() for image in images}) == len(images)


def test_bright_white_matter_darker_grey_matter_darkest_fluid(studies: Path) -> None:
    """T1 contrast in every case, and the ventricles in the middle of the head."""
    for case in _cases(studies):
        image = nib.as_closest_canonical(nib.load(studies / case))
        label = np.asarray(nib.as_closest_canonical(nib.load(example_reference(studies, case))).dataobj)
        voxels = np.asarray(image.dataobj, float)
        fluid, white, grey = (voxels[label == EXAMPLE_LABELS[name]].mean() for name in EXAMPLE_LABELS)
        assert fluid < grey < white
        middle = np.argwhere(label == EXAMPLE_LABELS["ventricles"]).mean(axis=0) @ image.affine[:3, :3].T
        assert np.linalg.norm(middle + image.affine[:3, 3] - (0, -18, 15)) < 20


@pytest.mark.usefixtures("loaded_template")
def test_the_same_studies_come_out_each_time(studies: Path, tmp_path: Path) -> None:
    again = example_studies(tmp_path / "again", cases=1, spacing=6.0)
    one, other = (np.asarray(nib.load(folder / "case_01.nii.gz").dataobj) for folder in (studies, again))
    np.testing.assert_array_equal(one, other)


@pytest.mark.usefixtures("loaded_template")
def test_made_once_and_then_left_alone(tmp_path: Path) -> None:
    folder = example_studies(tmp_path / "studies", cases=1, spacing=8.0)
    (folder / "case_01.nii.gz").unlink()
    (folder / "mine.txt").write_text("kept")
    assert example_studies(folder, cases=1, spacing=8.0) == folder
    assert (folder / "mine.txt").read_text() == "kept"
    assert not (folder / "case_01.nii.gz").exists()


@pytest.mark.usefixtures("loaded_template")
def test_an_empty_folder_is_filled_and_a_full_one_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert _cases(example_studies(empty, cases=1, spacing=8.0)) == ["case_01.nii.gz"]
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.docx").write_text("mine")
    with pytest.raises(JlabelError, match="not empty"):
        example_studies(full)
    assert [path.name for path in full.iterdir()] == ["thesis.docx"]


@pytest.mark.usefixtures("loaded_template")
def test_nothing_is_left_when_making_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nib, "save", full_disk)
    with pytest.raises(JlabelError, match="No space left"):
        example_studies(tmp_path / "studies", cases=1, spacing=8.0)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_case_is_named(studies: Path) -> None:
    with pytest.raises(JlabelError, match="case_99"):
        example_reference(studies, "case_99")
    with pytest.raises(JlabelError, match="no example case"):
        example_reference(studies, "../case_01")


def test_without_nilearn_the_person_learns_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template.util, "find_spec", lambda name: None)
    with pytest.raises(JlabelError, match=r"pip install jlabel\[demo\]"):
        example_studies(tmp_path / "studies")
    assert list(tmp_path.iterdir()) == []


def test_nilearn_itself_is_not_imported() -> None:
    code = "import sys, jlabel.demo.template as t; t.load_template(); sys.exit('nilearn' in sys.modules)"
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
