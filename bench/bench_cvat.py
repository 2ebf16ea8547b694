"""A round of pictures to CVAT and back, over bare HTTP: ``python -m bench.bench_cvat``.

``cvat.top_k`` is how many of the 50 highest scores of 1,000 images go out; its bar is all. ``cvat.upload`` uploads 100
pictures of 0.3 MB as a task; its floor is one bare request with the same bytes to the same server. ``cvat.send`` is
the whole round: images are chosen, read and written down, and masks of a model looked for. ``cvat.pull``
fetches 1,000 finished frames with two masks each, a job each, and saves them as labels; its floor is the bare requests
for the jobs, one after the other. ``cvat.pull.memory`` is how much more memory 1,000 frames take than 100. The server
is the one that the tests use, in a process of its own.
"""

from __future__ import annotations

import contextlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image as Pictures

import jlabel
from bench.report import emit, emit_pairs
from jlabel.active_learning import AnnotationLoop, LoopSettings
from jlabel.active_learning.choosing import choose
from jlabel.cvat.account import Account
from jlabel.cvat.connection import Connection
from jlabel.cvat.masks import encode_mask
from jlabel.cvat.projects import project_with_labels
from jlabel.cvat.tasks import TaskRequest, filled_task
from jlabel.manager import AppManager
from jlabel.selection import ScoreStrategy

ROUNDS, PICTURES, FRAMES = 5, 100, 1000
UPLOAD_BAR, PULL_BAR = 1.2, 1.3
LOGIN = {"username": "ann", "password": "ann-pass"}


class Chooser(jlabel.LabelApp):
    """An app that goes by scores."""

    def init_strategies(self) -> dict[str, jlabel.Strategy]:
        """One strategy."""
        return {**super().init_strategies(), "doubt": ScoreStrategy("doubt")}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder, _server() as url:
        good = _top_k(Path(folder) / "scored")
        good &= _uploads(Path(folder) / "uploads", url)
        return 0 if good & _pulls(Path(folder) / "pulls", url) else 1


def _top_k(studies: Path) -> bool:
    manager = _manager(studies, FRAMES, (8, 8))
    ids = manager.datastore.list_images()
    values = np.random.default_rng(0).random(len(ids))
    for image_id in ids[:5]:
        manager.save_label(image_id, np.zeros((8, 8), np.uint8))
    manager.datastore.scores.save([jlabel.Score(*pair) for pair in zip(ids, ["doubt"] * len(ids), values, strict=True)])
    wanted = [ids[index] for index in np.argsort(-values) if index >= 5][:50]
    found = [one.image_id for one in choose(manager, "doubt", 50, (), diverse=False)]
    manager.close()
    missed = sum(one != other for one, other in zip(wanted, found, strict=True))
    return emit("cvat.top_k", missed, "of the 50 highest scores of 1,000 missed", bar=0)


def _uploads(studies: Path, url: str) -> bool:
    manager = _manager(studies, PICTURES, (300, 350))
    times: dict[str, list[float]] = {"whole": [], "ours": [], "floor": []}
    connection = Connection(Account(url, **LOGIN))
    files = sorted(studies.glob("*.png"))
    for number in range(ROUNDS):
        cvat = jlabel.Cvat(url, **LOGIN)
        settings = LoopSettings(f"upload {number}", strategy="first", top_k=PICTURES, train="", segment_size=0)
        loop = AnnotationLoop(manager, cvat, settings)
        cvat.connection.get("users/self")
        times["whole"].append(_seconds(lambda loop=loop: loop.send()))
        made = project_with_labels(connection, f"ours {number}", manager.labels)
        request = TaskRequest(f"key{number}", "round", made.id)
        times["ours"].append(_seconds(lambda request=request: filled_task(connection, request, files)))
        for task in manager.datastore.annotation_tasks.tasks():
            manager.datastore.annotation_tasks.change_state(task.key, "lost")
        project = connection.post("projects", {"name": f"bare {number}", "labels": []})["id"]
        times["floor"].append(_seconds(lambda project=project: _bare_upload(connection, project, files)))
        cvat.close()
    connection.close()
    manager.close()
    emit("cvat.send", times["whole"], "s", times["floor"], pictures=PICTURES)
    return emit_pairs("cvat.upload", times["ours"], times["floor"], "s", UPLOAD_BAR, pictures=PICTURES)


