"""Next image, save and image list at 100, 10,000 and 100,000 images, and opening again.

The floor of a save is writing, syncing and renaming the same bytes and one commit of one row, in turn with it; that of
opening again is looking at the times of the folders; that of a page of the list is counting the images, and the bar is
for the page that takes longest. ``python -m bench.bench_datastore``.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import insert, select

from bench.report import emit
from jlabel.datastores import LocalDatastore, Score, ScoreKey, image_queue
from jlabel.datastores.label_version import FINAL, ORIGINAL
from jlabel.datastores.tables import ImageRow, LabelRow

T = TypeVar("T")
SIZES = (100, 10_000, 100_000)
FOLDERS = 10
ROUNDS = 40
BROWSE_BAR_MS = 50.0
OPENINGS = 7
OPEN_BAR_MS = 3000.0
# The first look at a folder: what 100,000 images may take is half a minute.
FIRST_OPEN_BAR_MS, FIRST_OPEN_BAR_MS_AN_IMAGE = 500.0, 0.3
LABEL = b"\x1f\x8b" + bytes(range(250))


def main() -> int:
    good = True
    results: dict[str, dict[int, float]] = {"next": {}, "save": {}}
    for size in SIZES:
        work = Path(tempfile.mkdtemp(prefix="jlabel-bench-"))
        try:
            good &= measure(work, size, results)
        finally:
            shutil.rmtree(work)
    for what, figures in results.items():
        # Below half a millisecond the clock and the other processes decide: there is nothing left that could grow.
        growth = figures[SIZES[-1]] / max(figures[SIZES[0]], 0.5)
        good &= emit(f"datastore.{what}.growth", growth, f"x from {SIZES[0]} to {SIZES[-1]} images", bar=2.0)
    return 0 if good else 1


def measure(work: Path, size: int, results: dict[str, dict[int, float]]) -> bool:
    studies, label = make_studies(work, size), work / "label.nii.gz"
    label.write_bytes(LABEL)
    first_open = timed(lambda: LocalDatastore(studies).close())[0]
    good = emit(
        f"datastore.first_open.{size}", first_open, "ms", bar=FIRST_OPEN_BAR_MS + size * FIRST_OPEN_BAR_MS_AN_IMAGE
    )
    again, stat_folders = [], []
    for _ in range(OPENINGS):
        again.append(timed(lambda: LocalDatastore(studies).close())[0])
        stat_folders.append(timed(lambda: [Path(folder).stat() for folder, _, _ in os.walk(studies)])[0])
    good &= emit(f"datastore.open_again.{size}", again, "ms", stat_folders, OPEN_BAR_MS)
    store = LocalDatastore(studies)

    rng = random.Random(0)
    floor = Floor(work / "floor")
    next_ms, save_ms, floor_ms = [], [], []
    for round_number in range(ROUNDS + 5):
        took_next, image_id = timed(lambda: store.random_unlabeled(rng))
        assert image_id is not None
        took_save, _ = timed(lambda image_id=image_id: store.save_label(image_id, label))
        took_floor, _ = timed(floor.save)
        if round_number >= 5:
            next_ms.append(took_next)
            save_ms.append(took_save)
            floor_ms.append(took_floor)
    results["next"][size], results["save"][size] = statistics.median(next_ms), statistics.median(save_ms)
    look_up = [timed(floor.look_up)[0] for _ in range(ROUNDS)]
    good &= emit(f"datastore.next.{size}", next_ms, "ms", look_up, bar=10.0)
    # Where the disk itself takes most of the 10 ms, twice of that is what can be asked for.
    good &= emit(f"datastore.save.{size}", save_ms, "ms", floor_ms, bar=10.0, bar_over_floor=2.0)
    store.close()
    again = [timed(lambda: LocalDatastore(studies).close())[0] for _ in range(OPENINGS)]
    good &= emit(f"datastore.open_again_after_saves.{size}", again, "ms", bar=OPEN_BAR_MS)
    return measure_list(studies, size) and good


def measure_list(studies: Path, size: int) -> bool:
    """Pages of the image list of a set with hardly a label, and of one in which most images have one."""
    store, good = LocalDatastore(studies), True
    for labels in ("few", "many"):
        if labels == "many":
            label_most(store)
        counting = [cpu_ms(lambda: store.browse(limit=1)) for _ in range(ROUNDS)]
        took, page = slowest_page(store, size)
        good &= emit(f"datastore.browse_{labels}_labels.{size}", took, "ms CPU", counting, BROWSE_BAR_MS, page=page)
    score_most(store)
    took, page = slowest_page(store, size, scores=ScoreKey("entropy", "segmentation", 1), order="score")
    good &= emit(f"datastore.browse_by_score.{size}", took, "ms CPU", counting, BROWSE_BAR_MS, page=page)
    store.close()
    return good


def score_most(store: LocalDatastore) -> None:
    """Scores of nine images in ten."""
    ids, rng = store.list_images(), random.Random(2)
    for start in range(0, len(ids), 1000):
        some = (one for one in ids[start : start + 1000] if rng.random() < 0.9)
        store.scores.save(Score(one, "entropy", rng.random(), model="segmentation", version=1) for one in some)


def label_most(store: LocalDatastore) -> None:
    """Rows as if a model had labelled half of the images, and a person a third, under the usual tag and one of hers."""
    with store._catalogue.write() as connection:
        keys = list(connection.scalars(select(ImageRow.pk)))
        random.Random(1).shuffle(keys)
        parts = {ORIGINAL: (0.0, 0.5), "hers": (0.2, 0.55), FINAL: (0.3, 0.65)}
        had = set(connection.execute(select(LabelRow.image_pk, LabelRow.tag)))
        rows = [
            {"image_pk": key, "tag": tag, "number": 1}
            for tag, (begin, end) in parts.items()
            for key in keys[int(begin * len(keys)) : int(end * len(keys))]
            if (key, tag) not in had
        ]
        connection.execute(insert(LabelRow), rows)
        image_queue.rebuild(connection)


def slowest_page(store: LocalDatastore, size: int, **sorted_by: Any) -> tuple[list[float], str]:
    """The page of the list that takes longest: the first, one in the middle, of each state, tag and search."""
    pages: list[dict[str, Any]] = [{"state": "draft"}, {"search": "nothing"}, {"offset": size - 50}]
    pages = [{**page, **sorted_by} for page in pages]
    for tag, state, search in itertools.product((FINAL, "hers"), (None, "unlabelled", "model", "final"), ("", "99")):
        page: dict[str, Any] = {"tag": tag, "state": state, "search": search, **sorted_by}
        pages += [page, {**page, "offset": max(0, store.browse(**page, limit=1).total // 2 - 25)}]
    took = [[cpu_ms(lambda page=page: store.browse(**page)) for _ in range(7)] for page in pages]
    slowest = max(range(len(pages)), key=lambda number: statistics.median(took[number]))
    return took[slowest], " ".join(f"{name} {value}" for name, value in pages[slowest].items() if value)


class Floor:
    """What any durable save costs here: the same bytes synced and renamed, and one row committed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.count = 0
        self.database = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE label (pk INTEGER PRIMARY KEY, name TEXT)")

    def save(self) -> None:
        self.count += 1
        beside, final = self.folder / "beside", self.folder / f"{self.count}.nii.gz"
        with beside.open("wb") as file:
            file.write(LABEL)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(final)
        descriptor = os.open(self.folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        self.database.execute("INSERT INTO label (name) VALUES (?)", (final.name,))

    def look_up(self) -> None:
        self.database.execute("SELECT name FROM label WHERE pk = ?", (self.count,)).fetchone()


def make_studies(work: Path, size: int) -> Path:
    studies = work / "studies"
    for number in range(size):
        folder = studies / f"batch{number % FOLDERS}"
        if number < FOLDERS:
            folder.mkdir(parents=True)
        os.close(os.open(folder / f"case{number:06}.nii.gz", os.O_WRONLY | os.O_CREAT, 0o644))
    # Folders that have just changed would be listed again to be safe; people's folders are older.
    for folder in [studies, *studies.iterdir()]:
        os.utime(folder, (time.time() - 60, time.time() - 60))
    # Else the first saves would wait until the disk has taken in what was made here.
    os.sync()
    return studies


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Milliseconds, and what came out."""
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


def cpu_ms(work: Callable[[], Any]) -> float:
    """Milliseconds of the processor: nothing here waits for a disk, and other programs do not count."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
