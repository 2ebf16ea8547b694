"""A short day with jlabel in the present environment: label, save, train, infer. Prints the versions, as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import nibabel as nib
import numpy as np

import jlabel

SHAPE = (32, 28, 24)
NAMES = (
    "jlabel",
    "numpy",
    "scipy",
    "torch",
    "monai",
    "nibabel",
    "pydicom",
    "SQLAlchemy",
    "ipywidgets",
    "anywidget",
    "typer",
)


def make_studies(folder: Path) -> None:
    """Four volumes with a bright ball."""
    index = np.indices(SHAPE)
    for number in range(4):
        middle = np.array([12 + number, 13, 12]).reshape(3, 1, 1, 1)
        ball = ((index - middle) ** 2).sum(axis=0) < 36
        noise = np.random.default_rng(number).normal(0, 5, SHAPE)
        nib.save(nib.Nifti1Image((100 * ball + noise).astype(np.int16), np.eye(4)), folder / f"case_{number}.nii.gz")


def session(folder: Path) -> None:
    """Label three volumes with a click each, train, and let the model label the fourth."""
    manager = jlabel.AppManager(jlabel.RadiologyApp(folder, labels=["ball"]), device="cpu")
    with manager.labeler(strategy="first") as labeler:
        for _ in range(3):
            labeler.edit("threshold", low=60, high=300)
            labeler.undo()
            result = manager.infer("click", labeler.image_id, [jlabel.Click((13, 13, 12))], label="ball")
            if not 300 < int((result.mask > 0).sum()) < 3000:
                raise AssertionError(f"a click gave {int((result.mask > 0).sum())} voxels")
            manager.save_label(labeler.image_id, result.mask)
            labeler.next()
    job = manager.train("segmentation", device="cpu", max_epochs=2, samples_per_epoch=4)
    job.wait()
    if job.state != "done":
        raise AssertionError(f"the training is {job.state}: {job.error}")
    mask = manager.infer("segmentation", "case_3").mask
    if mask.shape != SHAPE:
        raise AssertionError(f"the mask has shape {mask.shape}")
    manager.close()


APP = """
labels: [ball]
low: 1000
infers:
  bright:
    _target_: jlabel.BasicInferTask
    labels: [ball]
    pre_transforms: [{_target_: LoadImaged, keys: image}, {_target_: EnsureChannelFirstd, keys: image}]
    inferer: ["$lambda data: {**data, 'pred': data['image'] > @low}"]
    post_transforms: []
run: ["$@manager.batch_infer('bright', images=['case_3'])"]
"""


def command(folder: Path) -> None:
    """Run an app file by the installed command, with an override."""
    file = folder / "app.yaml"
    file.write_text(APP, encoding="utf-8")
    jlabel_command = Path(sys.executable).with_name("jlabel")
    subprocess.run([jlabel_command, "run", file, "--studies", folder, "--low", "60"], check=True, stdout=sys.stderr)
    voxels = int((np.asarray(nib.load(folder / "labels" / "original" / "case_3.nii.gz").dataobj) > 0).sum())
    if not 300 < voxels < 3000:
        raise AssertionError(f"the app file's model found {voxels} voxels")


def main() -> int:
    """Run it."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        make_studies(Path(name))
        session(Path(name))
        command(Path(name))
    versions = {one: metadata.version(one) for one in NAMES}
    sys.stdout.write(json.dumps({**versions, "session_s": round(time.monotonic() - start, 1)}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
