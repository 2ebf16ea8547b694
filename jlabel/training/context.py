"""What a train task's methods are told about the run."""

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
    """A training while it is set up and runs; every method of a train task is given it.

    Attributes:
        name: The app's name for the train task, and the name of its model.
        request: What the caller gave by name, over the task's own ``config``.
        run: Where the training runs, whom to tell, whether to stop.
        datastore: Where images and labels are.
        labels: The structures to learn, name to class: 1, 2, …; 0 is the background.
        train_datalist: ``{"image": path, "label": path, "id": image id}`` of the images to learn from.
        val_datalist: The same of the images that the model is judged by.
        output_dir: A folder for whatever the run wants to keep.
        max_epochs: How many epochs there are at most.
        train_batch_size: Images (or what a transform makes of them) in a step of training.
        val_batch_size: Images in a step of validation.
        seed: What all that is random depends on, with the epoch.
        network: The network, once it is made.
        optimizer: The optimizer, once it is made.
        trainer: MONAI's ``SupervisedTrainer``, once it is made.
        evaluator: MONAI's ``SupervisedEvaluator``, once it is made; None where no image is left to judge by.
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

    @property
    def device(self) -> torch.device:
        """Where the training runs."""
        import torch

        return torch.device(self.run.device)

    @property
    def rank(self) -> int:
        """Which of the training's processes this is: 0 where there is one, and for the one that judges and keeps."""
        return self.run.rank

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs of it: all but the run and what is made for it."""
        left_out = ("run", "network", "optimizer", "trainer", "evaluator")
        return {name: value for name, value in self.__dict__.items() if name not in left_out}

    @property
    def classes(self) -> int:
        """How many classes there are, the background among them."""
        return max(self.labels.values(), default=0) + 1
