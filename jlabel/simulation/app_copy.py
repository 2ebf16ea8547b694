"""A second app as the first, on a folder of its own: the images of a project without its labels."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nibabel as nib
import numpy as np

from jlabel.app import LabelApp
from jlabel.datastores import Datastore, LocalDatastore
from jlabel.errors import DatastoreError, TaskError
from jlabel.imaging import read_image


def copied_app(app: LabelApp, datastore: Datastore) -> LabelApp:
    """A copy of an app whose models, trainers, strategies and scoring methods are made again, for another datastore.

    Its own ``init_datastore`` is not called: whatever that opens, the copy works with the datastore that is given.

    Raises:
        TaskError: A train task of it has a folder of models of its own, in which the app's models lie too.
    """
    own = copy.copy(app)
    own.studies = own.datastore = datastore
    own.infers = own.init_infers()
    own.trainers = own.init_trainers()
    own.strategies = own.init_strategies()
    own.scoring_methods = own.init_scoring_methods()
    for name, task in own.trainers.items():
        for place in ("model_dir", "publish_path"):
            if getattr(task, place, None) is not None:
                raise TaskError(
                    f"train task {name!r} has a {place}, where a simulation would write over the app's own models: "
                    "simulate with an app that leaves it out"
                )
    return own


def copied_images(source: Datastore, images: Iterable[str], folder: Path) -> LocalDatastore:
    """A studies folder with copies of the images and no label; those that are there already are not copied again.

    Raises:
        DatastoreError: An image cannot be copied.
        ImageError: One that has to be read for it cannot be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    datastore = LocalDatastore(folder)
    there = set(datastore.list_images())
    for image_id in images:
        if image_id not in there:
            _copy(source.get_image_uri(image_id), image_id, datastore)
    if kept := source.label_set():
        datastore.change_label_set(lambda now: now or kept)
    return datastore


def _copy(uri: str, image_id: str, datastore: LocalDatastore) -> None:
    try:
        datastore.add_image(image_id, uri)
    except DatastoreError:
        # One of several series in a folder, or a header with its voxels elsewhere: its voxels are written anew.
        image = read_image(uri)
        if image.ndim != 3 or image.channels == "rgb":
            raise
        # NIfTI has no truth values, and few can read its whole numbers of eight bytes.
        kinds = {"bool": np.uint8, "int64": np.float64, "uint64": np.float64}
        array = image.array.astype(kinds.get(image.array.dtype.name, image.array.dtype))
        with tempfile.TemporaryDirectory(prefix="jlabel-") as beside:
            made = Path(beside) / "image.nii.gz"
            nib.save(nib.Nifti1Image(array, image.affine), made)
            datastore.add_image(image_id, made)
