"""Infer tasks: from an image to a mask, made of MONAI transforms, an inferer and a network."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jlabel.labels.classification import Classification
from jlabel.registry import ModelVersion, PublishedModel
from jlabel.tasks.class_indices import class_indices, class_names
from jlabel.tasks.keys import IMAGE, PRED, RESULT, Step
from jlabel.tasks.kinds import CLICKED, WITHOUT_MASK, InferType
from jlabel.tasks.request import InferRequest, InferResult
from jlabel.tasks.stages import Callbacks
from jlabel.tasks.task_network import TaskNetwork, default_device

# torch and MONAI take seconds to import: a notebook has its labeler on screen before, and warms up meanwhile.
if TYPE_CHECKING:
    import torch

    from jlabel.imaging.image import Image


class InferTask(TaskNetwork, ABC):
    """Base class of infer tasks: an infer task computes a mask from an image.

    A subclass says what happens before, in and after the network. Reading, caching, devices, geometry and errors are
    done here. The image comes in its own voxel grid, and the mask goes back to it even if ``pre_transforms`` rotate,
    resample or crop the image, unless ``post_transforms`` have inverted them already. Its input has the shape ``(batch,
    channel, ...)``.

    Args:
        path: A file of weights, or several, of which the last that exists is used; None to use the network as it is.
        network: The network; None for a task whose ``inferer`` gives transforms instead.
        type: The kind of the task, such as ``"segmentation"`` or ``"deepgrow"``.
        labels: What the task finds: a name, names in the order of the network's classes from 1 on, or name to class.
        dimension: 2 or 3, the number of spatial axes that the network sees.
        description: Shown to users.
        model_state_dict: The key of the network's weights in the file, if it is none of the usual ones.
        config: Parameters of a call and their default values.
        published: The model that a train task publishes; each call uses the version that is in use then.
        input_key: Under which key the transforms leave the network's input.
        output_label_key: Under which key the transforms leave the mask.
        output_json_key: Under which key the transforms leave what else is to be told: JSON values, by name.
        load_strict: Whether a file of weights must fit the network in all of its parts. If not, what fits is loaded,
            and the rest stays as it is.
        roi_size: The size in voxels of the window that slides over the image, where ``inferer`` is not overridden.
        preload: Load the weights at once, rather than at the first call.
        train_mode: Run the network in training mode, with dropout.
        skip_writer: Do not call :meth:`writer`.

    Examples:
        >>> class Threshold(jlabel.InferTask):
        ...     def pre_transforms(self, data):
        ...         from monai.transforms import EnsureChannelFirstd, LoadImaged
        ...         return [LoadImaged("image"), EnsureChannelFirstd("image")]
        ...     def inferer(self, data):
        ...         return [lambda data: {**data, "pred": data["image"] > data["threshold"]}]
        ...     def post_transforms(self, data):
        ...         return []
        >>> class MyApp(jlabel.LabelApp):
        ...     def init_infers(self):
        ...         return {"threshold": Threshold(labels=["liver"], config={"threshold": 70})}
        >>> task = MyApp(studies, ["liver"]).infers["threshold"]
        >>> task.labels, task.config, task.is_valid()
        ({'liver': 1}, {'threshold': 70}, True)
    """

    #: Whether the task needs prompts.
    interactive = False
    #: Whether the task never uses a GPU: then it does not wait for torch to be imported, nor for another task's GPU.
    cpu_only = False
    #: Whether the task can start from an ``InitialMask`` and cut from it.
    takes_mask = False
    #: Under which key the transforms have the image.
    image_key = IMAGE
    #: The classification whose classes the task tells of an image as a whole; None for a task that does not.
    classification: Classification | None = None

    def __init__(
        self,
        path: str | Path | Sequence[str | Path] | None = None,
        network: torch.nn.Module | None = None,
        type: str = "segmentation",
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        dimension: int = 3,
        description: str = "",
        model_state_dict: str | None = None,
        config: Mapping[str, Any] | None = None,
        published: PublishedModel | None = None,
        *,
        input_key: str = IMAGE,
        output_label_key: str = PRED,
        output_json_key: str = RESULT,
        load_strict: bool = True,
        roi_size: int | Sequence[int] | None = None,
        preload: bool = False,
        train_mode: bool = False,
        skip_writer: bool = False,
    ) -> None:
        super().__init__(path, network, model_state_dict, published, load_strict, train_mode)
        self.type = str(type)
        self.labels = class_indices(labels)
        self.class_names = class_names(labels) if type == InferType.CLASSIFICATION else ()
        self.dimension = dimension
        self.description = description
        self.config = dict(config or {})
        self.input_key = input_key
        self.output_label_key = output_label_key
        self.output_json_key = output_json_key
        self.roi_size: Any = roi_size
        self.skip_writer = skip_writer
        if isinstance(type, InferType) and type in CLICKED:
            self.interactive = True
        if preload and self.is_valid():
            self.load_network(default_device())

    @property
    def _config(self) -> dict[str, Any]:
        """The parameters, by the name that authors of MONAI Label apps know."""
        return self.config

    @abstractmethod
    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """MONAI transforms that make the network's input under ``"image"``.

        ``data`` has ``image`` (a path, for ``LoadImaged``), ``id``, ``label``, ``labels``, ``prompts``, ``device``,
        ``model`` (the :class:`jlabel.ModelVersion` in use, None where the model is not a published one) and what the
        caller gave by name. The first of the transforms, as far as they are MONAI's own, not random and need the image
        alone, are run once for each image and kept.
        """

    def inferer(self, data: dict[str, Any]) -> Callable[..., Any] | Sequence[Step]:
        """A MONAI inferer, which is called with the input ``(batch, channel, ...)`` and the network.

        A task without a network returns transforms instead, which put the mask under ``"pred"``. By default a window
        of ``roi_size`` slides over an image that is larger, and any other is taken at once; ``data`` may have another
        ``roi_size``, and ``sw_overlap`` and ``sw_batch_size``.
        """
        from jlabel.tasks.default_inferer import default_inferer

        inferer: Callable[..., Any] = default_inferer(self, data)
        return inferer

    def detector(self, data: dict[str, Any]) -> Callable[..., Any] | None:
        """What finds boxes, for a task of type ``"detection"``, such as MONAI's ``RetinaNetDetector``.

        It is called with the input and gives a dictionary, or one for each image, that ``data`` is updated with.
        """
        return None

    def writer(self, data: dict[str, Any], extension: str | None = None, dtype: Any = None) -> tuple[Any, Any]:
        """What to tell of the answer beside the mask: None, and JSON values by name.

        A mask need not be written: whoever asked gets it, and saves it. An author's own writer may write a file and
        return its path in the first place, which is told as ``file``.

        Args:
            data: What ``post_transforms`` have left.
            extension: Of a file; for an author's own writer.
            dtype: Of a file; for an author's own writer.
        """
        from jlabel.tasks.default_inferer import default_json

        return None, default_json(self, data)

    @abstractmethod
    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """MONAI transforms that make a mask under ``"pred"``.

        It has class indices, shape ``(i, j, k)`` or ``(i, j)``, or one channel per class, ``(class, ...)``.
        """

    def inverse_transforms(self, data: dict[str, Any]) -> Sequence[Step] | None:
        """Transforms to invert on the output of the network, before ``post_transforms``.

        None (the default) puts the finished mask back by itself with nearest-neighbour interpolation; an empty list
        inverts all ``pre_transforms`` first, which interpolates probabilities instead.
        """
        return None

    def image_tags(self, data: dict[str, Any]) -> dict[str, dict[str, float]]:
        """What the answer says of the image as a whole: for each classification the probability of each class.

        By default that of a task with a :attr:`classification`, from the scores that ``post_transforms`` have left
        under ``"pred"``.

        Args:
            data: What ``post_transforms`` have left.

        Raises:
            TaskError: There is not one score for each class.
        """
        known, scores = self.classification, data.get(self.output_label_key)
        if known is None or scores is None:
            return {}
        from jlabel.tasks.image_classes import class_chances

        return {known.name: class_chances(scores, known.classes)}

    @property
    def makes_masks(self) -> bool:
        """Whether its answer is a mask: one that classifies images, or finds boxes, makes none."""
        return self.type not in WITHOUT_MASK

    @property
    def segments_alone(self) -> bool:
        """Whether it makes masks without prompts."""
        return self.makes_masks and not self.interactive

    def info(self) -> dict[str, Any]:
        """The task as an interface shows it: type, labels, dimension, description and default parameters."""
        return {
            "type": self.type,
            "labels": dict(self.labels),
            "dimension": self.dimension,
            "description": self.description,
            "interactive": self.interactive,
            "valid": self.is_valid(),
            "config": dict(self.config),
        }

    def __call__(self, request: InferRequest, callbacks: Callbacks | None = None) -> InferResult:
        """Run the task.

        Args:
            request: What is asked.
            callbacks: Functions that are called with the data after a stage, and return it:
                see :class:`jlabel.CallBackTypes`.

        Raises:
            TaskError: The weights cannot be loaded, or a transform or the network failed; says which.
            Cancelled: Nobody waits for the answer any more.
        """
        from jlabel.tasks import pipeline

        return pipeline.run(self, request, callbacks or {})

    def run_inferer(self, data: dict[str, Any], convert_to_batch: bool = True, device: str = "cpu") -> dict[str, Any]:
        """Run the network on ``data["image"]`` and put its output under ``"pred"``.

        The image has the shape ``(channel, ...)``, the output ``(class, ...)``; there is no batch axis.

        Args:
            data: What ``pre_transforms`` have made.
            convert_to_batch: If False, the input is a batch already, and the output stays one.
            device: Where to run it.
        """
        from jlabel.tasks import pipeline

        return pipeline.run_network(self, data, device, convert_to_batch)

    def class_probabilities(self, data: dict[str, Any], outputs: torch.Tensor) -> torch.Tensor | None:
        """The probability of each class from what the network gave; None if the task has none.

        By default a network with a channel for each class and the background has the softmax of its channels, one with
        a single channel its sigmoid; channels that are probabilities already stay as they are.

        Args:
            data: As for ``post_transforms``.
            outputs: The network's output of the image or of a part of it, shape ``(channel, ...)``.

        Returns:
            Shape ``(class, ...)``, the background first; they add up to 1 in each voxel.
        """
        if self.network is None and self.published is None:
            return None
        from jlabel.tasks.probabilities import class_probabilities
        from jlabel.tasks.transforms import flatten

        def post() -> Iterator[Step]:
            yield from flatten(self.post_transforms(data))

        highest = max(self.classes(data.get("model")).values(), default=0)
        return class_probabilities(outputs, highest, post())

    def warm_up(self, image: Image) -> None:
        """Load in the background what the first call on such an image will need; by default nothing."""

    def classes(self, version: ModelVersion | None) -> dict[str, int]:
        """Names and classes of the network's output; those of the published version if there is one."""
        return dict(self.labels if version is None or not version.labels else version.labels)

    def network_axes(self, version: ModelVersion | None) -> int:
        """How many spatial axes the network of a version sees; by default ``dimension``."""
        return self.dimension

    def object_class(self, version: ModelVersion | None) -> int:
        """The class whose objects the task tells apart; 0, as by default, where it finds classes alone.

        A mask of it holds the classes, and above the highest of them a number for each object; in the answer the
        objects get the label's value and those above it that no other label has.
        """
        return 0

    def answer_labels(self, request: InferRequest) -> dict[str, int]:
        """Names and values in the mask: the app's value for a label that it has, else the task's own class.

        Where another label of the app has the value of that class, the first one that is free.
        """
        if not self.labels:
            return dict(request.labels)
        taken, values = set(request.labels.values()), dict[str, int]()
        for name, index in self.labels.items():
            value = request.labels.get(name)
            if value is None:
                value = next(free for free in itertools.chain([index], itertools.count(1)) if free not in taken)
            taken.add(value)
            values[name] = value
        return values
