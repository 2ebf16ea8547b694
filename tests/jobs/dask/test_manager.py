"""An app manager whose jobs run on a cluster: the same calls, and images shared out among all workers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from jlabel.app import LabelApp
from jlabel.imaging import Region
from jlabel.manager import AppManager
from jlabel.selection import Appearance
from jlabel.tasks import InferTask
from jlabel.tasks.request import InferResult
from tests.jobs.dask.clusters import Cluster

COUNT = 6


class Bright(InferTask):
    """Finds what is bright; needs no library that takes seconds to import."""

    cpu_only = True
    makes_masks = True

    def pre_transforms(self, data):
        return []

    def inferer(self, data):
        return []

    def post_transforms(self, data):
        return []

    def __call__(self, request):
        values = (request.image.array > 100).astype(np.uint8)
        return InferResult(Region.whole(values.shape), values, values.shape, {"cell": 1})


class App(LabelApp):
    def init_infers(self):
        return {"bright": Bright(labels=["cell"], dimension=2)}

    def init_scoring_methods(self):
        return {"appearance": Appearance()}


def test_first_masks_scores_and_reviews_are_shared_out(tmp_path: Path, cluster: Cluster) -> None:
    studies = tmp_path / "studies"
    studies.mkdir()
    for number in range(COUNT):
        pixels = np.random.default_rng(number).integers(0, 255, (16, 16), dtype=np.uint8)
        Image.fromarray(pixels).save(studies / f"picture_{number}.png")
    (studies / "broken.png").write_bytes(b"no picture")
    manager = AppManager(App(studies, labels=["cell"]), device="cpu", runner=cluster.address, lease=5.0)
    infer, scored = manager.batch_infer("bright"), manager.score("appearance")
    for job in (infer, scored):
        assert job.wait(120)
        assert job.state == "done", f"{job.error}\n{job.log}"
        assert (job.result["done"], list(job.result["left_out"])) == (COUNT, ["broken"])
        assert any("'broken' is left out" in note for note in job.notes)
        assert job.request.split
    store = manager.datastore
    for number in range(COUNT):
        (version,) = store.label_history(f"picture_{number}", "original")
        assert version.info["job"] == infer.id
    assert len(store.scores.scored("appearance")) == COUNT

    for number in range(3):
        manager.save_label(f"picture_{number}", np.ones((16, 16), np.uint8))
    review = manager.review_job(model="bright")
    assert review.wait(120)
    assert (review.state, review.result["judged"]) == ("done", 3), f"{review.error}\n{review.log}"
    manager.close()
