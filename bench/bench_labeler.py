"""What the kernel does for a stroke, a click, a save and an opening: ``python -m bench.bench_labeler``.

A page without a browser sends the messages; times are the kernel's alone. Each figure that must not grow has its floor
in the same run: the same with no published model, at the first version, with no stroke before.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np

from bench.report import emit, emit_pairs
from jlabel.app import LabelApp
from jlabel.imaging import Region, encode_voxels
from jlabel.labeler.protocol.values import PROTOCOL
from jlabel.registry import ModelStore, ModelVersion, PublishedModel
from jlabel.tasks import InteractiveTask
from jlabel.widget import AppManager, Labeler

SHAPE = (128, 128, 64)
LARGE = (512, 512, 300)
STROKES, SAVES, REOPENED = 150, 200, 5000
MODELS = 4

_OPENED: list[str] = []
_COUNTING = [False]


def _count_opened(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _COUNTING[0] and isinstance(arguments[0], str):
        _OPENED.append(arguments[0])


class Point(InteractiveTask):
    """Answers with the voxels around the last click."""

    @property
    def learns_from(self) -> PublishedModel | None:
        return self.published

    def pre_transforms(self, data: Any) -> list[Any]:
        return []

    inferer = post_transforms = pre_transforms

    def segment(self, crop: Any, request: Any, watch: Any) -> Any:
        inside = np.zeros(crop.shape, bool)
        for prompt in crop.prompts:
            inside[Region.around([prompt.position]).grow(2, crop.shape).slices] = True
        return inside


class Page:
    """A page's side of the conversation, without a browser."""

    def __init__(self, studies: Path, images_learnt: int = 0) -> None:
        published = publish(studies, images_learnt) if images_learnt else [None] * MODELS
        models = {f"point_{n}": Point(labels=["one"], published=one) for n, one in enumerate(published)}

        class App(LabelApp):
            def init_infers(self) -> dict[str, Any]:
                return models

        self.manager = AppManager(App(studies, labels=["one", "two"]), device="cpu")
        self.labeler = Labeler(self.manager, image_id="case")
        self.labeler.send = lambda content, buffers=None: None
        self.controller = self.labeler._controller
        self.seq = 0
        self.ask(type="hello", protocol=PROTOCOL)

    def ask(self, *buffers: bytes, **content: Any) -> None:
        # A page numbers all that it asks but its hello.
        self.seq += content["type"] != "hello"
        number = {} if content["type"] == "hello" else {"seq": self.seq}
        self.labeler._handle_custom_msg({"client": "bench", **number, **content}, list(buffers))

    def stroke(self, corner: tuple[int, int, int], value: int = 1) -> None:
        upper = (corner[0] + 10, corner[1] + 10, corner[2] + 1)
        packed = encode_voxels(np.ones((10, 10, 1), np.uint8))
        epoch = self.controller.require_image().epoch
        self.ask(packed, type="edit", epoch=epoch, region=[*corner, *upper], value=value, more=False)

    def click(self, position: tuple[int, int, int]) -> None:
        prompt = {"kind": "click", "position": list(position), "positive": True, "label": ""}
        self.ask(type="prompt", epoch=self.controller.require_image().epoch, prompt=prompt, axis=2)
        requests = self.controller.features.prompting.requests
        while requests.running:
            time.sleep(0.0002)

    def settle(self) -> None:
        self.controller.flush()
        self.controller.features.navigation.journal_worker.flush()
        self.controller.features.volumes.counts()

    def close(self) -> None:
        self.labeler.close()
        self.manager.close()


def publish(studies: Path, images: int) -> list[PublishedModel]:
    """Versions in use that have learnt from so many images."""
    store = ModelStore(studies / ".jlabel" / "models")
    weights = studies / "weights.bin"
    weights.write_bytes(b"tensors")
    names = [f"point_{n}" for n in range(MODELS)]
    for name in names:
        row = ModelVersion(name, 0, images={f"image_{n}": 1 for n in range(images)})
        store.use(name, store.publish(row, weights).number)
    return [PublishedModel(store, name) for name in names]


@contextlib.contextmanager
def studies(shape: tuple[int, int, int] = SHAPE) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        array = np.random.default_rng(0).integers(0, 1000, shape, dtype=np.int16)
        nib.save(nib.Nifti1Image(array, np.eye(4)), Path(folder) / "case.nii")
        yield Path(folder)


