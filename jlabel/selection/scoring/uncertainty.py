"""Scoring methods by the uncertainty of each voxel: entropy, BALD, and the "epistemic" score of MONAI Label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jlabel.errors import TaskError
from jlabel.registry import ModelVersion
from jlabel.selection.scoring.answers import Asked, Found
from jlabel.selection.scoring.image_scores import MEAN
from jlabel.selection.scoring.model_scoring import ModelScoring
from jlabel.tasks.infer import InferTask

if TYPE_CHECKING:
    import torch

    from jlabel.selection.scoring.measures import Measure
    from jlabel.selection.scoring.passes import Passes
    from jlabel.tasks.pipeline import NetworkInput

PASSES = 5


class EntropyScoring(ModelScoring):
    """Scores images by the entropy of the model's answer: how unsure it is of each voxel.

    One forward for each image. The entropy of a voxel is divided by its maximum, so that it lies between 0 and 1
    whatever the number of labels. The score of an image is the mean over the voxels that the model predicts as
    foreground and 2 voxels around them; where it predicts none, the mean of the least sure hundredth of all voxels.

    Args:
        infers: The app's infer tasks by name.
        model: Which of them; the first that needs no prompts if not given.
        reduce: ``"mean"``, or ``"top"`` for the mean of the least sure hundredth of all voxels.
        description: Shown to users.

    Raises:
        TaskError: There is no such model, or it needs prompts.

    Examples:
        >>> app = jlabel.RadiologyApp(studies, ["liver"])
        >>> jlabel.EntropyScoring(app.infers).model
        'segmentation'
        >>> try:
        ...     jlabel.EntropyScoring(app.infers).check({}, app.datastore)
        ... except jlabel.TaskError as error:
        ...     print(error)
        model 'segmentation' has not been trained yet: manager.train('segmentation')
    """

    name = "entropy"

    def __init__(
        self,
        infers: Mapping[str, InferTask],
        model: str | None = None,
        reduce: str = MEAN,
        description: str = "How unsure the model is, where it draws something",
    ) -> None:
        super().__init__(infers, model, reduce, description)

    def score(self, asked: Asked, given: NetworkInput) -> Found:
        """One forward."""
        from jlabel.selection.scoring.measures import predictive_entropy
        from jlabel.selection.scoring.passes import OnePass

        return scored(asked, given, OnePass(asked.network), predictive_entropy)


class _DropoutScoring(ModelScoring):
    """What is found by passes with dropout.

    Args:
        infers: As for :class:`ModelScoring`.
        model: Likewise.
        passes: How many; the caller may say otherwise by the same name.
        reduce: As for :class:`ModelScoring`.
        description: Likewise.
    """

    def __init__(
        self, infers: Mapping[str, InferTask], model: str | None, passes: int, reduce: str, description: str
    ) -> None:
        super().__init__(infers, model, reduce, description)
        self.passes = passes

    def measure(self) -> Measure:
        """From the passes to the uncertainty of a voxel."""
        raise NotImplementedError

    def check_network(self, network: torch.nn.Module, version: ModelVersion | None) -> None:
        """Passes differ only where something is dropped.

        Raises:
            TaskError: Nothing is.
        """
        from jlabel.selection.scoring.passes import has_dropout

        if not has_dropout(network):
            said = f"model {self.model!r}" + (f" (version {version.number})" if version is not None else "")
            raise TaskError(
                f"{said} has no dropout, so its passes would all say the same; "
                "use 'disagreement', or train it with dropout=0.2"
            )

    def score(self, asked: Asked, given: NetworkInput) -> Found:
        """Several passes with dropout; what comes before the first dropout is worked out once."""
        from jlabel.selection.scoring.passes import DropoutPasses

        count = _count(asked.request.get("passes", self.passes))
        passes = DropoutPasses(asked.network, count, int(asked.request.get("seed", 0)))
        return scored(asked, given, passes, self.measure(), {"passes": count})


class BALDScoring(_DropoutScoring):
    """Scores images by BALD: how much passes with dropout contradict each other.

    The mutual information of the answer and the weights that are dropped: the entropy of the mean of the passes less
    the mean of their entropies. Voxels that are unclear in every pass, such as those on a blurred border, do not count.
    Dropout alone is active; what comes before the first dropout is worked out once for each image.

    Sources: Houlsby et al. 2011 (arXiv:1112.5745), Gal et al. 2017 (arXiv:1703.02910).

    Args:
        infers: The app's infer tasks by name.
        model: Which of them; the first that needs no prompts if not given.
        passes: How many passes.
        reduce: ``"mean"``, or ``"top"`` for the mean of the least sure hundredth of all voxels.
        description: Shown to users.

    Raises:
        TaskError: There is no such model, or it needs prompts.

    Examples:
        >>> app = jlabel.RadiologyApp(studies, ["liver"])
        >>> jlabel.BALDScoring(app.infers, model="deepedit_auto", passes=10).model
        'deepedit_auto'
    """

    name = "bald"

    def __init__(
        self,
        infers: Mapping[str, InferTask],
        model: str | None = None,
        passes: int = PASSES,
        reduce: str = MEAN,
        description: str = "How much passes with dropout contradict each other (mutual information)",
    ) -> None:
        super().__init__(infers, model, passes, reduce, description)

    def measure(self) -> Measure:
        """The mutual information."""
        from jlabel.selection.scoring.measures import mutual_information

        return mutual_information


class EpistemicScoring(_DropoutScoring):
    """Scores images by what MONAI Label calls epistemic uncertainty: the entropy of the mean of passes with dropout.

    As in MONAI Label's ``EpistemicScoring``, in nats and over all classes; two things are mended. Its mean is taken
    over all voxels, so that a small structure in a large image counts for little: here it is taken over the predicted
    foreground and 2 voxels around it. In 2D it takes the wrong branch for arrays without a class axis and may squeeze
    axes away: here the class axis is known. Strictly it is the total uncertainty, with that of the data in it; for the
    model's part alone see :class:`jlabel.BALDScoring`.

    Args:
        infers: The app's infer tasks by name.
        model: Which of them; the first that needs no prompts if not given.
        passes: How many passes.
        reduce: ``"mean"``, or ``"top"`` for the mean of the least sure hundredth of all voxels.
        description: Shown to users.

    Raises:
        TaskError: There is no such model, or it needs prompts.

    Examples:
        >>> app = jlabel.RadiologyApp(studies, ["liver"])
        >>> jlabel.EpistemicScoring(app.infers).passes
        5
    """

    name = "epistemic"

    def __init__(
        self,
        infers: Mapping[str, InferTask],
        model: str | None = None,
        passes: int = PASSES,
        reduce: str = MEAN,
        description: str = "Entropy of the mean of passes with dropout, as in MONAI Label",
    ) -> None:
        super().__init__(infers, model, passes, reduce, description)

    def measure(self) -> Measure:
        """MONAI Label's."""
        from jlabel.selection.scoring.measures import epistemic

        return epistemic


