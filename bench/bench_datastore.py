"""Next image and save at 100, 10,000 and 100,000 images, and opening again: ``python -m bench.bench_datastore``.

The floor of a save is writing, syncing and renaming the same bytes and one commit of one row; that of opening again is
looking at the times of the folders.
"""

from __future__ import annotations

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

from bench.report import emit
from jlabel.datastores import LocalDatastore

T = TypeVar("T")
SIZES = (100, 10_000, 100_000)
FOLDERS = 10
ROUNDS = 40
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
    first_open, store = timed(lambda: LocalDatastore(studies))
    emit(f"datastore.first_open.{size}", first_open, "ms")
    store.close()
    again, store = timed(lambda: LocalDatastore(studies))
    stat_folders = timed(lambda: [Path(folder).stat() for folder, _, _ in os.walk(studies)])[0]
    good = emit(f"datastore.open_again.{size}", again, "ms", floor=stat_folders, bar=3000.0)

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
    look_up = statistics.median(timed(floor.look_up)[0] for _ in range(ROUNDS))
    good &= emit(f"datastore.next.{size}", results["next"][size], "ms", floor=look_up, bar=10.0)
    good &= emit(f"datastore.save.{size}", results["save"][size], "ms", floor=statistics.median(floor_ms), bar=10.0)
    good &= emit(f"datastore.browse.{size}", slowest_page(store, size), "ms", bar=50.0)
    store.close()
    again = timed(lambda: LocalDatastore(studies).close())[0]
    emit(f"datastore.open_again_after_saves.{size}", again, "ms")
    return good


def slowest_page(store: LocalDatastore, size: int) -> float:
    """The page of the image list that takes longest: the first and the last one, of each state, and of a search."""
    pages: list[dict[str, Any]] = [{}, {"offset": size - 50}, {"search": "9"}, {"search": "nothing"}]
    pages += [{"state": state} for state in ("unlabelled", "model", "final", "draft")]
    pages.append({"state": "unlabelled", "offset": size - ROUNDS - 55})
    return max(
        statistics.median(timed(lambda page=page: store.browse(**page))[0] for _ in range(ROUNDS // 4))
        for page in pages
    )


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


if __name__ == "__main__":
    sys.exit(main())
