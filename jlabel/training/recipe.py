"""What the training engine asks of a train task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jlabel.datastores import Datastore
from jlabel.registry import ModelStore
from jlabel.tasks.keys import Step
from jlabel.training.author_files import AuthorFiles
from jlabel.training.learning_set import LearningSet
from jlabel.training.train_context import Context

if TYPE_CHECKING:
    import torch


class TrainRecipe(Protocol):
    """The attributes and hooks of :class:`jlabel.BasicTrainTask`, where they are documented."""

    config: dict[str, Any]
    labels: dict[str, int]
    load_path: Path | None
    load_dict: Mapping[str, torch.nn.Module] | None
    load_strict: bool
    disable_meta_tracking: bool
    files: AuthorFiles
    model_dir: Path | None
    publish_path: Path | None
    shipped_words: str
    amp: bool
    ignore: int | str | None

    def learning_set(
        self, request: Mapping[str, Any], share: float, datastore: Datastore, note: Callable[[str], None]
    ) -> LearningSet:
        """What is learnt from, and what is judged by."""

    def network(self, context: Context) -> torch.nn.Module:
        """The network to train."""

    def optimizer(self, context: Context) -> torch.optim.Optimizer:
        """The optimizer of ``context.network``."""

    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """The loss."""

    def train_pre_transforms(self, context: Context) -> Sequence[Step] | Step:
        """What makes ``"image"`` and ``"label"`` from their paths."""

    def train_post_transforms(self, context: Context) -> Sequence[Step] | Step:
        """What makes ``"pred"`` and ``"label"`` ready for the metrics."""

    def val_pre_transforms(self, context: Context) -> Sequence[Step] | Step:
        """The same for images to judge by."""

    def val_post_transforms(self, context: Context) -> Sequence[Step] | Step:
        """The same for images to judge by."""

    def train_inferer(self, context: Context) -> Callable[..., Any]:
        """How the network sees a batch in training."""

    def val_inferer(self, context: Context) -> Callable[..., Any]:
        """How the network sees an image to judge by."""

    def train_iteration_update(self, context: Context) -> Callable[..., Any] | None:
        """What the engine does with a batch in training."""

    def val_iteration_update(self, context: Context) -> Callable[..., Any] | None:
        """What the engine does with a batch to judge by."""

    def train_key_metric(self, context: Context) -> dict[str, Any]:
        """The metric of the training's own images."""

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The metric that models are compared by."""

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """Further metrics."""

    def train_additional_metrics(self, context: Context) -> dict[str, Any]:
        """Further metrics of the training's own images."""

    def train_data_loader(self, context: Context, num_workers: int = 0, shuffle: bool = True) -> Any:
        """The batches to learn from."""

    def lr_scheduler_handler(self, context: Context) -> Any:
        """What changes the learning rate."""

    def pre_process(self, request: Mapping[str, Any], datastore: Datastore) -> Sequence[Mapping[str, Any]] | None:
        """Images to learn from, in the place of those of the studies."""

    def cleanup(self, request: Mapping[str, Any]) -> None:
        """What is done at the end."""

    def train_handlers(self, context: Context) -> list[Any]:
        """Further handlers for the trainer."""

    def val_handlers(self, context: Context) -> list[Any]:
        """Further handlers for the evaluator."""

    def network_config(self, context: Context) -> dict[str, Any]:
        """What an infer task must know to build the network."""

    def shipped_network(self, context: Context) -> torch.nn.Module | None:
        """What answers while there is no version."""

    def model_store(self, datastore: Datastore) -> ModelStore | None:
        """Where the models that come of it are kept."""
