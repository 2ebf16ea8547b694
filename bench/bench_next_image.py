"""The next image by scores at 100, 10,000 and 100,000 images: ``python -m bench.bench_next_image``.

The images with the highest scores are labelled by then. ``entropy`` takes the highest from an index;
``clasp`` looks at all of them once and keeps a plan: how long that takes is a figure without a bar. A label is saved
before each question. The time is the processor's: nothing here waits for a disk, and other programs do not count;
``wall`` is what a clock says. The floor is a look at one row of the same catalogue.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sqlalchemy import func, insert, select

import jlabel
from bench.bench_datastore import LABEL, make_studies
from bench.report import emit
from jlabel.datastores import FINAL, LocalDatastore, image_queue
from jlabel.datastores.tables import ImageRow, LabelRow, VersionRow

SIZES, ROUNDS, WARM, BAR_MS, FEATURES = (100, 10_000, 100_000), 30, 3, 10.0, 256
STRATEGIES = ("entropy", "clasp")
LABELED = 40


def main() -> int:
    good = True
    figures: dict[str, dict[int, float]] = {name: {} for name in STRATEGIES}
    for size in SIZES:
        work = Path(tempfile.mkdtemp(prefix="jlabel-bench-"))
        try:
            good &= measure(work, size, figures)
        finally:
            shutil.rmtree(work)
    for name, medians in figures.items():
        # Below half a millisecond the clock and the other processes decide: there is nothing left that could grow.
        growth = medians[SIZES[-1]] / max(medians[SIZES[0]], 0.5)
        good &= emit(f"next_image.{name}.growth", growth, f"x from {SIZES[0]} to {SIZES[-1]} images", bar=2.0)
    return 0 if good else 1


def measure(work: Path, size: int, figures: dict[str, dict[int, float]]) -> bool:
    studies, label, good = make_studies(work, size), work / "label.nii.gz", True
    label.write_bytes(LABEL)
    manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["anterior", "posterior"]), device="cpu")
    store = manager.datastore
    assert isinstance(store, LocalDatastore)
    save_scores(store)
    label_the_best(store, size)
    for name in STRATEGIES:
        planning = thread_ms(lambda name=name: manager.choose_next(name))
        if name == "clasp":
            good &= emit(f"next_image.{name}.plan.{size}", planning, "ms CPU")
        took, floor, wall = [], [], []
        for round_number in range(WARM + ROUNDS):
            open_image = manager.next_image(name)
            assert open_image is not None
            store.save_label(open_image, label)
            start = time.perf_counter()
            spent, looked = thread_ms(lambda name=name: manager.choose_next(name)), time.perf_counter()
            if round_number >= WARM:
                took.append(spent)
                wall.append((looked - start) * 1000)
                floor.append(thread_ms(lambda: look_up(store)))
        figures[name][size] = statistics.median(took)
        good &= emit(f"next_image.{name}.{size}", took, "ms CPU", floor, BAR_MS, wall=round(statistics.median(wall), 2))
    manager.close()
    store.close()
    return good


def save_scores(store: LocalDatastore) -> None:
    """Scores of two versions of a model, and features of some hundred images, as a scoring saves them."""
    rng, ids = np.random.default_rng(0), store.list_images()
    for version in (1, 2):
        store.scores.save(
            jlabel.Score(
                image_id,
                "entropy",
                float(value),
                "segmentation",
                version,
                {"anterior": float(value) / 2, "posterior": float(value)},
                1.0,
                info={"foreground": 0.1, "top": 0.9, "probability": {"anterior": 0.8, "posterior": 0.7}},
            )
            for image_id, value in zip(ids, rng.random(len(ids)), strict=True)
        )
    for image_id in {score.image_id for score in store.scores.highest("entropy", "segmentation", 2, count=300)}:
        (score,) = [one for one in store.scores.of_image(image_id) if one.version == 2]
        store.scores.save([score], {"network": rng.random(FEATURES)})


def label_the_best(store: LocalDatastore, size: int) -> None:
    """Rows as if the images with the highest scores had been labelled: half of all, ``LABELED`` at most."""
    best = store.scores.highest("entropy", "segmentation", 2, count=min(size // 2, LABELED))
    with store._catalogue.write() as connection:
        first = (connection.scalar(select(func.max(LabelRow.pk))) or 0) + 1
        keys = [connection.scalar(select(ImageRow.pk).where(ImageRow.id == score.image_id)) for score in best]
        labels = [{"pk": first + at, "image_pk": key, "tag": FINAL, "number": 1} for at, key in enumerate(keys)]
        versions = [{"label_pk": row["pk"], "number": 1, "ext": ".nii.gz", "size": 1, "time": 0.0} for row in labels]
        connection.execute(insert(LabelRow), labels)
        connection.execute(insert(VersionRow), versions)
        image_queue.rebuild(connection)


def thread_ms(call: Callable[[], object]) -> float:
    """Milliseconds of processor time of this thread; the imports that go on beside it in the process do not count."""
    start = time.thread_time()
    call()
    return (time.thread_time() - start) * 1000


def look_up(store: LocalDatastore) -> None:
    with store._catalogue.read() as connection:
        connection.scalar(select(ImageRow.id).where(ImageRow.pk == 1))


if __name__ == "__main__":
    sys.exit(main())
