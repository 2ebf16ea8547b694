"""The apps for pictures: which models and trainings they offer, and that a training learns."""

from __future__ import annotations

from pathlib import Path

import pytest

import jlabel
from tests.cli.studies import make_pictures


def test_endoscopy_offers_networks_for_pictures(tmp_path: Path) -> None:
    app = jlabel.EndoscopyApp(make_pictures(tmp_path / "pictures"), ["polyp"])
    assert list(app.infers) == [
        "click",
        "click_classic",
        "gmm_graph_cut",
        "segmentation",
        "deepedit",
        "deepedit_auto",
        "in_body",
    ]
    assert all("volume" not in app.trainers[name].learns_from for name in ("segmentation", "deepedit"))
    chosen = jlabel.EndoscopyApp(tmp_path / "pictures", ["polyp"], conf={"models": "segmentation"})
    assert list(chosen.infers) == ["segmentation"]


def test_pathology_tells_objects_of_the_last_label_apart(tmp_path: Path) -> None:
    pictures = make_pictures(tmp_path / "pictures")
    assert jlabel.PathologyApp(pictures).objects == "nucleus"
    app = jlabel.PathologyApp(pictures, {"nucleus": 2, "stroma": 1})
    assert {app.trainers[name].instances for name in ("segmentation", "nuclick")} == {"nucleus"}
    assert list(app.infers) == ["click", "click_classic", "nuclick", "segmentation"]
    cells = [jlabel.Label("cell", 1, "#e69f00", instances=True), jlabel.Label("stroma", 2, "#56b4e9")]
    assert jlabel.PathologyApp(pictures, cells).objects == "cell"


@pytest.mark.timeout(900)
def test_a_click_and_a_training_of_objects(tmp_path: Path, own_locks: Path) -> None:
    pictures = make_pictures(tmp_path / "pictures", objects=True)
    manager = jlabel.AppManager(jlabel.PathologyApp(pictures), device="cpu")
    found = manager.infer("click_classic", "frame_3", [jlabel.Click((34, 45))], label="nucleus")
    assert found.mask.any()
    job = manager.train("segmentation", max_epochs=1, samples_per_epoch=4)
    assert job.wait(800)
    assert job.state == "done", job.error
    assert "val_aji" in job.metrics[-1]
    assert manager.infer("segmentation", "frame_3").version == 1
    manager.close()


def test_endoscopy_has_a_model_and_a_training_for_each_tag(tmp_path: Path) -> None:
    pictures = make_pictures(tmp_path / "pictures")
    app = jlabel.EndoscopyApp(pictures, ["polyp"], tags={"quality?": ["good", "bad"]})
    assert app.infers["quality_"].classification == app.trainers["quality_"].classification == app.tags[0]
    # No strategy asks it for masks.
    assert app.scoring_methods["entropy"].model == "segmentation"
    pathology = jlabel.PathologyApp(pictures, tags={"stain": ["h&e", "other"]})
    assert pathology.infers["stain"].classification == pathology.trainers["stain"].classification
    with pytest.raises(jlabel.LabelError, match="the tag 'click' has the name of a model"):
        jlabel.EndoscopyApp(pictures, ["polyp"], tags={"click": ["a", "b"]})
