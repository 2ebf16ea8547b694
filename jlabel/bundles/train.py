"""The train task of a MONAI bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.bundles.bundle import Bundle, read_mapping
from jlabel.bundles.metadata import bundle_classes, bundle_labels, check_task, expected_input, workflow_class
from jlabel.bundles.own_code import OwnCode
from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.labels.names import alike
from jlabel.tasks.class_indices import class_indices
from jlabel.tasks.image_kinds import ImageKind
from jlabel.tasks.train import TrainTask
from jlabel.training.options import merge_options

if TYPE_CHECKING:
    import torch

    from jlabel.bundles.configuration import Configuration
    from jlabel.training import Context

# None: as the bundle's configuration says.
_CONFIG: dict[str, Any] = {
    "max_epochs": None,
    "train_batch_size": None,
    "learning_rate": None,
    "val_interval": None,
    "early_stop_patience": 0,
}
_SEVERAL = "multi_gpu_train"
_KINDS: dict[tuple[int | None, bool], tuple[ImageKind, ...]] = {
    (2, True): ("colour picture", "picture"),
    (2, False): ("picture",),
    (3, True): ("colour volume", "volume"),
    (3, False): ("volume",),
}


class BundleTrainTask(TrainTask):
    """Trains a MONAI bundle on the labels of a datastore, by the bundle's own configuration of a training.

    Images and labels, the split, and the options of the caller go into the configuration where it has them: the places
    are found by following its references from the trainer on. All else is the bundle's: transforms, loss, optimizer,
    handlers, metrics. It works in a copy of the bundle, whose own folder stays as it is. The weights that did best by
    the bundle's key metric are published as a version, and taken into use where they are not worse. On several devices
    it needs the bundle's ``configs/multi_gpu_train.json`` too; the first process judges, and keeps. A bundle without a
    configuration of a training is trained by the workflow class that its metadata name, if they do:
    ``"workflow": "scripts.workflow.Train"``, a ``monai.bundle.PythonicWorkflow``.

    A bundle runs code: give only folders that you trust. Weights are loaded as tensors only.

    Args:
        bundle: The bundle's folder.
        labels: What it finds, name to class; by default what its metadata say.
        config: The configuration to use, ``"train"`` for ``configs/train.json`` (or ``.yaml``); of several, a later
            one overrides an earlier one.
        overrides: Ids in the configuration and their values: ``{"loss::lambda_dice": 1.0}``.
        channels: As for :class:`jlabel.BundleInferTask`.
        description: Shown to users.

    Raises:
        TaskError: It is no bundle, or one that cannot be trained here.

    Examples:
        >>> task = jlabel.BundleTrainTask(bundle)
        >>> task.labels
        {'spleen': 1}
        >>> task.check({"max_epochs": 20})  # raises an error before a job begins where something is missing
    """

    several_devices = True
    least_labels = 1
    publish_path: Path | None = None
    shipped_words = "the bundle's own weights"

    def __init__(
        self,
        bundle: str | Path,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        config: str | Sequence[str] = "train",
        overrides: Mapping[str, Any] | None = None,
        channels: Sequence[str] = (),
        description: str = "",
    ) -> None:
        self.bundle = Bundle(Path(bundle))
        configured = config != "train" or self.bundle.configuration("train") is not None
        self.workflow = "" if configured else workflow_class(self.bundle)
        self.files, raw = ([], {}) if self.workflow else self.bundle.read(config)
        inference = self.bundle.configuration("inference")
        check_task(self.bundle, {} if inference is None else read_mapping(inference, self.bundle.name))
        if bundle_classes(self.bundle):
            raise TaskError(
                f"bundle {self.bundle.name!r} classifies whole images (classification), and a bundle learns from masks "
                "alone: jlabel.ClassificationTrainTask learns from tags of images"
            )
        self.expected = expected_input(self.bundle, raw)
        self.labels = class_indices(labels) or bundle_labels(self.bundle)
        if not self.labels:
            raise TaskError(f"bundle {self.bundle.name!r} does not say what it finds: give labels={{'name': class}}")
        self.overrides = dict(overrides or {})
        self.channels = tuple(channels)
        self.config = dict(_CONFIG)
        self.learns_from = _KINDS.get((self.expected.axes, self.expected.channels == 3), self.learns_from)
        super().__init__(description or f"Fine-tunes the MONAI bundle {self.bundle.name}")

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise an error for wrong options, and for a configuration that cannot be trained here.

        Raises:
            TaskError: Says which option, or what the bundle lacks.
        """
        from jlabel.bundles.training_ids import find_training
        from jlabel.bundles.training_preparation import loaded_pair

        merge_options(self.config, options)
        config = self.configuration(self.bundle, "cpu")
        find_training(self.bundle, config)
        loaded_pair(self.bundle, config.parser.get())

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train the bundle's network, and publish what did best.

        Raises:
            TaskError: There is nothing to learn from, or the training failed; names the bundle.
            Cancelled: It was stopped; it goes on from there when it is called again.
        """
        from jlabel.bundles.training_run import train_bundle

        return train_bundle(self, request, datastore)

    def configuration(self, bundle: Bundle, device: str, *, several: bool = False) -> Configuration:
        """The configuration of a training in a bundle's folder, or in a copy of it.

        Args:
            bundle: The folder.
            device: On which it trains.
            several: Whether it is one of several; the bundle has a file of overrides for that.

        Raises:
            TaskError: A file is damaged, or that for several devices is not there.
        """
        from jlabel.bundles.configuration import Configuration

        code = OwnCode(bundle.root)
        if self.workflow:
            return self._of_workflow(bundle, device, code, several=several)
        files = [bundle.root / "configs" / file.name for file in self.files]
        if several:
            files.append(bundle.need(_SEVERAL))
        return Configuration(bundle, files, self.overrides, device, code)

    def _of_workflow(self, bundle: Bundle, device: str, code: OwnCode, *, several: bool) -> Configuration:
        from jlabel.bundles.configuration import Configuration
        from jlabel.bundles.workflow import workflow_configuration

        if several:
            raise TaskError(f"bundle {bundle.name!r} is trained by a class, {self.workflow}: on one device alone")
        content = workflow_configuration(self.workflow)
        return Configuration(bundle, [], self.overrides, device, code, content)

    def learnt_labels(self, values: Mapping[str, int]) -> dict[str, int]:
        """The app's labels that the bundle finds, whatever its spelling of them, name to class.

        Raises:
            TaskError: The app has none of them.
        """
        known = {alike(name): index for name, index in self.labels.items()}
        found = {name: known[alike(name)] for name in values if alike(name) in known}
        if not found:
            raise TaskError(
                f"bundle {self.bundle.name!r} finds {', '.join(self.labels)}, and the app has none of these labels, "
                f"only {', '.join(values)}"
            )
        return found

    def network_config(self, context: Context) -> dict[str, Any]:
        """What a version keeps of its network: the bundle that it is of."""
        return {"bundle": self.bundle.name, "version": str(self.bundle.metadata.get("version", ""))}

    def shipped_network(self, context: Context) -> torch.nn.Module | None:
        """The network with the bundle's own weights; None where it has none."""
        import copy

        from jlabel.bundles.inference_parts import load_own_weights

        network = copy.deepcopy(context.network)
        return network if network is not None and load_own_weights(self.bundle, network) else None