def scored(
    asked: Asked, given: NetworkInput, passes: Passes, measure: Measure, info: Mapping[str, Any] | None = None
) -> Found:
    """Ask the network about an image, and reduce what it says.

    Args:
        asked: The model.
        given: The image as its network sees it.
        passes: What is asked.
        measure: From the passes to the uncertainty of a voxel.
        info: More to keep with the score.

    Raises:
        TaskError: The model failed or has no probabilities.
    """
    from jlabel.selection.scoring.maps import make_maps
    from jlabel.selection.scoring.reduction import image_score

    asked.bottleneck.clear()
    with asked.bottleneck.listening():
        maps = make_maps(asked.task, given, passes, measure, asked.device, asked.run.check_cancelled)
    reduced = image_score(maps.uncertainty, maps.predicted)
    names = {index: name for name, index in asked.task.classes(asked.version).items()}
    sure = {names[index]: round(value, 4) for index, value in maps.probability.items() if index in names}
    kept = {"probability": sure, "foreground": reduced.foreground, **(info or {})}
    if maps.unclear:
        nan = float("nan")
        return Found(nan, nan, {}, info or {})
    return Found(reduced.mean, reduced.top, reduced.by_class, kept, asked.bottleneck.features)


def _count(passes: Any) -> int:
    if not isinstance(passes, int) or isinstance(passes, bool) or not 2 <= passes <= 1000:
        raise TaskError(f"passes is a whole number from 2 on, not {passes!r}")
    return passes
