"""The whole loop on real pictures: an annotator draws in CVAT, and the network that ships learns from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.manager import AppManager
from tests.active_learning.conftest import Begin
from tests.cvat.annotators import Annotators
from tests.cvat.server import ContractServer

COUNT = 6
EDGE = 160  # the longest, in pixels: each learns in seconds


@pytest.fixture
def polyps(shared_data: Path, tmp_path: Path, own_locks: Path) -> Iterator[tuple[AppManager, dict[str, np.ndarray]]]:
    """Pictures of endoscopy, and where the polyps are in each."""
    source, folder = shared_data / "kvasir_polyp", tmp_path / "polyps"
    folder.mkdir()
    truth = {}
    for file in sorted((source / "images").iterdir())[:COUNT]:
        (label,) = (source / "labels").glob(f"{file.stem}.*")
        picture, mask = Image.open(file).convert("RGB"), Image.open(label).convert("L")
        picture.thumbnail((EDGE, EDGE))
        picture.save(folder / f"{file.stem}.png")
        truth[file.stem] = np.asarray(mask.resize(picture.size, Image.Resampling.NEAREST)) > 0
    manager = AppManager(jlabel.EndoscopyApp(folder, labels=["polyp"]), device="cpu")
    yield manager, truth
    manager.close()


@pytest.mark.timeout(900)
def test_rounds_of_polyps_are_learnt_from(
    polyps: tuple[AppManager, dict[str, np.ndarray]], begin: Begin, server: ContractServer, cvat: jlabel.Cvat
) -> None:
    manager, truth = polyps
    loop = begin(
        manager,
        cvat,
        strategy="entropy",
        top_k=3,
        train="segmentation",
        train_options={"max_epochs": 1, "samples_per_epoch": 4},
    )
    with Annotators(server, lambda name, _: truth[Path(Path(name).stem).stem]):
        status = loop.run()
    assert status.labelled == COUNT
    assert [task.images for task in status.tasks] == [3, 3]
    # The second training goes on from the first one's version, and is judged beside it.
    assert [point.version for point in status.curve] == [1, 2]
    for image_id, mask in truth.items():
        np.testing.assert_array_equal(manager.label(image_id) > 0, mask)
