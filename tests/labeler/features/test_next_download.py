"""The image that comes next is on this machine before it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import nibabel as nib
import numpy as np
import pytest

import jlabel

SHAPE = (12, 10, 8)
COUNT = 6


@pytest.fixture
def store(tmp_path: Path) -> Iterator[jlabel.RemoteDatastore]:
    """Six volumes in fsspec's memory, of which none was opened."""
    memory = fsspec.filesystem("memory")
    for number in range(COUNT):
        file = tmp_path / "made.nii.gz"
        nib.save(nib.Nifti1Image(np.full(SHAPE, number, np.int16), np.eye(4)), file)
        memory.pipe(f"/next/case_{number}.nii.gz", file.read_bytes())
    opened = jlabel.RemoteDatastore("memory://next", cache=tmp_path / "here")
    yield opened
    opened.close()
    memory.rm("/next", recursive=True)


def fetched(store: jlabel.RemoteDatastore) -> set[str]:
    return {image_id for image_id in store.list_images() if store.is_fetched(image_id)}


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_next_opens_what_was_downloaded_meanwhile(store: jlabel.RemoteDatastore) -> None:
    manager = jlabel.AppManager(jlabel.RadiologyApp(store, ["liver"]), device="cpu")
    labeler = manager.labeler("case_3")
    labeler.strategy = "first"
    labeler.open("case_2")
    for comes in ("case_0", "case_1", "case_4"):
        wait_for(lambda comes=comes: store.is_fetched(comes))
        assert labeler.next() == comes
        for done in (comes, "case_2", "case_3"):
            manager.save_label(done, np.ones(SHAPE, np.uint8))
        labeler.open(comes)  # what comes next is another one now
    labeler.close()
    manager.close()


def test_where_chance_decides_it_falls_on_what_was_downloaded(store: jlabel.RemoteDatastore) -> None:
    manager = jlabel.AppManager(jlabel.RadiologyApp(store, ["liver"]), device="cpu")
    labeler = manager.labeler("case_3")
    for _ in range(4):
        labeler.strategy = "random"
        labeler.open("case_3")
        wait_for(lambda: len(fetched(store) - {"case_3"}) > 0)
        labeler._controller.features.next_download._worker.flush()
        before = fetched(store)
        assert labeler.next() in before
    labeler.close()
    manager.close()


def test_nobody_is_given_it_and_its_first_mask_comes_along(store: jlabel.RemoteDatastore, tmp_path: Path) -> None:
    elsewhere = jlabel.RemoteDatastore("memory://next", cache=tmp_path / "elsewhere")
    elsewhere.save_label("case_0", np.ones(SHAPE, np.uint8), tag="original")
    elsewhere.close()
    store.refresh()
    manager = jlabel.AppManager(jlabel.RadiologyApp(store, ["liver"]), device="cpu")
    labeler = manager.labeler("case_5")
    labeler.strategy = "first"
    labeler.open("case_4")
    wait_for(lambda: "case_0" in fetched(store))
    # That of before is given back a moment later.
    wait_for(lambda: [lease.image_id for lease in manager.leases()] == ["case_4"])
    labeler.close()
    manager.close()
