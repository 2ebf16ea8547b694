"""The loop with CVAT killed at random moments: ``python -m bench.bench_cvat_kills``, or with another number than 1,000.

Loops on a few pictures are killed by SIGKILL and begun again, until all pictures are labelled; then the next loop.
``cvat.kills.uploaded_twice`` counts pictures that are on the server more than once, ``cvat.kills.lost`` those whose
label is not here as it was drawn, or here more than once.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pictures

import jlabel
from bench.report import emit
from jlabel.datastores import LocalDatastore
from tests.active_learning.conftest import COLUMNS, ROWS, number_of, spot, spot_of
from tests.active_learning.killed import run_loop
from tests.cvat.annotators import Annotators
from tests.cvat.server import ContractServer

PICTURES, SHAPE = 8, (ROWS, COLUMNS)
SETTINGS = {"project": "spots", "strategy": "first", "top_k": 4, "train": "", "poll": (0.05, 0.1), "segment_size": 2}
_LONGEST = 1.5  # seconds that a loop lives


def main(kills: int = 1000) -> int:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["jlabel.active_learning", "httpx", "PIL.Image", "jlabel.imaging.formats.reading"])
    rng = random.Random(0)
    total = Counter[str]()
    begun = time.monotonic()
    while total["kills"] < kills:
        with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder, ContractServer() as server:
            total.update(_history(Path(folder), server, context, rng))
    seconds = round(time.monotonic() - begun)
    facts = {"kills": total["kills"], "loops": total["loops"], "seconds": seconds}
    good = emit("cvat.kills.uploaded_twice", total["twice"], "pictures", bar=0, **facts)
    return 0 if good & emit("cvat.kills.lost", total["lost"], "labels", bar=0, **facts) else 1


def _history(studies: Path, server: ContractServer, context: Any, rng: random.Random) -> dict[str, int]:
    for number in range(PICTURES):
        pixels = np.zeros((*SHAPE, 3), np.uint8)
        pixels[spot(number)] = 200
        Pictures.fromarray(pixels).save(studies / f"picture_{number:02}.png")
    people = Annotators(server, spot_of)
    kills = 0
    while True:
        life = context.Process(target=run_loop, args=(str(studies), server.url, 0, False, SETTINGS))
        life.start()
        until = time.monotonic() + rng.uniform(0.0, _LONGEST)
        while life.is_alive() and time.monotonic() < until:
            people.look()
            life.join(0.02)
        if life.is_alive():
            os.kill(life.pid, signal.SIGKILL)
            kills += 1
        life.join()
        if life.exitcode == 0:
            return {**_found(studies, server), "kills": kills, "loops": 1}


def _found(studies: Path, server: ContractServer) -> dict[str, int]:
    sent = Counter(number_of(frame.name) for task in server.tasks.values() for frame in task.frames)
    datastore = LocalDatastore(studies)
    manager = jlabel.AppManager(jlabel.LabelApp(datastore, labels=["polyp", "tool"]), device="cpu")
    lost = 0
    for number in range(PICTURES):
        image_id = f"picture_{number:02}"
        one = len(datastore.label_history(image_id)) == 1
        lost += not (one and np.array_equal(manager.label(image_id), spot(number)))
    manager.close()
    datastore.close()
    return {"twice": sum(count > 1 for count in sent.values()), "lost": lost}


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
