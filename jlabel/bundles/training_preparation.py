"""A bundle's training made ready for a datastore: other images, no weights by itself, nothing written where it lies."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.bundles.bundle import Bundle, components, target_name
from jlabel.bundles.channels import ChannelsInMemory, gather_channels
from jlabel.bundles.configuration import Configuration
from jlabel.bundles.metadata import Expected, looked_up
from jlabel.bundles.reorientation import as_monai_reads
from jlabel.errors import TaskError
from jlabel.files.file_operations import remove_tree
from jlabel.imaging import Image
from jlabel.tasks.train import TrainRun
from jlabel.training.reader import StudiesReader

_FOLDERS = ("output_dir", "ckpt_dir", "cache_dir", "log_dir", "save_dir")
# A workflow is given its images and their reader as a whole: see jlabel.bundles.workflow.
_READING = ("LoadImaged", "TrainingWorkflow")
_JUDGED_IN_PARTS = "validate::dataloader::sampler"
# What they need is not needed by a training.
_OPTIONAL = {
    "TensorBoardStatsHandler": "tensorboard",
    "TensorBoardImageHandler": "tensorboard",
    "MLFlowHandler": "mlflow",
}


class NoCheckpoint:
    """In the place of a ``CheckpointLoader``: weights are loaded by jlabel, as tensors only."""

    def __init__(self, **_: Any) -> None:
        pass

    def attach(self, engine: Any) -> None:
        """Nothing."""

    def __call__(self, engine: Any) -> None:
        """Nothing."""


class BundleReader(StudiesReader):
    """Reads images and labels of a datastore as a bundle's network is given them at inference.

    Args:
        images: The labelled images.
        note: Told what is unusual about labels.
        expected: What the network takes.
        endings: How files of one case end, for a network that takes several.
        bundle: The bundle's name, for errors.
    """

    def __init__(
        self, images: Sequence[Any], note: Any, expected: Expected, endings: Sequence[str], bundle: str
    ) -> None:
        super().__init__(images, note)
        self._expected, self._endings, self._bundle = expected, endings, bundle

    def __deepcopy__(self, _memo: Any) -> BundleReader:
        # A configuration is copied where one part of it stands for another; what reads stays one.
        return self

    def read(self, data: Any, **kwargs: Any) -> Any:
        """The image, its channels, or the label in the file, from ``data``: its path."""
        path = str(data[0] if isinstance(data, list | tuple) else data)
        image = super().read(data, **kwargs)
        turn = as_monai_reads(image)
        if turn is not None:
            image = replace(image, array=np.ascontiguousarray(turn.array(image.array)), affine=np.eye(4))
        if path in self._labels:
            return image
        return gather_channels(image, self._expected, self._endings, self._bundle) or image

    def get_data(self, img: Any) -> tuple[NDArray[Any], dict[str, Any]]:
        """As the readers of an inference."""
        return super().get_data(img) if isinstance(img, Image) else ChannelsInMemory(img).get_data(img)


def private_copy(bundle: Bundle, folder: Path) -> Bundle:
    """A copy of a bundle in which a training may write; scripted networks are not copied."""
    remove_tree(folder, ignore_errors=True)
    try:
        shutil.copytree(bundle.root, folder, ignore=shutil.ignore_patterns("*.ts", ".git", "__pycache__"))
    except (OSError, shutil.Error) as error:
        raise TaskError(f"bundle {bundle.name!r} could not be copied to {folder}: {error}") from error
    return Bundle(folder, bundle.name)


def prepare_training(config: Configuration, reader: StudiesReader, output: Path, judges: bool) -> None:
    """Change a configuration before any of its parts is made.

    Args:
        config: The configuration of a training.
        reader: Reads all its images and labels.
        output: Where it writes.
        judges: Whether there are images to judge by.
    """
    for _, one in components(config.parser.get()):
        name = target_name(one)
        if name in _READING:
            one["reader"] = reader
        elif name == "CheckpointLoader" or (name == "ValidationHandler" and not judges):
            _exchange(one)
        elif name in _OPTIONAL and importlib.util.find_spec(_OPTIONAL[name]) is None:
            one["_disabled_"] = True
        for argument in _FOLDERS:
            if argument in one:
                one[argument] = str(output)
    if _JUDGED_IN_PARTS in config:
        # The first process judges alone, with all images.
        config.parser[_JUDGED_IN_PARTS] = None
    for id in _FOLDERS:
        if id in config:
            config.parser[id] = str(output)


def loaded_pair(bundle: Bundle, config: Mapping[str, Any]) -> tuple[str, str]:
    """Under which keys a training has the image and its label.

    Raises:
        TaskError: It does not load one image and one label.
    """
    for _, one in components(config):
        if target_name(one) in _READING:
            keys = looked_up(one.get("keys"), config)
            if isinstance(keys, list) and len(keys) == 2:
                image, label = (looked_up(key, config) for key in keys)
                return str(image), str(label)
    raise TaskError(
        f"bundle {bundle.name!r} cannot be trained here: it does not load one image and one label (LoadImaged)"
    )


def name_process(run: TrainRun) -> None:
    """Tell what the files for several devices ask of the environment: which of the processes this is."""
    if len(run.devices) > 1:
        place = int(run.device.partition(":")[2] or 0)
        os.environ.update(LOCAL_RANK=str(place), RANK=str(run.rank), WORLD_SIZE=str(len(run.devices)))


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Let relative paths be in that folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _exchange(component: dict[str, Any]) -> None:
    component.clear()
    component["_target_"] = f"{__name__}.{NoCheckpoint.__name__}"
