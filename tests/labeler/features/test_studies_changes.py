"""What others change in the studies is seen in an open labeler."""

from __future__ import annotations

import shutil
import subprocess
import sys

import nibabel as nib
import numpy as np
import pytest

from jlabel.labeler.features import studies_changes
from jlabel.widget import AppManager, Labeler
from tests.widget.labeler_pages import SHAPE, App, Page

MASK = np.ones(SHAPE, np.uint8)
SAVE = """
import sys
import numpy as np
from jlabel.datastores import LocalDatastore
LocalDatastore(sys.argv[1]).save_label(sys.argv[2], np.ones((12, 10, 8), np.uint8))
"""


@pytest.fixture
def manager(tmp_path, own_locks):
    for name in ("a", "b", "c"):
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / f"{name}.nii.gz")
    manager = AppManager(App(tmp_path, labels=["organ"]))
    yield manager
    manager.close()


@pytest.fixture
def labeler(manager):
    labeler = Labeler(manager, image_id="a")
    yield labeler
    labeler.close()


@pytest.fixture
def page(labeler, monkeypatch):
    return Page(labeler, monkeypatch)


def test_a_label_saved_from_python_is_counted_and_lists_are_renewed(manager, page):
    assert (page.state()["images"], page.state()["labelled"]) == (3, 0)
    manager.save_label("b", MASK)
    page.wait(lambda: page.state()["labelled"] == 1)
    assert page.told("images_changed")


def test_a_label_saved_by_another_kernel_is_counted(manager, page):
    subprocess.run([sys.executable, "-c", SAVE, str(manager.datastore.folder), "b"], check=True, timeout=120)
    page.wait(lambda: page.state()["labelled"] == 1)


def test_an_image_that_was_added_or_removed_is_counted(manager, page):
    shutil.copy(manager.datastore.get_image_uri("b"), manager.datastore.folder / "d.nii.gz")
    manager.datastore.refresh()
    page.wait(lambda: page.state()["images"] == 4)
    manager.datastore.remove_image("d")
    page.wait(lambda: page.state()["images"] == 3)


def test_nothing_is_counted_while_nothing_changes(manager, labeler, page, monkeypatch):
    feature = labeler._controller.features.studies_changes
    page.wait(lambda: feature._stamp == manager.datastore.change_stamp())
    feature._worker.flush()
    counted = []
    monkeypatch.setattr(manager.datastore, "count_images", lambda: counted.append(1) or 3)
    for _ in range(3 * studies_changes._BEATS_BETWEEN_LOOKS):
        feature._beat()
    feature._worker.flush()
    assert counted == []


def test_a_closed_labeler_looks_no_more(manager, labeler, page):
    changes = labeler._controller.features.studies_changes
    labeler.close()
    heard = len(page.told("images_changed"))
    manager.save_label("b", MASK)
    changes._worker.flush()
    assert len(page.told("images_changed")) == heard


def test_a_label_of_its_own_is_counted_once(manager, labeler, page):
    controller = labeler._controller
    write = manager.save_label

    def save(*args, **options):
        saved = write(*args, **options)
        # A look comes before the labeler itself knows that it has saved.
        with controller.lock:
            controller.publish_counts(*controller.counted_images())
        return saved

    manager.save_label = save
    labeler.save()
    assert page.state()["labelled"] == 1
