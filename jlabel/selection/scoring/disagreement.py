"""Scoring by how much the last versions of a model contradict each other, or the answers to a flipped image."""

from __future__ import annotations

import math
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

    from jlabel.selection.scoring.passes import Passes
    from jlabel.tasks.pipeline import NetworkInput

VERSIONS = 3


class DisagreementScoring(ModelScoring):
    """Scores images by how much the last versions of the model contradict each other; no dropout is needed.

    The score is 1 minus the mean soft Dice of all pairs of versions (query by committee), label by label, over the
    voxels that one of them predicts as that label and 2 voxels around these; that of the image is the mean of the
    labels that are predicted. Versions that were trained for other labels or prepare images in another way are left
    out. Where one version remains, it is asked about the image as it is and flipped along each axis: that tells also
    of structures that look alike in the mirror, such as left and right ones, and is the weaker measure.

    Sources: Seung et al. 1992, "Query by committee"; Milletari et al. 2016 (arXiv:1606.04797) for the soft Dice.

    Args:
        infers: The app's infer tasks by name.
        model: Which of them; the first that needs no prompts if not given.
        versions: How many versions at most; the caller may say otherwise by the same name.
        reduce: ``"mean"``, or ``"top"`` for the mean difference in the hundredth of the voxels where it is largest.
        description: Shown to users.

    Raises:
        TaskError: There is no such model, or it needs prompts.

    Examples:
        >>> app = jlabel.RadiologyApp(studies, ["liver"])
        >>> jlabel.DisagreementScoring(app.infers, versions=5).versions
        5
    """

    name = "disagreement"

    def __init__(
        self,
        infers: Mapping[str, InferTask],
        model: str | None = None,
        versions: int = VERSIONS,
        reduce: str = MEAN,
        description: str = "How much the last versions of the model contradict each other",
    ) -> None:
        super().__init__(infers, model, reduce, description)
        self.versions = versions
        self._members: tuple[tuple[Any, ...], Passes, dict[str, Any]] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_members": None}

    def score(self, asked: Asked, given: NetworkInput) -> Found:
        """One forward for each version, or for each flip.

        Raises:
            TaskError: The model failed or has no probabilities.
        """
        passes, told = self._passes(asked)
        sums = _Sums(asked, given, passes)
        dice, top, foreground = sums.by_class(), sums.top(), sums.predicted
        # Where nobody predicts anything, all classes count as they are everywhere.
        classes = sorted(foreground) or list(range(1, len(dice)))
        by_class = {index: 1 - dice[index] for index in classes if not math.isnan(dice[index])}
        # What is not a number somewhere is not hidden by what is elsewhere.
        mean = sum(by_class.values()) / len(by_class) if by_class and not math.isnan(top) else math.nan
        info = {**told, "foreground": sums.share}
        return Found(mean, top, by_class if foreground else {}, info, asked.bottleneck.features)

    def _passes(self, asked: Asked) -> tuple[Passes, dict[str, Any]]:
        """What is asked, and what is said of it; versions are loaded once."""
        count = asked.request.get("versions", self.versions)
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise TaskError(f"versions is a whole number from 1 on, not {count!r}")
        chosen = comparable_versions(asked.task, asked.version, count)
        key = (id(asked.network), tuple(version.number for version in chosen))
        if self._members is None or self._members[0] != key:
            self._members = (key, *_make_passes(asked, chosen))
        return self._members[1:]


def comparable_versions(task: InferTask, version: ModelVersion | None, count: int) -> list[ModelVersion]:
    """The version in use and the newest ones before and after it that answer in the same way, the one in use first.

    Args:
        task: The infer task.
        version: The version in use.
        count: How many at most.
    """
    published = task.learns_from
    if version is None or published is None:
        return []
    others = [
        one
        for one in published.store.versions(published.name)
        if one.number != version.number and one.labels == version.labels and _prepares(one) == _prepares(version)
    ]
    return [version, *sorted(others, key=lambda one: -one.number)][:count]


