"""What all scoring methods that ask a model have in common: which images, which version, what is saved and said."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.registry import ModelVersion
from jlabel.selection.scoring.answers import Asked, Found
from jlabel.selection.scoring.image_choice import UNLABELED, chosen_images
from jlabel.selection.scoring.image_scores import MEAN, TOP, ImageScores
from jlabel.tasks.infer import InferTask
from jlabel.tasks.scoring import AloneRun, ScoringMethod, ScoringRun

# torch and MONAI take seconds to import: an app is made without them.
if TYPE_CHECKING:
    import torch

    from jlabel.tasks.pipeline import NetworkInput

_REDUCE = (MEAN, TOP)


class ModelScoring(ScoringMethod):
    """Base class of the scoring methods that ask a model: one pass over the images that have no score yet.

    Each image has one score for each method, model and version: one that is there is not computed again, also after a
    kill or in another kernel. The version is that in use when the scoring begins; another one that is published
    meanwhile is for the next scoring.

    Args:
        infers: The app's infer tasks by name.
        model: Which of them; the first that needs no prompts if not given.
        reduce: ``"mean"`` (over the predicted foreground and 2 voxels around it) or ``"top"`` (of the least sure
            hundredth of all voxels); the caller may say otherwise by the same name.
        description: Shown to users.

    Raises:
        TaskError: There is no such model, or it needs prompts.
    """

    #: Its name where the caller says none.
    name = ""
    by_image = True

    def __init__(
        self, infers: Mapping[str, InferTask], model: str | None = None, reduce: str = MEAN, description: str = ""
    ) -> None:
        super().__init__(description)
        self.model = model_for_scores(infers, model)
        self.task = infers[self.model]
        self.cpu_only = self.task.cpu_only
        self.reduce = _checked_reduce(reduce)

    @abstractmethod
    def score(self, asked: Asked, given: NetworkInput) -> Found:
        """The score of one image.

        Raises:
            TaskError: The model failed or has no probabilities.
        """

    def check_network(self, network: torch.nn.Module, version: ModelVersion | None) -> None:
        """Raise :class:`jlabel.TaskError` if the network is not for this method."""

    def check(self, request: Mapping[str, Any], datastore: Datastore) -> None:
        """Whether there are images, a version of the model and a network that the method can ask.

        Raises:
            TaskError: There are none; says what to do.
            DatastoreError: An image that was named does not exist.
        """
        self._check_model(request)
        if not chosen_images(datastore, request.get("images", UNLABELED)):
            raise TaskError("there is no image to score: all have a final label; images='all' scores these too")

    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Score the images that have no score yet; one that fails is named and left out.

        Returns:
            ``done`` (how many were scored), ``already`` (had a score), ``left_out`` (why, by image), ``passed_by`` (how
            many were deleted or labelled meanwhile), ``model`` and ``version``.

        Raises:
            TaskError: The model cannot be asked.
        """
        run: ScoringRun = request.get("run") or AloneRun(str(request.get("device", "cpu")))
        self._check_model(request)
        reduce, name = _checked_reduce(request.get("reduce", self.reduce)), str(request.get("method") or self.name)
        version = self.task.version_in_use()
        work = ImageScores(self.score, self._ask, version, request, self.task, datastore, name, self.model, reduce)
        images = request.get("images", UNLABELED)
        # One of a list may have been deleted since: it is passed by like any other.
        return work.compute(chosen_images(datastore, images) if isinstance(images, str) else list(images), run)

    def _check_model(self, request: Mapping[str, Any]) -> None:
        _checked_reduce(request.get("reduce", self.reduce))
        version = self.task.version_in_use()
        network = self.task.network if version is None else self.task.make_network(version)
        if network is None:
            raise TaskError(
                f"model {self.model!r} has no network whose probabilities could be scored; "
                f"{type(self).__name__}(self.infers, model=...) names another one"
            )
        self.check_network(network, version)

    def _ask(self, request: Mapping[str, Any], run: ScoringRun, version: ModelVersion | None) -> Asked:
        import torch

        from jlabel.selection.scoring.bottleneck import Bottleneck

        if run.threads:
            torch.set_num_threads(run.threads)
        device = "cpu" if self.task.cpu_only else run.device
        network = self.task.load_network(device) if version is None else self.task.load_version(device, version)
        assert network is not None
        return Asked(self.task, version, network, device, request, run, Bottleneck(network))


def model_for_scores(infers: Mapping[str, InferTask], model: str | None = None) -> str:
    """The name of the model that is asked: the given one, or the first that needs no prompts.

    Raises:
        TaskError: There is none, or it needs prompts.
    """
    able = [name for name, task in infers.items() if task.segments_alone]
    name = next(iter(able), None) if model is None else model
    if name is not None and name in infers and not infers[name].makes_masks:
        raise TaskError(f"scores are of masks, and model {name!r} makes no masks: name one that segments images")
    if name is None or name not in able:
        wanted = "a model that needs no prompts" if name is None else f"model {name!r}, which needs no prompts"
        raise TaskError(f"scores need {wanted}; the app has {', '.join(able) or 'none'}")
    return name


def _checked_reduce(reduce: Any) -> str:
    if reduce not in _REDUCE:
        raise TaskError(f"reduce is {' or '.join(map(repr, _REDUCE))}, not {reduce!r}")
    return str(reduce)
