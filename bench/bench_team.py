"""Twenty people who are given images at once, from a catalogue of 100,000 on a PostgreSQL server of this machine.

Each has a manager of their own; four processes have five people each. ``team.draws`` is how many images a second all of
them are given together, 10,000 in all, each kept by who got it; ``team.draws_twice`` how many of these were given to
two people, of which there must be none. ``python -m bench.bench_team [IMAGES [PEOPLE]]``: of a thousand people, say,
twenty draw in one moment.
"""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import jlabel
from bench.bench_datastore import make_studies
from bench.report import emit
from jlabel.datastores import LocalDatastore
from tests.postgres_server import PostgresServer

IMAGES = 100_000
PROCESSES, PEOPLE, DRAWS = 4, 20, 10_000
_AT_ONCE = 5  # in each process
BAR = 200.0
_PATIENCE = 600.0


def main(images: int = IMAGES, people: int = PEOPLE) -> int:
    # A kernel keeps three connections at most; a manager alone in a process of many has one.
    work = Path(tempfile.mkdtemp(prefix="jlabel-bench-"))
    server = PostgresServer(f"max_connections={100 + 2 * people}")
    try:
        studies = make_studies(work, images)
        LocalDatastore(studies).close()
        store = LocalDatastore(studies)
        store.migrate_catalogue(server.new_url())
        store.close()
        return 0 if measure(studies, people) else 1
    finally:
        server.close()
        shutil.rmtree(work)


def measure(studies: Path, people: int = PEOPLE) -> bool:
    context = multiprocessing.get_context("spawn")
    ready, answers = context.Barrier(PROCESSES), context.Queue()
    workers = [
        context.Process(target=draw, args=(studies, number, people // PROCESSES, DRAWS // people, ready, answers))
        for number in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    found = []
    for _ in workers:
        answer = answers.get(timeout=_PATIENCE)
        if isinstance(answer, str):
            for worker in workers:
                worker.kill()
            raise RuntimeError(answer)
        found.append(answer)
    for worker in workers:
        worker.join(_PATIENCE)
    # The clocks of processes of one machine are one.
    took = max(end for _, end, _ in found) - min(begin for begin, _, _ in found)
    of_people = [images for _, _, of_process in found for images in of_process]
    draws = sum(map(len, of_people))
    rate = draws / took
    # The bar is for twenty people who go on drawing; of a thousand each has a connection of their own to warm up.
    bar = 1 / BAR if people == PEOPLE else None
    good = emit("team.draws", 1 / rate, "s a draw", bar=bar, rate=round(rate), people=len(of_people), draws=draws)
    # Who is given an image that they have has it still.
    given = Counter(image_id for images in of_people for image_id in set(images))
    twice = sum(count > 1 for count in given.values())
    return emit("team.draws_twice", float(twice), "images", bar=0.0) and good


def draw(studies: Path, number: int, people: int, draws: int, ready: Any, answers: Any) -> None:
    """Draw as the people of one process; what goes wrong is told in words."""
    try:
        answers.put(_drawn(studies, number, people, draws, ready))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        answers.put(f"{type(error).__name__}: {error}")


def _drawn(studies: Path, number: int, people: int, draws: int, ready: Any) -> tuple[float, float, list[list[str]]]:
    managers = []
    for person in range(people):
        store = LocalDatastore(studies, author=f"person {number} {person}")
        managers.append(jlabel.AppManager(jlabel.LabelApp(store, labels=["organ"]), device="cpu"))
        managers[-1].choose_next("random")
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        ready.wait(_PATIENCE)
        begin = time.monotonic()
        drawn = list(threads.map(partial(_draws, draws=draws), managers))
        end = time.monotonic()
    for manager in managers:
        manager.close()
    return begin, end, drawn


def _draws(manager: jlabel.AppManager, draws: int) -> list[str]:
    given = []
    for _ in range(draws):
        choice = manager.choose_next("random")
        if choice is None:
            raise RuntimeError("there are no images left to be given")
        given.append(choice.image_id)
    return given


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
