"""What the networks that see clicks learn in one or two minutes: ``python -m bench.bench_click_training``.

Hippocampus MRI of the Medical Segmentation Decathlon; the figure is 1 - the mean Dice of both structures after clicks
of a simulated annotator in cases that no training has seen, so that smaller is better.

``click``: two minutes, five cases to learn from and ten others, three clicks. The network is asked as the click tool
asks it; the floor is the same network with the weights of the package, and the bar 0.15.

``deepgrow_3d``, ``deepgrow_2d`` and ``deepedit``: a minute, ten cases to learn from and five others, five clicks. The
floor is the click tool, which has learnt nothing: ``click`` in the volume, and for ``deepgrow_2d`` ``click_2d``, both
in the slice where the structure is largest. Reported, without a bar: a minute is short.

It needs the folder that JLABEL_TEST_DATA names.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import jlabel
from bench.report import emit
from jlabel.click import ClickTrainTask
from jlabel.click.answer import ClickNetwork
from jlabel.click.network import DESIGNS, make_network, shipped_network
from jlabel.click.training.sessions import ClickSession
from jlabel.imaging import Image, read_label
from jlabel.simulation import dice, next_click
from jlabel.tasks.train import TrainTask
from jlabel.tasks.weights import load_weights

LABELS = {"anterior": 1, "posterior": 2}
#: Each with the tool that has learnt nothing.
TRAINERS = {"deepgrow_3d": "click", "deepgrow_2d": "click_2d", "deepedit": "click"}
LEARNT, ASIDE = 10, 5
SECONDS = 60.0
CLICKS = 5
#: Of the click tool's network.
CLICK_LEARNT, CLICK_ASIDE, CLICK_SECONDS, CLICK_BAR = 5, 10, 120.0, 0.15


class _App(jlabel.RadiologyApp):
    """With the click tool's train task, whether or not the app has it."""

    def init_trainers(self) -> dict[str, TrainTask]:
        return {**super().init_trainers(), "click": ClickTrainTask()}


def main() -> int:
    data = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    data /= "hippocampus_msd"
    if not data.is_dir():
        sys.stderr.write(f"click_training: left out, since there is no {data}; set JLABEL_TEST_DATA\n")
        return 0
    good = True
    for measure in (_measure_click, _measure):
        with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
            studies = Path(folder)
            names = sorted(path.name for path in (data / "images").glob("*.nii.gz"))[: LEARNT + ASIDE]
            for name in names:
                shutil.copy(data / "images" / name, studies / name)
            truths = {name.removesuffix(".nii.gz"): _truth(data, name) for name in names}
            good &= measure(studies, truths)
    return 0 if good else 1


def _truth(data: Path, name: str) -> tuple[Image, np.ndarray]:
    image = jlabel.read_image(data / "images" / name)
    return image, read_label(data / "labels" / name, image).astype(np.uint8)


def _measure_click(studies: Path, truths: dict[str, tuple[Image, np.ndarray]]) -> bool:
    manager = jlabel.AppManager(_App(studies, labels=LABELS), device="cpu")
    for image_id in list(truths)[:CLICK_LEARNT]:
        manager.save_label(image_id, truths[image_id][1])
    job = manager.train("click", device="cpu", max_seconds=CLICK_SECONDS)
    job.wait()
    if job.state != "done":
        raise RuntimeError(job.error)
    version = manager.models("click")[-1]
    manager.close()
    learnt = make_network(DESIGNS[version.network["dimension"]])
    load_weights(learnt, version.file)
    extents = version.network["extent_mm"]
    cases = list(truths.values())[-CLICK_ASIDE:]
    found = _dice_of_network(learnt.eval(), extents, cases)
    floor = _dice_of_network(shipped_network(3), extents, cases)
    more = {f"dice_{n}": round(found[n - 1], 3) for n in (1, 3, 5)}
    more |= {f"shipped_{n}": round(floor[n - 1], 3) for n in (1, 3, 5)}
    more |= {"epochs": job.result["epochs"], "in_use": version.in_use}
    return emit("click_training.click", 1 - found[2], "1 - Dice", 1 - floor[2], CLICK_BAR, **more)


def _dice_of_network(
    network: torch.nn.Module, extents: dict[str, float], cases: list[tuple[Image, np.ndarray]]
) -> list[float]:
    """Mean Dice of all cases and structures after each click."""
    rows = []
    for image, truth in cases:
        for label, value in LABELS.items():
            session = ClickSession(ClickNetwork(network, DESIGNS[3]), image.array, image.spacing, extents[label])
            rows.append([dice(truth == value, mask) for mask in session.masks(truth == value, CLICKS)])
    return [float(mean) for mean in np.mean(rows, axis=0)]


def _measure(studies: Path, truths: dict[str, tuple[Image, np.ndarray]]) -> bool:
    manager = jlabel.AppManager(jlabel.RadiologyApp(studies, labels=LABELS), device="cpu")
    for image_id in list(truths)[:LEARNT]:
        manager.save_label(image_id, truths[image_id][1])
    aside = {image_id: truths[image_id] for image_id in list(truths)[LEARNT:]}
    floors = {tool: _dice_after_clicks(manager, tool, aside) for tool in set(TRAINERS.values())}
    for trainer, tool in TRAINERS.items():
        job = manager.train(trainer, device="cpu", max_seconds=SECONDS, max_epochs=10_000)
        job.wait()
        if job.state != "done":
            raise RuntimeError(job.error)
        found, floor = _dice_after_clicks(manager, trainer, aside), floors[tool]
        more = {f"dice_{n}": round(value, 3) for n, value in enumerate(found)}
        more |= {tool: round(floor[-1], 3), "epochs": job.result["epochs"]}
        emit(f"click_training.{trainer}", 1 - found[-1], "1 - Dice", 1 - floor[-1], **more)
    manager.close()
    return True


def _dice_after_clicks(
    manager: jlabel.AppManager, model: str, cases: dict[str, tuple[Image, np.ndarray]]
) -> list[float]:
    """Mean Dice of all cases and structures before the first click and after each."""
    rows = []
    for image_id, (image, truth) in cases.items():
        start = manager.infer("deepedit_auto", image_id).mask if model == "deepedit" else np.zeros_like(truth)
        for label, value in LABELS.items():
            k = int((truth == value).sum(axis=(0, 1)).argmax())
            part = (slice(None), slice(None), slice(k, k + 1) if model.endswith("_2d") else slice(None))
            wanted, mask, clicks = truth[part] == value, start[part] == value, list[jlabel.Click]()
            scores = [dice(wanted, mask)]
            for _ in range(CLICKS):
                click = next_click(wanted, mask, image.spacing)
                if click is not None:
                    x, y, z = click.position
                    clicks.append(jlabel.Click((x, y, z + (part[2].start or 0)), click.positive, label))
                    found = manager.infer(model, image_id, clicks, label=label, axis=2)
                    mask = found.mask[part] == value
                scores.append(dice(wanted, mask))
            rows.append(scores)
    return [float(mean) for mean in np.mean(rows, axis=0)]


if __name__ == "__main__":
    sys.exit(main())
