"""Scores of images, as scoring methods compute them and strategies read them: what is kept, and where."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Score:
    """How much an image is worth labelling, as one method sees it.

    Attributes:
        image_id: The image.
        method: The scoring method's name in the app.
        value: The score of the whole image, the higher the more it is worth labelling; NaN where it has none.
        model: The infer task whose answer was scored, by its name in the app; "" for a method without a model.
        version: The version of that model; 0 where there is none.
        by_label: The score of each label, by its name.
        seconds: How long it took.
        time: When it was computed (UTC).
        info: Anything else that the method says of the image, JSON values.

    Examples:
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> datastore.scores.save([jlabel.Score("case_1", "entropy", 0.61, "segmentation", 3, {"liver": 0.7})])
        >>> [score] = datastore.scores.highest("entropy", "segmentation", 3)
        >>> score.image_id, score.value, score.by_label
        ('case_1', 0.61, {'liver': 0.7})
    """

    image_id: str
    method: str
    value: float
    model: str = ""
    version: int = 0
    by_label: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    time: datetime = field(default_factory=lambda: datetime.now(UTC))
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ScoreSet:
    """The scores that one method has computed with one version of a model.

    Attributes:
        method: The scoring method.
        model: The model; "" where there is none.
        version: Its version; 0 where there is none.
        images: How many images have such a score.
        waiting: How many of them wait for a final label.
    """

    method: str
    model: str
    version: int
    images: int
    waiting: int


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """All scores of a set, as arrays: one row for each image, in the order of ids.

    Attributes:
        ids: The images.
        values: Their scores, float64 of shape ``(image,)``; NaN where there is none.
        labels: Names of the labels that have scores of their own.
        by_label: Their scores, float64 of shape ``(image, label)``; NaN where there is none.
        info: What else was said of each image.
    """

    ids: tuple[str, ...]
    values: NDArray[np.float64]
    labels: tuple[str, ...]
    by_label: NDArray[np.float64]
    info: tuple[Mapping[str, Any], ...]


class Scores(ABC):
    """The scores and features of a datastore's images. All methods may be called from any thread and process.

    A score is known by image, method, model and version: a new one of the same takes its place.
    """

    @abstractmethod
    def save(self, scores: Iterable[Score], features: Mapping[str, NDArray[Any]] | None = None) -> None:
        """Save scores of one or several images, all or none of them; those of images that are gone are left out.

        Args:
            scores: The scores.
            features: A vector of features by its kind (such as ``"network"``), of the image, model and version of the
                first score.

        Raises:
            DatastoreError: They cannot be written; nothing has changed then.
        """

    @abstractmethod
    def sets(self, method: str | None = None) -> list[ScoreSet]:
        """What has been scored: by method and model, the newest version last."""

    @abstractmethod
    def scored(self, method: str, model: str = "", version: int = 0) -> set[str]:
        """The images that have such a score."""

    @abstractmethod
    def of_image(self, image_id: str) -> list[Score]:
        """All scores of an image, the newest version of each method last."""

    @abstractmethod
    def highest(
        self,
        method: str,
        model: str = "",
        version: int = 0,
        *,
        count: int = 1,
        exclude: Collection[str] = (),
        skipped: bool = False,
    ) -> list[Score]:
        """Scores of images without a final label, the highest first, then by id; images without a value come never.

        Args:
            method: Of which method.
            model: Of which model.
            version: Of which version.
            count: How many at most.
            exclude: Ids to leave out.
            skipped: Whether skipped images take part; if not, they come only after all others.
        """

    @abstractmethod
    def table(self, method: str, model: str = "", version: int = 0) -> ScoreTable:
        """All scores of a set, also of images with a final label."""

    @abstractmethod
    def features(
        self,
        kind: str,
        model: str = "",
        version: int = 0,
        *,
        labeled: bool = False,
        only: Collection[str] | None = None,
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Ids, and the vectors of features of these images as an array of shape ``(image, feature)``.

        Vectors of another length than most have are left out: two sizes of a network are not compared.

        Args:
            kind: Of which kind.
            model: Of which model.
            version: Of which version.
            labeled: Whether only images with a final label are asked for.
            only: Ids of the images that are asked for; all if not given.
        """

    @abstractmethod
    def stamp(self) -> Hashable:
        """Something that is another whenever scores or features were saved."""
