"""A second app on copies of the images."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

import jlabel
from jlabel.simulation.app_copy import copied_app, copied_images


@pytest.fixture
def app(tmp_path: Path, own_locks: Path) -> jlabel.LabelApp:
    folder = tmp_path / "studies"
    folder.mkdir()
    nib.save(nib.Nifti1Image(np.ones((5, 4, 3), np.int16), np.diag([2, 2, 3, 1])), folder / "volume.nii.gz")
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(folder / "picture.png")
    values = np.arange(60, dtype="<i2").reshape(3, 4, 5)
    (folder / "header.raw").write_bytes(values.tobytes())
    (folder / "header.mhd").write_text(
        "ObjectType = Image\nNDims = 3\nDimSize = 5 4 3\nElementType = MET_SHORT\nElementByteOrderMSB = False\n"
        "ElementSpacing = 1 2 3\nElementDataFile = header.raw\n"
    )
    return jlabel.RadiologyApp(folder, {"one": 1})


def test_images_are_copied_without_labels_and_only_once(app: jlabel.LabelApp, tmp_path: Path) -> None:
    app.datastore.save_label("picture", np.ones((4, 5), np.uint8))
    images = app.datastore.list_images()
    copies = copied_images(app.datastore, images, tmp_path / "copies")
    assert copies.list_images() == images
    assert copies.get_labeled_images() == []
    stamp = (tmp_path / "copies" / "volume.nii.gz").stat().st_ino
    copies.close()
    copied_images(app.datastore, images, tmp_path / "copies").close()
    assert (tmp_path / "copies" / "volume.nii.gz").stat().st_ino == stamp


def test_an_image_whose_voxels_are_elsewhere_is_written_anew(app: jlabel.LabelApp, tmp_path: Path) -> None:
    copies = copied_images(app.datastore, ["header"], tmp_path / "copies")
    before, after = (jlabel.read_image(each.get_image_uri("header")) for each in (app.datastore, copies))
    assert np.array_equal(before.array, after.array)
    assert np.allclose(before.affine, after.affine)
    copies.close()


def test_the_copy_has_models_of_its_own(app: jlabel.LabelApp, tmp_path: Path) -> None:
    copies = copied_images(app.datastore, ["volume"], tmp_path / "copies")
    own = copied_app(app, copies)
    assert own.datastore is copies
    assert own.labels == app.labels
    stores = [each.infers["segmentation"].published.store.folder for each in (app, own)]
    assert stores[1].is_relative_to(tmp_path / "copies")
    assert stores[0] != stores[1]
    assert app.datastore is not copies
    copies.close()
