"""The folders of the template apps open, and what is in them works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import jlabel
from jlabel.apps.templates import TEMPLATES, template
from tests.cli.studies import make_pictures, make_studies
from tests.docs.conftest import make_bundle

Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write a template out."""
    return lambda name: template(name).write(tmp_path / "myapp")


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_a_folder_tells_how_it_is_used(name: str, written: Written) -> None:
    folder = written(name)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert f"jlabel apps --name {name}" in readme
    named = [file.relative_to(folder).as_posix() for file in folder.rglob("*.py") if file.name != "__init__.py"]
    assert [file for file in named if f"`{file}`" not in readme] == []
    assert not list(folder.rglob("__pycache__"))


def test_a_template_that_is_not_there() -> None:
    with pytest.raises(jlabel.ConfigError, match="no template app 'cardiology'; there are radiology"):
        template("cardiology")


@pytest.mark.timeout(900)
def test_radiology_learns_and_finds(written: Written, tmp_path: Path, own_locks: Path) -> None:
    studies = make_studies(tmp_path / "studies", cases=4, labelled=3)
    folder = written("radiology")
    network = folder / "lib" / "network.py"  # an author makes it small
    smaller = network.read_text().replace("(64, 64, 64)", "(16, 16, 16)").replace("(16, 32, 64, 128)", "(4, 8, 8, 8)")
    network.write_text(smaller)
    manager = jlabel.AppManager(jlabel.open_app(folder, studies=studies, labels=["liver"]), device="cpu")
    assert manager.infer("threshold", "case_3", at=50).mask.sum() == 64
    job = manager.train("my_segmentation", max_epochs=1)
    assert job.wait(800)
    assert job.state == "done", job.error
    assert manager.infer("my_segmentation", "case_3").version == 1
    assert manager.next_image("in order") == "case_3"
    manager.close()


@pytest.mark.timeout(900)
def test_endoscopy_learns_from_pictures_and_finds(written: Written, tmp_path: Path, own_locks: Path) -> None:
    studies = make_pictures(tmp_path / "studies")
    folder = written("endoscopy")
    network = folder / "lib" / "network.py"  # an author makes it small
    network.write_text(
        network.read_text().replace("(256, 256)", "(64, 64)").replace("(16, 32, 64, 128)", "(4, 8, 8, 8)")
    )
    manager = jlabel.AppManager(jlabel.open_app(folder, studies=studies, labels=["polyp"]), device="cpu")
    job = manager.train("my_segmentation", max_epochs=1)
    assert job.wait(800)
    assert job.state == "done", job.error
    result = manager.infer("my_segmentation", "frame_3")
    assert (result.version, result.mask.shape) == (1, manager.image("frame_3").shape)
    manager.close()


def test_pathology_finds_an_object_for_each_bright_disc(written: Written, tmp_path: Path) -> None:
    studies = make_pictures(tmp_path / "studies", labelled=0)
    manager = jlabel.AppManager(jlabel.open_app(written("pathology"), studies=studies), device="cpu")
    mask = manager.infer("bright_objects", "frame_0").mask
    manager.close()
    assert sorted(np.unique(mask)) == [0, 1, 2, 3]  # also the two that touch
    assert type(manager.app.trainers["segmentation"]).__name__ == "MyTraining"
    assert manager.app.trainers["segmentation"].instances == "nucleus"


def test_bundle_has_a_step_of_the_authors_after_the_bundle(written: Written, tmp_path: Path) -> None:
    studies = make_studies(tmp_path / "studies", cases=1, labelled=0)
    make_bundle(tmp_path / "spleen_ct")
    app = jlabel.open_app(written("bundle"), studies=studies, conf={"bundles": str(tmp_path / "spleen_ct")})
    manager = jlabel.AppManager(app, device="cpu")
    whole, largest = (manager.infer(name, "case_0").mask > 0 for name in ("spleen_ct", "spleen_ct_largest"))
    manager.close()
    from scipy import ndimage

    assert ndimage.label(largest, ndimage.generate_binary_structure(3, 3))[1] <= 1
    assert not (largest & ~whole).any()