def timed(work: Callable[[], Any]) -> float:
    """Milliseconds that it takes."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def places(count: int) -> list[tuple[int, int, int]]:
    rng = np.random.default_rng(1)
    return [(int(i), int(j), int(k)) for i, j, k in rng.integers((4, 4, 4), np.array(SHAPE) - 12, (count, 3))]


def growth(images: int) -> bool:
    """A stroke and a click with published models over the same without; in turn, on the same machine."""
    with studies() as plain, studies() as trained:
        without, with_models = Page(plain), Page(trained, images)
        found: dict[str, tuple[list[float], list[float]]] = {"stroke": ([], []), "click": ([], [])}
        for number, place in enumerate(places(STROKES)):
            for page, column in ((with_models, 0), (without, 1)):
                value = 1 + number % 2
                found["stroke"][column].append(timed(partial(page.stroke, place, value)))
                page.settle()
                if number % 2 == 0:
                    found["click"][column].append(timed(partial(page.click, place)))
                    page.ask(type="clear_prompts", epoch=page.controller.require_image().epoch)
                    page.settle()
        without.close()
        with_models.close()
    good = True
    for what, (values, floors) in found.items():
        good &= emit_pairs(f"labeler.{what}.{MODELS}_models_of_{images}_images", values, floors, "ms", 1.05)
    return good


def opened() -> bool:
    """Files that are opened beyond those that are written."""
    sys.addaudithook(_count_opened)
    good = True
    with studies() as folder:
        page = Page(folder, 500)
        page.stroke((20, 20, 20))
        page.settle()
        page.labeler.save()
        page.stroke((30, 30, 30))
        steps: dict[str, Callable[[], Any]] = {
            "stroke": lambda: page.stroke((40, 40, 30)),
            "undo": lambda: page.ask(type="undo"),
            "click": lambda: page.click((60, 60, 30)),
            "save": page.labeler.save,
        }
        for name, step in steps.items():
            page.settle()
            _OPENED.clear()
            _COUNTING[0] = True
            step()
            page.settle()
            _COUNTING[0] = False
            own = tuple(str(folder / ".jlabel" / part) for part in ("drafts", "tmp", "versions", "catalogue"))
            more = [file for file in _OPENED if file.startswith(str(folder))]
            more = [file for file in more if not file.startswith((*own, str(folder / "labels")))]
            good &= emit(f"labeler.files_opened.{name}", len(more), "files", bar=0)
        page.close()
    return good


def saves() -> bool:
    """A save at many versions over one at the first."""
    with studies() as folder:
        page, times = Page(folder), []
        for number in range(SAVES + 10):
            page.stroke(places(1)[0], 1 + number % 2)
            page.settle()
            times.append(timed(page.labeler.save))
        page.close()
    return emit(f"labeler.save.{SAVES}_versions", times[-10:], "ms", times[1:11], bar_over_floor=1.3)


def large_save() -> bool:
    """A save after one small stroke in a large volume: how long the person is asked to wait."""
    with studies(LARGE) as folder:
        page = Page(folder)
        ball = sum((axis - n / 2) ** 2 for axis, n in zip(np.indices(LARGE, sparse=True), LARGE, strict=True)) < 110**2
        with page.controller.lock:
            page.controller.features.painting.paint(Region.whole(LARGE), ball, 1)
        page.labeler.save()
        times = []
        for number in range(7):
            page.stroke((250 + number, 250, 150), 2)
            page.settle()
            times.append(timed(page.labeler.save) / 1000)
        page.close()
    return emit("labeler.save.512x512x300", times, "s", bar=0.3)


def reopened() -> bool:
    """Opening an image with a draft of many strokes over one with a few."""
    figures = []
    for strokes in (REOPENED, 5):
        with studies() as folder:
            page = Page(folder)
            for number, place in enumerate(places(strokes)):
                page.stroke(place, 1 + number % 2)
            page.settle()
            page.close()
            figures.append([reopening(folder) for _ in range(7)])
    many, few = figures
    return emit(f"labeler.reopen.{REOPENED}_strokes", many, "ms", few, bar_over_floor=2.0)


def reopening(folder: Path) -> float:
    """Milliseconds that a labeler takes to open the image with its draft; the draft stays as it was."""
    manager = AppManager(LabelApp(folder, labels=["one", "two"]), device="cpu")
    manager.image("case")
    time.sleep(0.2)  # until the labeler before has left the draft
    labelers: list[Labeler] = []
    took = timed(lambda: labelers.append(Labeler(manager, image_id="case")))
    if not labelers[0].dirty:
        raise RuntimeError("the draft did not come back")
    labelers[0].close()
    manager.close()
    return took


def main() -> int:
    good = opened()
    good &= growth(500)
    good &= growth(10_000)
    good &= saves()
    good &= large_save()
    good &= reopened()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
