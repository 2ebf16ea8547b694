"""The server of the catalogue goes away while a person labels: the draft stays, and is saved when it is back."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from jlabel.errors import DatastoreError
from jlabel.widget import AppManager, Labeler
from tests.postgres_server import PostgresServer
from tests.widget.labeler_pages import SHAPE, App, Page


def test_the_draft_stays_and_is_saved_when_the_server_is_back(
    tmp_path, own_locks, monkeypatch, postgres: PostgresServer
) -> None:
    for name in ("a", "b"):
        nib.save(nib.Nifti1Image(np.zeros(SHAPE, np.int16), np.eye(4)), tmp_path / f"{name}.nii.gz")
    manager = AppManager(App(tmp_path, labels=["organ"], catalogue=postgres.new_url()))
    labeler = Labeler(manager, image_id="a")
    page = Page(labeler, monkeypatch)
    page.stroke((1, 1, 1), (5, 5, 5), 1)
    mask = labeler.mask
    postgres.stop()
    with pytest.raises(DatastoreError, match="cannot be reached"):
        labeler.save()
    assert labeler.dirty
    assert mask.any()
    assert np.array_equal(labeler.mask, mask)
    changes = labeler._controller.features.studies_changes
    changes._beat()
    changes._worker.flush()  # looking for what others have changed fails without a word
    postgres.start()
    labeler.save()
    saved = nib.load(manager.datastore.get_label_uri("a")).get_fdata()
    assert np.array_equal(saved, mask)
    assert [version.current for version in manager.datastore.label_history("a")] == [True]
    labeler.close()
    manager.close()