def _bare_upload(connection: Connection, project: int, files: list[Path]) -> None:
    """A task and its pictures in two requests, and its frames once they are there."""
    task = connection.post("tasks", {"name": "bare", "project_id": project})["id"]
    with contextlib.ExitStack() as opened:
        parts = [
            (f"client_files[{number}]", (file.name, opened.enter_context(file.open("rb"))))
            for number, file in enumerate(files)
        ]
        request = connection.send("POST", f"tasks/{task}/data", {"files": parts, "data": {"image_quality": "70"}})
    key = request.json()["rq_id"]
    while connection.get(f"requests/{key}")["status"] not in ("finished", "failed"):
        time.sleep(0.05)
    connection.get(f"tasks/{task}/data/meta")


def _pulls(studies: Path, url: str) -> bool:
    manager = _manager(studies, FRAMES, (120, 160))
    cvat = jlabel.Cvat(url, **LOGIN)
    settings = LoopSettings("pull", strategy="first", top_k=FRAMES, train="", segment_size=1, rounds_out=2)
    loop = AnnotationLoop(manager, cvat, settings)
    loop.send()
    (task,) = manager.datastore.annotation_tasks.tasks()
    jobs = list(cvat.connection.pages("jobs", task_id=task.number))
    labels = {entry["name"]: entry["id"] for entry in cvat.connection.pages("labels", task_id=task.number)}
    shapes = [shape for job in jobs for shape in _masks(job["start_frame"], list(labels.values()))]
    cvat.connection.put(f"tasks/{task.number}/annotations", {"version": 0, "tags": [], "tracks": [], "shapes": shapes})
    memory: list[int] = []
    times: dict[str, list[float]] = {"ours": [], "floor": []}
    for part in (jobs[:100], jobs[100:]):
        for job in part:
            cvat.connection.patch(f"jobs/{job['id']}", {"state": "completed"})
        bare = _seconds(lambda part=part: [cvat.connection.get(f"jobs/{one['id']}/annotations") for one in part])
        ours = _seconds(loop.pull)
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        times["floor"].append(bare / len(part) * FRAMES)
        times["ours"].append(ours / len(part) * FRAMES)
    assert manager.datastore.count_labeled() == FRAMES
    cvat.close()
    manager.close()
    good = emit_pairs("cvat.pull", times["ours"][1:], times["floor"][1:], "s", PULL_BAR, frames=FRAMES, masks=2)
    return good & emit("cvat.pull.memory", (memory[1] - memory[0]) / 1024, "MB more for ten times the frames", bar=30)


def _masks(frame: int, labels: list[int]) -> Iterator[dict[str, object]]:
    rng = np.random.default_rng(frame)
    for label in labels:
        row, column = rng.integers(30, 80, 2)
        rows, columns = np.ogrid[:120, :160]
        mask = (rows - row) ** 2 + (columns - column) ** 2 < rng.integers(100, 600)
        yield {"type": "mask", "frame": frame, "label_id": label, "points": encode_mask(mask), "source": "manual"}


def _manager(studies: Path, count: int, shape: tuple[int, int]) -> AppManager:
    studies.mkdir()
    pixels = np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8)
    first = studies / "picture_0000.png"
    Pictures.fromarray(pixels).save(first)
    for number in range(1, count):
        shutil.copyfile(first, studies / f"picture_{number:04}.png")
    return AppManager(Chooser(studies, labels=["polyp", "tool"]), device="cpu")


@contextlib.contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.cvat.server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1].strip()
        finally:
            process.terminate()


def _seconds(work: object) -> float:
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
