"""The train task that most authors subclass: the network, the optimizer, the loss and the transforms."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.registry import ModelStore
from jlabel.tasks.class_indices import class_indices
from jlabel.tasks.keys import Step
from jlabel.tasks.train import TrainTask
from jlabel.training.author_files import AuthorFiles
from jlabel.training.first_weights import check_load_dict
from jlabel.training.keyword_options import keyword_options
from jlabel.training.learning_set import LearningSet, labelled_set
from jlabel.training.train_context import Context
from jlabel.training.unused_hooks import unused_hooks

# torch and MONAI take seconds to import; a kernel that only begins a training does without them.
if TYPE_CHECKING:
    import torch


class BasicTrainTask(TrainTask):
    """Base class of train tasks: trains a network on the datastore's labels with MONAI and Ignite.

    A subclass says how images are prepared and what the loss is. The split into training and validation images,
    caching, mixed precision on a GPU, early stopping, checkpoints, progress and errors are done here, with MONAI's
    ``SupervisedTrainer`` and ``SupervisedEvaluator``. Labels come as classes: a structure has the class that ``labels``
    gives it, whatever its value is in a file. Methods of a subclass may leave out the argument ``context``.

    The network's input has the shape ``(batch, channel, ...)``, the label ``(batch, 1, ...)``.

    With several devices there is one process for each, and torch's ``DistributedDataParallel`` averages their
    gradients. ``train_batch_size`` is the number of images per device; the learning rate is not changed. Only rank 0
    validates, reports progress, and saves checkpoints and versions, always of the unwrapped network. ``train_handlers``
    is called in every process; a handler that writes files checks ``context.rank`` first. Batch normalization uses the
    statistics of each device's own images; use ``torch.nn.SyncBatchNorm.convert_sync_batchnorm`` on GPUs if that is not
    wanted. Instance normalization needs no change.

    Args:
        model_dir: A folder for the published models; the datastore's own if not given.
        network: The network, if :meth:`network` is not overridden. A text is taken as the description, as in MONAI
            Label.
        description: Shown to users.
        config: Options of the task and their values. Every task has ``max_epochs``, ``max_seconds``,
            ``samples_per_epoch``, ``train_batch_size``, ``val_batch_size``, ``val_split``, ``val_interval``,
            ``early_stop_patience``, ``learning_rate``, ``seed``, ``num_workers``, ``cache_bytes``,
            ``checkpoint_seconds``, ``pretrained``, ``publish_tolerance``, ``tracking``, ``find_unused_parameters`` and
            ``peer_timeout``; others are the task's own. ``manager.train`` may override each.
        labels: The structures to learn: names in the order of classes from 1 on, or name to class; the app's if not
            given.
        load_path: A file of weights to begin with if no version is in use yet.
        publish_path: A file that gets the weights of every version that is taken into use, ``.safetensors`` or ``.pt``.
        amp: Whether to use mixed precision on a GPU.
        ignore: The value in label files, or the name, of voxels that are not annotated: loss and metrics leave them
            out.
        load_dict: The networks that ``load_path`` is loaded into, by their keys in the file; the network itself if not
            given.
        load_strict: Whether the file must fit the network in all of its parts.
        stats_path: A JSON file that gets what the training came to.
        train_save_interval: After how many epochs to write a file of the weights as they are then, into ``model_dir``.
        n_saved: How many of these files are kept.
        final_filename: The name of a file of the weights at the end.
        key_metric_filename: The name of a file of the weights that did best.
        model_dict_key: The key of the weights in these files.
        disable_meta_tracking: Whether batches are plain tensors, without MONAI's meta data, which is faster.
        options: Values of ``config`` by name: ``val_interval``, ``find_unused_parameters``, ``tracking``,
            ``tracking_uri`` or ``tracking_experiment_name``.

    Raises:
        TaskError: An option has no such name, or ``load_dict`` has something that is no network.

    Examples:
        >>> class MyTraining(jlabel.BasicTrainTask):
        ...     def network(self, context):
        ...         from monai.networks.nets import UNet
        ...         return UNet(3, 1, context.classes, channels=(8, 16, 32), strides=(2, 2))
        ...     def loss_function(self, context):
        ...         from monai.losses import DiceCELoss
        ...         return DiceCELoss(to_onehot_y=True, softmax=True)
        ...     def train_pre_transforms(self, context):
        ...         from monai.transforms import EnsureChannelFirstd, LoadImaged
        ...         keys = ["image", "label"]
        ...         return [LoadImaged(keys), EnsureChannelFirstd(keys)]
        ...     def train_post_transforms(self, context):
        ...         from monai.transforms import AsDiscreted
        ...         n = context.classes
        ...         return [AsDiscreted("pred", argmax=True, to_onehot=n), AsDiscreted("label", to_onehot=n)]
        ...     def val_pre_transforms(self, context):
        ...         return self.train_pre_transforms(context)
        >>> task = MyTraining(description="A small U-Net", config={"max_epochs": 20}, labels=["liver", "spleen"])
        >>> task.labels, task.info()["config"]["max_epochs"]
        ({'liver': 1, 'spleen': 2}, 20)
        >>> task.check({"max_epochs": 5, "train_batch_size": 2})
    """

    several_devices = True
    least_labels = 1
    #: What the weights are called that were there before any training, see :meth:`shipped_network`.
    shipped_words = "the weights of the package"

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
        load_dict: Mapping[str, torch.nn.Module] | None = None,
        load_strict: bool = True,
        stats_path: str | Path | None = None,
        train_save_interval: int | None = None,
        n_saved: int = 5,
        final_filename: str | None = None,
        key_metric_filename: str | None = None,
        model_dict_key: str = "model",
        disable_meta_tracking: bool = False,
        **options: Any,
    ) -> None:
        if isinstance(network, str):
            if isinstance(description, Mapping):
                config = description
            description, network = network, None
        super().__init__(description)
        self.model_dir = None if model_dir is None else Path(model_dir)
        self.config = {**(config or {}), **keyword_options(options)}
        self._given_labels = [labels] if isinstance(labels, str) else labels
        self.labels = class_indices(labels)
        self.load_path = None if load_path is None else Path(load_path)
        self.publish_path = None if publish_path is None else Path(publish_path)
        self.amp = amp
        self.ignore = ignore
        self._given_network = network
        if load_dict is not None:
            check_load_dict(load_dict)
        self.load_dict = load_dict
        self.load_strict = load_strict
        self.disable_meta_tracking = disable_meta_tracking
        stats = None if stats_path is None else Path(stats_path)
        self.files = AuthorFiles(
            stats, train_save_interval, n_saved, final_filename, key_metric_filename, model_dict_key
        )

    @property
    def _labels(self) -> Any:
        """The labels as they were given, by the name that authors of MONAI Label apps know."""
        return self.labels if self._given_labels is None else self._given_labels

    def learning_set(
        self, request: Mapping[str, Any], share: float, datastore: Datastore, note: Callable[[str], None]
    ) -> LearningSet:
        """What is learnt from, and what is judged by; by default the images with a final label.

        Args:
            request: As for a call.
            share: The share of images to judge by, 0 to 1.
            datastore: Where images and labels are.
            note: Told of what is left out.

        Raises:
            TaskError: There is nothing to learn from.
        """
        return labelled_set(self, request, share, datastore, note)

    def network(self, context: Context) -> torch.nn.Module:
        """The network to train; by default the one that was given to the constructor."""
        if self._given_network is None:
            raise TaskError(f"{type(self).__name__} has no network: override network(context), or give one")
        return self._given_network

    def optimizer(self, context: Context) -> torch.optim.Optimizer:
        """The optimizer of ``context.network``; by default Adam with the option ``learning_rate``."""
        import torch

        assert context.network is not None
        return torch.optim.Adam(context.network.parameters(), lr=float(context.request["learning_rate"]))

    @abstractmethod
    def loss_function(self, context: Context) -> Callable[..., torch.Tensor]:
        """The loss: a function of the network's output and the label that gives a scalar.

        The output has the shape ``(batch, channel, ...)``, the label ``(batch, 1, ...)`` with classes as values.
        """

    @abstractmethod
    def train_pre_transforms(self, context: Context) -> Sequence[Step] | Step:
        """Transforms that load ``"image"`` and ``"label"`` from their paths: shape ``(channel, ...)``.

        The results of those before the first random transform are cached.
        """

    @abstractmethod
    def train_post_transforms(self, context: Context) -> Sequence[Step] | Step:
        """Transforms that prepare ``"pred"`` and ``"label"`` for the metrics.

        Both get one channel for each class: shape ``(class, ...)``.
        """

    def val_pre_transforms(self, context: Context) -> Sequence[Step] | Step:
        """The same as :meth:`train_pre_transforms` for validation images; by default those that are not random."""
        from monai.transforms import RandomizableTrait

        from jlabel.tasks.transforms import flatten
        from jlabel.training.hooks import ask

        steps = flatten(ask(self.train_pre_transforms, context))
        return [step for step in steps if not isinstance(step, RandomizableTrait)]

    def val_post_transforms(self, context: Context) -> Sequence[Step] | Step:
        """The same as :meth:`train_post_transforms` for validation images."""
        from jlabel.training.hooks import ask

        steps: Sequence[Step] | Step = ask(self.train_post_transforms, context)
        return steps

    def train_inferer(self, context: Context) -> Callable[..., Any]:
        """How the network is applied to a batch in training; by default to the whole batch at once."""
        from monai.inferers import SimpleInferer

        return SimpleInferer()  # type: ignore[no-any-return]

    def val_inferer(self, context: Context) -> Callable[..., Any]:
        """How the network is applied to a validation image; by default to the whole image at once."""
        from monai.inferers import SimpleInferer

        return SimpleInferer()  # type: ignore[no-any-return]

    def train_iteration_update(self, context: Context) -> Callable[..., Any] | None:
        """A function that replaces the engine's step in training; None for the usual step.

        An example is MONAI's ``Interaction``.
        """
        return None

    def val_iteration_update(self, context: Context) -> Callable[..., Any] | None:
        """A function that replaces the engine's step in validation; None for the usual step."""
        return None

    def train_key_metric(self, context: Context) -> dict[str, Any]:
        """The metric on the training images, name to Ignite metric; by default none, since it takes time."""
        return {}

    def val_key_metric(self, context: Context) -> dict[str, Any]:
        """The metric that models are compared by, name to Ignite metric; by default the mean Dice.

        A higher value is better.
        """
        from monai.handlers import MeanDice, from_engine

        return {"val_mean_dice": MeanDice(include_background=False, output_transform=from_engine(["pred", "label"]))}

    def val_additional_metrics(self, context: Context) -> dict[str, Any]:
        """Further validation metrics; by default the Dice of each structure if there are several."""
        if context.classes <= 2:
            return {}
        from monai.handlers import MeanDice, from_engine

        by_class = MeanDice(
            include_background=False, reduction="mean_batch", output_transform=from_engine(["pred", "label"])
        )
        return {"val_dice": by_class}

    def train_additional_metrics(self, context: Context) -> dict[str, Any]:
        """Further metrics on the training images; by default none, since they take time."""
        return {}

    def train_data_loader(self, context: Context, num_workers: int = 0, shuffle: bool = True) -> Any:
        """The batches of an epoch, a loader of PyTorch's; by default of the training images.

        Args:
            context: The training.
            num_workers: How many processes prepare images; what the options say if 0.
            shuffle: If False, the images come in order.
        """
        from jlabel.training.loaders import train_loader

        return train_loader(context, num_workers, shuffle)

    def lr_scheduler_handler(self, context: Context) -> Any:
        """An Ignite handler that changes the learning rate, such as MONAI's ``LrScheduleHandler``; by default none."""
        return None

    def pre_process(self, request: Mapping[str, Any], datastore: Datastore) -> Sequence[Mapping[str, Any]] | None:
        """Images to learn from, made of those of the datastore: ``{"image": path, "label": path}`` of each.

        None (the default) for the datastore's own. Labels that are made here have classes as values.

        Args:
            request: As for a call.
            datastore: Where images and labels are.
        """
        return None

    def get_cache_dir(self, request: Mapping[str, Any]) -> str:
        """A folder for what :meth:`pre_process` makes; it is removed once the run is done."""
        folder = Path(request["run"].checkpoints) / "made"
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    def cleanup(self, request: Mapping[str, Any]) -> None:
        """Called when a training has ended, whatever its end was; by default nothing is left to do."""

    def train_handlers(self, context: Context) -> list[Any]:
        """Further Ignite handlers for the trainer."""
        return []

    def val_handlers(self, context: Context) -> list[Any]:
        """Further Ignite handlers for the evaluator."""
        return []

    def network_config(self, context: Context) -> dict[str, Any]:
        """What an infer task needs to build the network and to prepare images; saved with the version."""
        return {}

    def shipped_network(self, context: Context) -> torch.nn.Module | None:
        """The network that is used while no version is in use; a first version must be better to be taken into use."""
        return None

    def model_store(self, datastore: Datastore) -> ModelStore | None:
        """The folder of published models; None if the datastore has no place for them."""
        folder = self.model_dir or datastore.workspace.models_folder()
        return None if folder is None else ModelStore(folder)

    def info(self) -> dict[str, Any]:
        """The task as an interface shows it: description, labels and options."""
        from jlabel.training.options import DEFAULTS

        return {**super().info(), "labels": dict(self.labels), "config": {**DEFAULTS, **self.config}}

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise an error for options that the task does not have, or whose values make no sense."""
        from jlabel.training.options import merge_options

        for sentence in unused_hooks(self):
            warnings.warn(sentence, UserWarning, stacklevel=3)
        merge_options(self.config, options)

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train the network, and publish a version.

        Returns:
            ``epochs``, ``best_epoch``, ``best_metric``, ``metric``, ``train_images``, ``val_images``, ``left_out``, and
            of the version that was published ``version``, ``in_use`` and ``note``.

        Raises:
            TaskError: No labels, an option that makes no sense, a loss that is no number, a transform that fails.
            Cancelled: It was stopped.
        """
        from jlabel.training.execution import train

        return train(self, request, datastore)
