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
from numpy.typing import NDArray
from PIL import Image as Pictures

import jlabel
from bench.report import emit
from jlabel.datastores import LocalDatastore
from tests.active_learning.killed import run_loop
from tests.cvat.server import ContractServer

PICTURES, SHAPE = 8, (20, 30)
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
        pixels[_spot(number)] = 200
        Pictures.fromarray(pixels).save(studies / f"picture_{number:02}.png")
    done: set[int] = set()
    kills = 0
    while True:
        life = context.Process(target=run_loop, args=(str(studies), server.url, 0, False, SETTINGS))
        life.start()
        until = time.monotonic() + rng.uniform(0.0, _LONGEST)
        while life.is_alive() and time.monotonic() < until:
            _draw(server, done)
            life.join(0.02)
        if life.is_alive():
            os.kill(life.pid, signal.SIGKILL)
            kills += 1
        life.join()
        if life.exitcode == 0:
            return {**_found(studies, server), "kills": kills, "loops": 1}


def _draw(server: ContractServer, done: set[int]) -> None:
    with server.lock:
        ready = [task for task in server.tasks.values() if task.frames and task.id not in done]
    for task in ready:
        for number, frame in enumerate(task.frames):
            server.draw(task.id, number, "polyp", _spot(_number(frame.name)), "bob")
        for job in server.jobs_of(task.id, "annotation"):
            server.complete(job.id, "bob")
        done.add(task.id)


def _found(studies: Path, server: ContractServer) -> dict[str, int]:
    sent = Counter(_number(frame.name) for task in server.tasks.values() for frame in task.frames)
    datastore = LocalDatastore(studies)
    manager = jlabel.AppManager(jlabel.LabelApp(datastore, labels=["polyp", "tool"]), device="cpu")
    lost = 0
    for number in range(PICTURES):
        image_id = f"picture_{number:02}"
        one = len(datastore.label_history(image_id)) == 1
        lost += not (one and np.array_equal(manager.label(image_id), _spot(number)))
    manager.close()
    datastore.close()
    return {"twice": sum(count > 1 for count in sent.values()), "lost": lost}


def _spot(number: int) -> NDArray[np.bool_]:
    mask = np.zeros(SHAPE, bool)
    mask[4 + number % 5 : 10 + number % 5, 3 + number : 9 + number] = True
    return mask


def _number(name: str) -> int:
    return int(name.partition(".")[0].removeprefix("picture_"))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
