"""A catalogue of 100,000 images on a PostgreSQL server: moving it there with three versions each, next image and save.

The server is on this machine, with the settings that it comes with; the floor of next and save is a commit of one row
in the same database, in turn with it.
``python -m bench.bench_catalogue_postgresql [IMAGES]``.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import func, insert, select

from bench.bench_datastore import LABEL, make_studies, timed
from bench.report import emit
from jlabel.datastores import LocalDatastore
from jlabel.datastores.label_version import ORIGINAL
from jlabel.datastores.tables import ImageRow, LabelRow, VersionRow
from tests.postgres_server import PostgresServer

IMAGES = 100_000
VERSIONS = 3
ROUNDS = 60
COPY_BAR_S = 60.0
# Beside the commit of the database itself.
SAVE_BAR_MS = 15.0


def main(images: int = IMAGES) -> int:
    work = Path(tempfile.mkdtemp(prefix="jlabel-bench-"))
    server = PostgresServer()
    try:
        return 0 if measure(work, images, server) else 1
    finally:
        server.close()
        shutil.rmtree(work)


def measure(work: Path, images: int, server: PostgresServer) -> bool:
    studies, label = make_studies(work, images), work / "label.nii.gz"
    label.write_bytes(LABEL)
    store = LocalDatastore(studies)
    store.save_label(store.list_images()[0], label)
    fill(store)
    url = server.new_url()
    took, _ = seconds(lambda: store.migrate_catalogue(url))
    rows = images * (2 + VERSIONS)
    good = emit(f"catalogue.copy_to_postgresql.{images}", took, "s", bar=COPY_BAR_S, rows=rows)

    rng, commit = random.Random(0), Commit(server)
    step, floor, asked, saved = [], [], [], []
    for round_number in range(ROUNDS + 5):
        took_next, image_id = timed(lambda: store.random_unlabeled(rng))
        assert image_id is not None
        took_save, _ = timed(lambda image_id=image_id: store.save_label(image_id, label))
        took_commit, _ = timed(commit)
        if round_number >= 5:
            step.append(took_next + took_save)
            floor.append(took_commit)
            asked.append(took_next)
            saved.append(took_save)
    emit(f"catalogue.postgresql.next.{images}", asked, "ms")
    emit(f"catalogue.postgresql.save.{images}", saved, "ms")
    bar = SAVE_BAR_MS + sorted(floor)[len(floor) // 2]
    good &= emit(f"catalogue.postgresql.next_and_save.{images}", step, "ms", floor, bar)
    stamps = [timed(store.change_stamp)[0] for _ in range(ROUNDS)]
    good &= emit(f"catalogue.postgresql.stamp.{images}", stamps, "ms", bar=1.0)
    again = [timed(lambda: LocalDatastore(studies).close())[0] for _ in range(3)]
    emit(f"catalogue.postgresql.open_again.{images}", again, "ms")
    took, _ = seconds(lambda: store.migrate_catalogue("sqlite"))
    good &= emit(f"catalogue.copy_to_sqlite.{images}", took, "s", bar=COPY_BAR_S, rows=rows)
    return good


class Commit:
    """A commit of one row in the same database."""

    def __init__(self, server: PostgresServer) -> None:
        self._connection = psycopg.connect(server.url())
        self._connection.execute("CREATE TABLE floor (key INTEGER PRIMARY KEY, value INTEGER)")
        self._connection.execute("INSERT INTO floor VALUES (1, 0)")
        self._connection.commit()

    def __call__(self) -> None:
        self._connection.execute("UPDATE floor SET value = value + 1")
        self._connection.commit()


def fill(store: LocalDatastore) -> None:
    """Give every image a model's label with three versions; their files are not looked at here."""
    with store._catalogue.write() as connection:
        first = (connection.scalar(select(func.max(LabelRow.pk))) or 0) + 1
        images = connection.scalars(select(ImageRow.pk)).all()
        file = {"size": len(LABEL), "mtime_ns": 1_700_000_000_000_000_000}
        labels = [
            {"pk": pk, "image_pk": image, "tag": ORIGINAL, "number": VERSIONS, **file}
            for pk, image in enumerate(images, first)
        ]
        connection.execute(insert(LabelRow), labels)
        for number in range(1, VERSIONS + 1):
            common: dict[str, Any] = {"number": number, "ext": ".nii.gz", "size": len(LABEL), "author": "bench"}
            common |= {"sha256": "0" * 64, "time": 1.7e9 + number / 3, "info": {"models": ["segmentation"]}}
            connection.execute(insert(VersionRow), [{"label_pk": one["pk"], **common} for one in labels])


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    done = act()
    return time.perf_counter() - begin, done


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
