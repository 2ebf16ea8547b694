"""The infer task of a MONAI bundle."""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jlabel.bundles.bundle import Bundle
from jlabel.bundles.click_adapters import find_adapter
from jlabel.bundles.label_matching import as_bundle_spells, asked_structure, in_app_spelling
from jlabel.bundles.metadata import bundle_classes, bundle_labels, check_task, expected_input, has_region_channels
from jlabel.bundles.own_code import OwnCode
from jlabel.errors import PromptError, TaskError
from jlabel.imaging.image import Image
from jlabel.labels.classification import Classification
from jlabel.labels.names import alike
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.tasks.class_indices import class_indices
from jlabel.tasks.infer import InferTask
from jlabel.tasks.keys import PRED, Step
from jlabel.tasks.kinds import InferType
from jlabel.tasks.request import InferRequest, InferResult
from jlabel.tasks.stages import Callbacks

# torch and MONAI take seconds to import: see jlabel.tasks.infer.
if TYPE_CHECKING:
    import torch

    from jlabel.bundles.configuration import Configuration
    from jlabel.bundles.inference_parts import Parts

_CHANNELS = "_channels"


class BundleInferTask(InferTask):
    """Segments or classifies an image with a MONAI bundle: its preprocessing, network, inferer and postprocessing.

    A bundle that classifies whole images tells the probability of each class in ``result.tags``, under the bundle's
    name; its answer has no mask.

    A bundle runs code: give only folders that you trust. Making the task runs nothing in it and imports nothing of it;
    the first call does. What saves, loads data or evaluates in the bundle never runs, and weights are loaded as tensors
    only.

    Args:
        bundle: The bundle's folder.
        labels: What it finds, name to value in the bundle's mask, or names for 1, 2, and so on; by default what its
            metadata say.
        config: The configuration to use, ``"inference"`` for ``configs/inference.json`` (or ``.yaml``); of several, a
            later one overrides an earlier one.
        overrides: Ids in the configuration and their values: ``{"inferer::roi_size": [96, 96, 96]}``.
        roi_size: The window that slides over the image, in voxels; by default the bundle's.
        device: ``"cpu"`` for a bundle that is never to use a GPU.
        channels: For a network that takes several files of one case: how their names end, in the order of the channels,
            such as ``["_t1.nii.gz", "_t2.nii.gz"]``. The frames of a 4D image are its channels without it.
        automatic: For a bundle that takes clicks (DeepEdit, VISTA3D): whether to segment without them.
        random_weights: Whether the bundle may be used without its weights, to try it out: its answers mean nothing.
        published: The model that a :class:`jlabel.BundleTrainTask` publishes; the bundle's own weights are used until
            there is a version in use.
        description: Shown to users.

    Raises:
        TaskError: It is no bundle, or one that neither makes one label map of one image nor gives it a class; says what
            it does instead.

    Examples:
        >>> task = jlabel.BundleInferTask(bundle)
        >>> task.name, task.labels, task.is_valid()
        ('spleen', {'spleen': 1}, True)
    """

    def __init__(
        self,
        bundle: str | Path,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        config: str | Sequence[str] = "inference",
        overrides: Mapping[str, Any] | None = None,
        roi_size: Sequence[int] | None = None,
        device: Literal["cpu", "auto"] = "auto",
        channels: Sequence[str] = (),
        automatic: bool = False,
        random_weights: bool = False,
        published: PublishedModel | None = None,
        description: str = "",
    ) -> None:
        self.bundle = Bundle(Path(bundle))
        self._files, raw = self.bundle.read(config)
        check_task(self.bundle, raw)
        self.expected = expected_input(self.bundle, raw)
        known = class_indices(labels)
        self._by_channel = not known and has_region_channels(self.bundle)
        known = known or bundle_labels(self.bundle)
        classes = () if known else bundle_classes(self.bundle)
        if not known and not classes:
            task = self.bundle.metadata.get("task")
            raise TaskError(
                f"bundle {self.bundle.name!r}{f' ({task})' if task else ''} does not say what it finds "
                "(network_data_format.outputs.*.channel_def in its metadata): if its answer is a label map, give "
                "labels={'name': value in it}"
            )
        about = description or str(self.bundle.metadata.get("description", "")) or f"MONAI bundle {self.name}"
        kind = InferType.CLASSIFICATION if classes else InferType.SEGMENTATION
        axes = self.expected.axes or 3
        super().__init__(type=kind, labels=known, dimension=axes, description=about, published=published)
        if classes:
            self.classification = Classification(self.name, classes)
        self.image_key = "image"
        self._clicks = find_adapter(raw)
        self.interactive = self._clicks is not None and not automatic
        self.overrides = dict(overrides or {})
        if roi_size is not None:
            self.overrides["inferer::roi_size"] = list(roi_size)
        if device not in ("cpu", "auto"):
            raise TaskError(
                f"device is 'cpu' or 'auto', not {device!r}; a call names another one: infer(..., device=...)"
            )
        self.cpu_only = device == "cpu"
        self.channels = tuple(channels)
        self.random_weights = random_weights
        self._begin()

    def _begin(self) -> None:
        self._code = OwnCode(self.bundle.root)
        self._making = threading.Lock()
        self._made: dict[str, tuple[Configuration, Parts]] = {}
        self._weights: dict[str, tuple[Path, int]] = {}
        # The channels of the image that was asked about last: the next call on it reads no file again.
        self._gathered: tuple[weakref.ref[Image], tuple[Image, ...] | None] | None = None

    @property
    def name(self) -> str:
        """The bundle's name."""
        return self.bundle.name

    def without_clicks(self) -> BundleInferTask:
        """The same bundle, to segment without clicks."""
        task = copy.copy(self)
        task.interactive = False
        task._loading = threading.Lock()
        task._begin()
        return task

    def __getstate__(self) -> dict[str, Any]:
        own = ("_code", "_making", "_made", "_weights", "_gathered")
        return {key: value for key, value in super().__getstate__().items() if key not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._begin()

    def is_valid(self) -> bool:
        """Whether its weights are there, or a version of it was trained here."""
        trained = self.published is not None and super().is_valid()
        return trained or self.random_weights or bool(self.bundle.weights())

    def __call__(self, request: InferRequest, callbacks: Callbacks | None = None) -> InferResult:
        """Run the bundle.

        Raises:
            TaskError: Something is missing in it or failed; names the bundle and the part.
            Cancelled: Nobody waits for the answer any more.
        """
        import torch

        from jlabel.bundles.channels import ChannelsInMemory, gather_channels
        from jlabel.bundles.configuration import explained
        from jlabel.bundles.reorientation import as_monai_reads, to_canonical

        if self.interactive and not request.prompts:
            raise PromptError("point at the structure first: this model needs a click or a scribble")
        self._check_label(request.label)
        with explained(self.bundle, "its inference"):
            image = request.image
            turn = as_monai_reads(image) if self._clicks is None else to_canonical(image)
            asked = request if turn is None else turn.request(request)
            given: dict[str, Any] = {}
            if self._clicks is not None:
                spelled = as_bundle_spells(request, self.labels)
                given = self._clicks.data(spelled, self.labels, (lambda at: at) if turn is None else turn.position)
            else:
                if self._gathered is None or self._gathered[0]() is not image:
                    channels = gather_channels(asked.image, self.expected, self.channels, self.name)
                    self._gathered = (weakref.ref(image), channels)
                channels = self._gathered[1]
                given = {} if channels is None else {_CHANNELS: ChannelsInMemory(channels)}
            # Before the pipeline looks for the image under its key.
            self.image_key = self.input_key = self.parts(asked.device).key
            # Transforms of bundles write into what the network gave.
            with torch.inference_mode(), self._code.active():
                result = self._run(replace(asked, params={**asked.params, **given}), callbacks)
            result = result if turn is None else turn.result(result, image)
            return asked_structure(result, request) if self.interactive else in_app_spelling(result, request)

    def _run(self, request: InferRequest, callbacks: Callbacks | None) -> InferResult:
        try:
            return super().__call__(request, callbacks)
        except TaskError as error:
            from jlabel.bundles.configuration import missing_package

            if repr(self.name) in str(error):
                raise
            raise TaskError(f"bundle {self.name!r}: {missing_package(self.bundle, error) or error}") from error

    def _check_label(self, label: str) -> None:
        known = {alike(name) for name in self.labels}
        anything = self._clicks is not None and self._clicks.finds_anything
        if self.interactive and label and not anything and alike(label) not in known:
            raise TaskError(f"bundle {self.name!r} does not know {label!r}, only {', '.join(self.labels)}")

    def parts(self, device: str) -> Parts:
        """What the bundle infers with on a device, made once.

        Raises:
            TaskError: A part cannot be made; names it.
        """
        return self._content(device)[1]

    def _content(self, device: str) -> tuple[Configuration, Parts]:
        from jlabel.bundles.configuration import Configuration
        from jlabel.bundles.inference_parts import make_parts

        with self._making:
            if device not in self._made:
                config = Configuration(self.bundle, self._files, self.overrides, device, self._code)
                self._made[device] = (config, make_parts(self.bundle, config))
            return self._made[device]

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The bundle's own; they get the image that is in memory."""
        from jlabel.bundles.loading import from_memory

        steps = [from_memory(step, data.get(_CHANNELS)) for step in self.parts(data["device"]).before]
        return steps if self._clicks is None else [self._clicks.each_time(step) for step in steps]

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any]:
        """The bundle's own; what the network's strides do not divide is padded where the inferer does not do it."""
        from jlabel.bundles.padding_inferer import PaddingInferer

        parts, clicks = self.parts(data["device"]), self._clicks
        padding = PaddingInferer(parts.inferer, self.expected.divisor, parts.amp)
        return padding if clicks is None else lambda batch, network: clicks.apply(padding, batch, network, data)

    def run_inferer(self, data: dict[str, Any], convert_to_batch: bool = True, device: str = "cpu") -> dict[str, Any]:
        """Run the network; what it gives knows the image's meta data, as in MONAI's evaluator."""
        from monai.transforms import reset_ops_id

        from jlabel.bundles.answers import with_meta

        # A bundle may invert by a copy of its transforms.
        reset_ops_id(data[self.image_key])
        found = super().run_inferer(data, convert_to_batch, device)
        found[PRED] = with_meta(found[PRED], found[self.image_key])
        return found

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """The bundle's own, without what saves; of one that classifies what makes its scores probabilities."""
        from jlabel.bundles.answers import Answer, ClassChances

        if self.classification is not None:
            return [ClassChances(self.classification.classes)]

        parts = self.parts(data["device"])
        known = self.classes(data.get("model"))
        return [*parts.after, Answer(parts.answers, known, self.name, by_channel=self._by_channel)]

    def class_probabilities(self, data: dict[str, Any], outputs: torch.Tensor) -> torch.Tensor | None:
        """The probability of each class, where the network has a channel for each."""
        from jlabel.tasks.probabilities import class_probabilities

        highest = max(self.classes(data.get("model")).values(), default=0)
        return class_probabilities(outputs, highest, self.parts(data["device"]).after)

    def answer_labels(self, request: InferRequest) -> dict[str, int]:
        """The app's labels that the bundle finds, whatever its spelling of them; all that it finds where the app has
        none of them.

        What is no label of the app is background then: a bundle may know a hundred structures.
        """
        known = {alike(name): value for name, value in request.labels.items()}
        found = {name: known[alike(name)] for name in self.labels if alike(name) in known}
        return found or super().answer_labels(request)

    def version_in_use(self) -> ModelVersion | None:
        """The version that was trained here; None for the bundle's own weights."""
        return None if self.published is None else self.published.in_use()

    def make_network(self, version: ModelVersion) -> torch.nn.Module:
        """The bundle's network, for a version of it."""
        from jlabel.bundles.configuration import Configuration
        from jlabel.bundles.inference_parts import make_network

        return make_network(self.bundle, Configuration(self.bundle, self._files, self.overrides, "cpu", self._code))

    def load_network(self, device: str) -> torch.nn.Module:
        """The network on the device with the bundle's own weights; a file is read again only if it has changed.

        Raises:
            TaskError: There are no weights, or they do not fit.
        """
        from jlabel.bundles.inference_parts import find_weights
        from jlabel.tasks.weights import load_weights

        config, parts = self._content(device)
        files, key = find_weights(self.bundle, config)
        with self._loading:
            found = next((file for file in reversed(files) if file.is_file()), None)
            if found is not None:
                state = (found, found.stat().st_mtime_ns)
                if self._weights.get(device) != state:
                    load_weights(parts.network, found, key, self.load_strict)
                    self._weights[device] = state
            elif not self.random_weights:
                raise TaskError(missing_weights(self.bundle, files))
            return parts.network.to(device).eval()


def missing_weights(bundle: Bundle, files: Sequence[Path]) -> str:
    """What to say of a bundle without weights."""
    stated = files[-1] if files else bundle.root / "models" / "model.pt"
    scripted = any((bundle.root / "models").glob("*.ts"))
    note = " (a TorchScript file is there, but it is code, and is not run)" if scripted else ""
    return (
        f"bundle {bundle.name!r} has no weights: {stated} is not there{note}; 'jlabel bundles download {bundle.name}' "
        "gets a bundle of the model zoo with its weights"
    )
