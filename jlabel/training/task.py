"""The train task that most authors subclass: network, optimizer, loss and transforms, the rest is done."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.models import ModelStore
from jlabel.tasks.infer import Step, class_indices
from jlabel.tasks.train import TrainTask
from jlabel.training.context import Context

# torch and MONAI take seconds to import; a kernel that only begins a training does without them.
if TYPE_CHECKING:
    import torch


class BasicTrainTask(TrainTask):
    """Trains a network on the datastore's labels with MONAI's ``SupervisedTrainer`` and ``SupervisedEvaluator``.

    An author says how images are prepared and what the loss is; the split, caching, mixed precision on a GPU, early
    stopping, checkpoints, progress and errors are done here. Labels come as classes: a structure has the class that
    ``labels`` gives it, whatever value it has in a file. A method that an author writes may do without ``context``.

    With several devices there is a process for each, and torch's ``DistributedDataParallel`` averages their gradients.
    ``train_batch_size`` is for each device, so that a step sees more images; the learning rate is not raised for that.
    Rank 0 alone judges, tells, and keeps checkpoints and versions, with the network as it is without the wrapping.
    ``train_handlers`` are asked for in every process; one that writes files looks at ``context.rank`` first. Batch
    normalization takes its statistics of each device's own images; a network of which that is not wanted goes through
    ``torch.nn.SyncBatchNorm.convert_sync_batchnorm``, on GPUs. Instance normalization needs nothing.

    Args:
        model_dir: A folder for the models that come of it; the datastore's own if not given.
        network: The network, if :meth:`network` is not overridden; a text in its place is the description, as in
            MONAI Label.
        description: For people.
        config: Options of the task's own with the values they start with, and other values for the usual ones:
            ``max_epochs``, ``max_seconds``, ``samples_per_epoch``, ``train_batch_size``, ``val_batch_size``,
            ``val_split``, ``val_interval``, ``early_stop_patience``, ``learning_rate``, ``seed``, ``num_workers``,
            ``cache_bytes``, ``checkpoint_seconds``, ``pretrained``, ``publish_tolerance``, ``tracking``,
            ``find_unused_parameters``, ``peer_timeout``. A caller of ``manager.train`` may override each.
        labels: What is learnt: names in the order of classes from 1 on, or name to class; without it the app's labels.
        load_path: Weights to begin with where no version is in use yet.
        publish_path: A file that gets the weights of every version that is taken into use, ``.safetensors`` or ``.pt``.
        amp: Whether to compute with mixed precision on a GPU.
        ignore: The value in label files, or the name, of voxels of which nobody has said what they are: loss and
            metrics pass by them.
    """

    several_devices = True

    def __init__(
        self,
        model_dir: str | Path | None = None,
        network: torch.nn.Module | str | None = None,
        description: str = "",
        config: Mapping[str, Any] | None = None,
        *,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        load_path: str | Path | None = None,
        publish_path: str | Path | None = None,
        amp: bool = True,
        ignore: int | str | None = None,
    ) -> None:
        if isinstance(network, str):
            description, network = network, None
        super().__init__(description)
        self.model_dir = None if model_dir is None else Path(model_dir)
        self.config = dict(config or {})
        self.labels = class_indices(labels)
        self.load_path = None if load_path is None else Path(load_path)
        self.publish_path = None if publish_path is None else Path(publish_path)
        self.amp = amp
        self.ignore = ignore
        self._given_network = network

    def network(self, context: Context) -> torch.nn.Module:
        """The network to train; the one that was given when the task was made."""
        if self._given_network is None:
            raise TaskError(f"{type(self).__name__} has no network: override network(context), or give one")
        return self._given_network

    def optimizer(self, context: Context) -> torch.optim.Optimizer:
        """The optimizer of ``context.network``; Adam with the option ``learning_rate``."""
        import torch

        assert context.network is not None
        return torch.optim.Adam(context.network.parameters(), lr=float(context.request["learning_rate"]))

    @abstractmethod
    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """The loss, called with the network's output (batch, channel, spatial) and the label (batch, 1, spatial)."""

    @abstractmethod
    def train_pre_transforms(self, context: Context) -> Sequence[Step] | Step:
        """What makes ``"image"`` and ``"label"`` from their paths; what comes before the first random step is kept."""

    @abstractmethod
    def train_post_transforms(self, context: Context) -> Sequence[Step] | Step:
        """What makes ``"pred"`` and ``"label"`` ready for the metrics, one channel for each class."""

    @abstractmethod
    def val_pre_transforms(self, context: Context) -> Sequence[Step] | Step:
        """The same as :meth:`train_pre_transforms` for images to judge by, without anything random."""

    def val_post_transforms(self, context: Context) -> Sequence[Step] | Step:
        """The same as :meth:`train_post_transforms` for images to judge by."""
        from jlabel.training.asking import ask

        steps: Sequence[Step] | Step = ask(self.train_post_transforms, context)
        return steps

    def train_inferer(self, context: Context) -> Callable[..., Any]:
        """How the network sees a batch in training; as a whole."""
        from monai.inferers import SimpleInferer

        return SimpleInferer()  # type: ignore[no-any-return]

    def val_inferer(self, context: Context) -> Callable[..., Any]:
        """How the network sees an image to judge by; as a whole."""
        from monai.inferers import SimpleInferer

        return SimpleInferer()  # type: ignore[no-any-return]

    def train_iteration_update(self, context: Context) -> Callable[..., Any] | None:
        """What the engine does with a batch in training, such as MONAI's ``Interaction``; None for a plain step."""
        return None

    def val_iteration_update(self, context: Context) -> Callable[..., Any] | None:
        """What the engine does with a batch to judge by; None for a plain prediction."""
        return None

    def train_key_metric(self, context: Context) -> dict[str, Any]:
        """The metric of the training's own images, name to Ignite metric; none, since it costs time."""
        return {}

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The metric that models are compared by, the more the better; the mean Dice of the structures."""
        from monai.handlers import MeanDice, from_engine

        return {"val_mean_dice": MeanDice(include_background=False, output_transform=from_engine(["pred", "label"]))}

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """Further metrics; the Dice of each structure where there are several."""
        if context.classes <= 2:
            return {}
        from monai.handlers import MeanDice, from_engine

        by_class = MeanDice(
            include_background=False, reduction="mean_batch", output_transform=from_engine(["pred", "label"])
        )
        return {"val_dice": by_class}

    def train_handlers(self, context: Context) -> list[Any]:
        """Further Ignite handlers for the trainer."""
        return []

    def val_handlers(self, context: Context) -> list[Any]:
        """Further Ignite handlers for the evaluator."""
        return []

    def network_config(self, context: Context) -> dict[str, Any]:
        """What an infer task must know to build the network and to prepare images as here; kept with the version."""
        return {}

    def shipped_network(self, context: Context) -> torch.nn.Module | None:
        """What answers while there is no version, if anything: a first version must be better to be taken into use."""
        return None

    def model_store(self, datastore: Datastore) -> ModelStore | None:
        """Where the models that come of it are kept; None where there is no place for them."""
        folder = self.model_dir or datastore.models_folder()
        return None if folder is None else ModelStore(folder)

    def info(self) -> dict[str, Any]:
        """What an interface shows of the task."""
        from jlabel.training.options import DEFAULTS

        return {**super().info(), "labels": dict(self.labels), "config": {**DEFAULTS, **self.config}}

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse options that mean nothing to the task, or make no sense."""
        from jlabel.training.options import merge_options

        merge_options(self.config, options)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train.

        Returns:
            ``epochs``, ``best_epoch``, ``best_metric``, ``metric``, ``train_images``, ``val_images``, ``left_out``, and
            of the version that was published ``version``, ``in_use`` and ``note``.

        Raises:
            TaskError: No labels, an option that makes no sense, a loss that is no number, a transform that fails.
            Cancelled: It was stopped.
        """
        from jlabel.training.training import train

        return train(self, request, datastore)
