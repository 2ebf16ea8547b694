"""Finding out cheaply whether anything was written to the studies."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from jlabel.datastores import LocalDatastore

MASK = np.ones((4, 3, 2), np.uint8)


@pytest.fixture
def datastore(tmp_path, catalogue_address):
    for name in ("a", "b"):
        nib.save(nib.Nifti1Image(np.zeros((4, 3, 2), np.int16), np.eye(4)), tmp_path / f"{name}.nii.gz")
    datastore = LocalDatastore(tmp_path, catalogue=catalogue_address(tmp_path))
    yield datastore
    datastore.close()


def comes(datastore: LocalDatastore) -> None:
    nib.save(nib.Nifti1Image(np.zeros((4, 3, 2), np.int16), np.eye(4)), datastore.folder / "c.nii.gz")
    datastore.refresh()


def save(folder: Path) -> None:
    datastore = LocalDatastore(folder)
    datastore.save_label("b", MASK)
    datastore.close()


def test_it_stays_while_nothing_is_written(datastore):
    an_hour_ago = time.time() - 3600  # what has just been changed may change again unnoticed: it is looked at anew
    os.utime(datastore.folder, (an_hour_ago, an_hour_ago))
    datastore.refresh()
    stamp = datastore.change_stamp()
    datastore.count_images()
    datastore.browse()
    datastore.refresh()
    datastore.refresh()
    assert datastore.change_stamp() == stamp


@pytest.mark.parametrize(
    "change",
    [
        lambda datastore: datastore.save_label("a", MASK),
        lambda datastore: datastore.save_label("a", MASK, "original"),
        lambda datastore: datastore.remove_image("a"),
        lambda datastore: datastore.update_image_info("a", {"skipped": "now"}),
        comes,
    ],
    ids=["a label", "a first mask", "an image goes", "an image is skipped", "an image comes"],
)
def test_it_changes_with_what_is_written(datastore, change):
    stamp = datastore.change_stamp()
    change(datastore)
    assert datastore.change_stamp() != stamp


@pytest.mark.sqlite
def test_it_changes_with_what_another_process_writes(datastore):
    stamp = datastore.change_stamp()
    other = multiprocessing.get_context("spawn").Process(target=save, args=(datastore.folder,))
    other.start()
    other.join(120)
    assert other.exitcode == 0
    assert datastore.change_stamp() != stamp
    assert datastore.count_labeled() == 1
