"""What the methods of a train task know about the training that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.datastores import Datastore
from jlabel.tasks.train import TrainRun

if TYPE_CHECKING:
    import torch


@dataclass
class Context:
    """A training while it is set up and runs, as the methods of a train task get it.

    Attributes:
        name: The app's name for the train task, and the name of its model.
        request: The options of the training: those of the task's ``config``, overridden by those of the caller.
        run: The run that the training belongs to; it has the device, reports progress, and says whether to stop.
        datastore: The images and labels.
        labels: The structures to learn, name to class: 1, 2, ...; 0 is the background.
        train_datalist: ``{"image": path, "label": path, "id": image id}`` of the training images.
        val_datalist: The same of the validation images.
        output_dir: A folder for files of the run.
        max_epochs: The largest number of epochs.
        train_batch_size: Images (or patches of them) in a step of training.
        val_batch_size: Images in a step of validation.
        seed: The seed of all random numbers, together with the epoch.
        network: The network, once it is made.
        optimizer: The optimizer, once it is made.
        trainer: MONAI's ``SupervisedTrainer``, once it is made.
        evaluator: MONAI's ``SupervisedEvaluator``, once it is made; None without validation images.
        train_data: What the trainer learns from, once it is there.
        disable_meta_tracking: Whether batches are plain tensors, without MONAI's meta data.

    Examples:
        A context to test a method of a train task with:

        >>> from types import SimpleNamespace
        >>> context = jlabel.Context(
        ...     name="segmentation",
        ...     request={"learning_rate": 0.001},
        ...     run=SimpleNamespace(device="cpu", rank=0),
        ...     datastore=jlabel.LocalDatastore(studies),
        ...     labels={"liver": 1, "spleen": 2},
        ...     train_datalist=[],
        ...     val_datalist=[],
        ...     output_dir=studies / "output",
        ...     max_epochs=5,
        ...     train_batch_size=1,
        ...     val_batch_size=1,
        ...     seed=0,
        ... )
        >>> context.classes, context.rank
        (3, 0)
    """

    name: str
    request: Mapping[str, Any]
    run: TrainRun
    datastore: Datastore
    labels: Mapping[str, int]
    train_datalist: list[dict[str, Any]]
    val_datalist: list[dict[str, Any]]
    output_dir: Path
    max_epochs: int
    train_batch_size: int
    val_batch_size: int
    seed: int
    network: torch.nn.Module | None = field(default=None, repr=False)
    optimizer: torch.optim.Optimizer | None = field(default=None, repr=False)
    trainer: Any = field(default=None, repr=False)
    evaluator: Any = field(default=None, repr=False)
    train_data: Any = field(default=None, repr=False)
    disable_meta_tracking: bool = False

    @property
    def events_dir(self) -> str:
        """A folder of the run for the files of TensorBoard."""
        return str(self.run.folder / "tensorboard")

    @property
    def local_rank(self) -> int:
        """The same as :attr:`rank`, by the name that MONAI Label has for it."""
        return self.rank

    @property
    def world_size(self) -> int:
        """How many processes the training has."""
        return len(self.run.devices)

    @property
    def multi_gpu(self) -> bool:
        """Whether there are several processes, one for each device."""
        return self.world_size > 1

    @property
    def device(self) -> torch.device:
        """The device of this process."""
        import torch

        return torch.device(self.run.device)

    @property
    def rank(self) -> int:
        """The number of this process among those of the training; rank 0 validates and saves."""
        return self.run.rank

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs of it: all but the run and what is made for it."""
        left_out = ("run", "network", "optimizer", "trainer", "evaluator", "train_data")
        return {name: value for name, value in self.__dict__.items() if name not in left_out}

    @property
    def classes(self) -> int:
        """The number of classes, including the background."""
        return max(self.labels.values(), default=0) + 1