def _prepares(version: ModelVersion) -> dict[str, Any]:
    """By what a version prepares images; what it dropped in training has nothing to do with that."""
    return {key: value for key, value in version.network.items() if key != "dropout"}


def _make_passes(asked: Asked, chosen: list[ModelVersion]) -> tuple[Passes, dict[str, Any]]:
    from jlabel.selection.scoring.passes import FlipPasses, VersionPasses
    from jlabel.tasks.weights import load_weights

    if len(chosen) < 2:
        return FlipPasses(asked.network), {"members": "flips"}
    networks = [asked.network]
    for version in chosen[1:]:
        network = asked.task.make_network(version)
        load_weights(network, version.file)
        networks.append(network.to(asked.device).eval())
    return VersionPasses(networks, chosen), {"members": [version.number for version in chosen]}


class _Sums:
    """What the members say of one image, summed up part by part.

    Args:
        asked: The model.
        given: The image as its network sees it.
        passes: The members.
    """

    def __init__(self, asked: Asked, given: NetworkInput, passes: Passes) -> None:
        import numpy as np

        from jlabel.selection.scoring.maps import distributions
        from jlabel.selection.scoring.measures import SoftDice, pair_distance
        from jlabel.selection.scoring.streaming import grid, stream

        self._distance = np.zeros(grid(asked.task, given), np.float16)
        self._near: SoftDice | None = None
        self._all: SoftDice | None = None
        self._counts: dict[int, int] = {}
        self._inside = 0
        asked.bottleneck.clear()
        with asked.bottleneck.listening():
            for tile, outputs in stream(asked.task, given, passes, asked.device, asked.run.check_cancelled):
                members = list(distributions(asked.task, given, outputs, tile.inside))
                if self._near is None or self._all is None:
                    sizes = (len(members), members[0].shape[0])
                    self._near, self._all = SoftDice(*sizes), SoftDice(*sizes)
                self._distance[tile.core] = pair_distance(members).half().cpu().numpy()
                predicted = _predicted(members)
                self._near.add(members, _widened(predicted))
                self._all.add(members)
                self._count(predicted)

    def by_class(self) -> list[float]:
        """The mean soft Dice of each class: near where it is predicted, or over all voxels where none is."""
        assert self._near is not None
        assert self._all is not None
        near, everywhere = self._near.by_class(), self._all.by_class()
        return near if self.predicted else everywhere

    def top(self) -> float:
        """The mean difference in the hundredth of the voxels where it is largest."""
        from jlabel.selection.scoring.reduction import top_mean

        return top_mean(self._distance)

    @property
    def predicted(self) -> list[int]:
        """The classes that a member predicts somewhere, without the background."""
        return [index for index, count in self._counts.items() if index and count]

    @property
    def share(self) -> float:
        """The share of voxels that a member predicts as one of those classes."""
        return self._inside / max(1, self._distance.size)

    def _count(self, predicted: torch.Tensor) -> None:
        self._inside += int(predicted[1:].any(dim=0).sum())
        for index, count in enumerate(predicted.flatten(1).sum(dim=1).tolist()):
            self._counts[index] = self._counts.get(index, 0) + int(count)


def _predicted(members: list[torch.Tensor]) -> torch.Tensor:
    """Whether a class is the likeliest for one of the members, ``(class, ...)``."""
    import torch

    found = torch.zeros_like(members[0], dtype=torch.bool)
    for one in members:
        found |= torch.nn.functional.one_hot(one.argmax(dim=0), one.shape[0]).movedim(-1, 0).bool()
    return found


def _widened(predicted: torch.Tensor) -> torch.Tensor:
    """With the voxels around them, as in :func:`jlabel.selection.scoring.reduction.widened`."""
    import torch

    from jlabel.selection.scoring.reduction import BAND

    values = predicted.float()[None]
    pool = torch.nn.functional.max_pool3d if predicted.ndim == 4 else torch.nn.functional.max_pool2d
    return pool(values, 2 * BAND + 1, stride=1, padding=BAND)[0]
