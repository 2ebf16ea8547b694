"""What a MONAI bundle costs beside its network, and beside MONAI alone: ``python -m bench.bench_bundles``.

``bundles.infer.second`` is the second call on an open image, in processor time; its floor is the bundle's inferer and
network, of the size of the model zoo's for the spleen, on the same prepared input. ``bundles.train`` is a training by
``manager.train``'s task from its first iteration to its last; its floor is the same configuration, images and seed run
by MONAI alone, and ``bundles.train.loss`` the largest difference of the losses. With ``JLABEL_ZOO`` naming a folder of
bundles (the ``models`` of MONAI's model zoo) ``bundles.zoo`` counts those that fail with anything but a reason in
words.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.bundle import ConfigParser

import jlabel
from bench.bundle_data import Stopwatch, write_bundle
from bench.report import emit, emit_pairs

DATA = Path(os.environ.get("JLABEL_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
SHAPE, CALLS, IMAGES, EPOCHS = (112, 96, 64), 8, 12, 6
BARS = {"second": 1.15, "train": 1 / 0.95, "loss": 1e-4}
HIPPOCAMPUS = {"label_1": 1, "label_2": 2}


def main() -> int:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="jlabel-bench-") as folder:
        good = _second_call(Path(folder) / "infer")
        if (DATA / "hippocampus_msd").is_dir():
            good &= _training(Path(folder) / "train")
        else:
            sys.stderr.write(f"bundles: {DATA / 'hippocampus_msd'} is not there: no training measured\n")
    if "JLABEL_ZOO" in os.environ:
        good &= _zoo(Path(os.environ["JLABEL_ZOO"]))
    return 0 if good else 1


def _second_call(folder: Path) -> bool:
    bundle = write_bundle(folder / "bundle", classes=2, width=16, stages=5)
    studies = folder / "studies"
    studies.mkdir()
    voxels = np.random.default_rng(0).normal(100, 20, SHAPE).astype(np.float32)
    nib.save(nib.Nifti1Image(voxels, np.diag([-1.0, 1.0, 1.2, 1.0])), studies / "case.nii.gz")
    app = jlabel.LabelApp(studies, bundles=[bundle])
    task, manager = app.infers["bundle"], jlabel.AppManager(app, device="cpu")
    manager.infer("bundle", "case")
    kept: dict[str, Any] = {}

    def remember(batch: torch.Tensor, network: torch.nn.Module) -> torch.Tensor:
        kept.update(batch=batch, network=network)
        return parts.inferer(batch, network)

    parts = task.parts("cpu")
    remembering = type(parts)(**{**vars(parts), "inferer": remember})
    task._made["cpu"] = (task._made["cpu"][0], remembering)
    manager.infer("bundle", "case")
    task._made["cpu"] = (task._made["cpu"][0], parts)
    values, floors = [], []
    for _ in range(CALLS):
        values.append(_cpu(lambda: manager.infer("bundle", "case")))
        with torch.inference_mode():
            floors.append(_cpu(lambda: parts.inferer(kept["batch"], kept["network"])))
    manager.close()
    return emit_pairs("bundles.infer.second", values, floors, "ms", BARS["second"], shape=list(SHAPE))


def _cpu(work: Any) -> float:
    # All threads of the process count: the manager answers on one of its own.
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1e3


def _training(folder: Path) -> bool:
    bundle = write_bundle(folder / "bundle", classes=3, width=8, stages=3)
    datastore, pairs = _studies(folder)
    values, floors, differences = [], [], []
    for number in range(2):
        run = _Run(folder / f"run_{number}")
        task = jlabel.BundleTrainTask(bundle)
        request = {"name": "bundle", "labels": HIPPOCAMPUS, "run": run, "max_epochs": EPOCHS, "pretrained": False}
        task(request, datastore)
        values.append(Stopwatch.seconds)
        losses = np.array(Stopwatch.losses)
        _alone(bundle, pairs)
        floors.append(Stopwatch.seconds)
        differences.append(float(np.abs(losses - np.array(Stopwatch.losses)).max()))
    samples = len(pairs["training"]) * EPOCHS * 2
    good = emit_pairs("bundles.train", values, floors, "s", BARS["train"], samples=samples)
    return good & emit("bundles.train.loss", max(differences), "largest difference", bar=BARS["loss"])


def _studies(folder: Path) -> tuple[jlabel.LocalDatastore, dict[str, list[dict[str, str]]]]:
    """Labelled images as a datastore, and as pairs of files, by what they are used for."""
    (folder / "studies").mkdir()
    source = DATA / "hippocampus_msd"
    names = sorted(file.name for file in (source / "images").iterdir())[:IMAGES]
    for name in names:
        (folder / "studies" / name).symlink_to(source / "images" / name)
    datastore = jlabel.LocalDatastore(folder / "studies")
    pairs: dict[str, list[dict[str, str]]] = {"training": [], "validation": []}
    for number, name in enumerate(names):
        image_id, use = name.removesuffix(".nii.gz"), "validation" if number % 4 == 0 else "training"
        label = np.asarray(nib.load(source / "labels" / name).dataobj).astype(np.uint8)
        datastore.save_label(image_id, label)
        datastore.update_image_info(image_id, {"split": use})
        pairs[use].append({"image": str(source / "images" / name), "label": str(source / "labels" / name)})
    return datastore, pairs


def _alone(bundle: Path, pairs: dict[str, list[dict[str, str]]]) -> None:
    parser = ConfigParser()
    parser.read_config([bundle / "configs" / "train.json"])
    parser["device"] = torch.device("cpu")
    parser["train::trainer::max_epochs"] = EPOCHS
    parser["train::dataset::data"], parser["validate::dataset::data"] = pairs["training"], pairs["validation"]
    for id in ("initialize", "run"):
        parser.get_parsed_content(id)


class _Run(SimpleNamespace):
    """A run that nobody listens to."""

    device, devices, rank, threads, cancelled = "cpu", ("cpu",), 0, 1, False

    def __init__(self, folder: Path) -> None:
        (folder / "checkpoints").mkdir(parents=True)
        super().__init__(folder=folder, checkpoints=folder / "checkpoints")

    def check_cancelled(self) -> None:
        pass

    def progress(self, fraction: float, left: float | None = None) -> None:
        pass

    def metrics(self, epoch: int, **values: float | None) -> None:
        pass

    def note(self, text: str) -> None:
        sys.stderr.write(f"bundles: {text}\n")


def _zoo(folder: Path) -> bool:
    bundles = sorted(one for one in folder.iterdir() if (one / "configs").is_dir())
    made, refused, bare = [], [], []
    for one in bundles:
        try:
            made.append(jlabel.BundleInferTask(one, random_weights=True).name)
        except jlabel.TaskError as error:
            refused.append(one.name)
            sys.stderr.write(f"bundles: {error}\n")
        except Exception as error:  # noqa: BLE001 - it is what is counted
            bare.append(one.name)
            sys.stderr.write(f"bundles: {one.name}: {type(error).__name__}: {error}\n")
    counts = {"bundles": len(bundles), "models": len(made), "refused": len(refused)}
    return emit("bundles.zoo", len(bare), "bare exceptions", bar=0.0, **counts)


if __name__ == "__main__":
    sys.exit(main())
