"""Strategies: which image to label next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.tasks.described import Described
from jlabel.tasks.hidden_images import HiddenImages


@dataclass(frozen=True)
class Choice:
    """An image that a strategy has chosen.

    Attributes:
        image_id: The image.
        reason: Why this one, in words; "" where the strategy does not say.
        score: Its score, where the strategy goes by scores.
        method: The scoring method of that score.
        version: The version of the model that was scored; 0 where there is none.

    Examples:
        >>> jlabel.First().choose({}, jlabel.LocalDatastore(studies))
        [Choice(image_id='case_0', reason='', score=None, method='', version=0)]
        >>> jlabel.Choice("case_1", reason="the darkest image").reason
        'the darkest image'
    """

    image_id: str
    reason: str = ""
    score: float | None = None
    method: str = ""
    version: int = 0


class Strategy(Described, ABC):
    """Base class of strategies: a strategy chooses the image to label next.

    Args:
        description: Shown to users.

    Examples:
        >>> class HighestScore(jlabel.Strategy):
        ...     def __call__(self, request, datastore):
        ...         exclude = set(request.get("exclude", ()))
        ...         ids = [each for each in datastore.get_unlabeled_images() if each not in exclude]
        ...         return max(ids, key=lambda each: datastore.get_image_info(each).get("score", 0), default=None)
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> datastore.update_image_info("case_2", {"score": 0.9})
        >>> strategy = HighestScore("The image with the highest score")
        >>> strategy({}, datastore), strategy({"exclude": ["case_2"]}, datastore)
        ('case_2', 'case_0')
    """

    #: Whether chance decides. It is then given ``prefer``, the id of an image that is at hand, to choose it if it may.
    by_chance = False

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> str | Mapping[str, Any] | None:
        """The id of the image to label next, or None when all are labelled.

        Args:
            request: What the caller gave by name, and ``exclude``: ids not to give, such as the image that is open.
            datastore: Where images, labels and scores are.

        Returns:
            The id, or ``{"id": id}`` as in MONAI Label.
        """

    def choose(self, request: Mapping[str, Any], datastore: Datastore, count: int = 1) -> list[Choice]:
        """The images to label next, each with the reason; fewer than ``count`` where there are no more.

        By default the strategy is called once for each, with those that it has given before excluded.

        Args:
            request: As for a call.
            datastore: Likewise.
            count: How many.

        Raises:
            TaskError: The answer is no image id, or again an image that was excluded.
        """
        exclude = list(request.get("exclude", ()))
        choices: list[Choice] = []
        while len(choices) < count:
            image_id = self._asked({**request, "exclude": tuple(exclude)}, datastore)
            if image_id is None:
                break
            choices.append(Choice(image_id))
            exclude.append(image_id)
        return choices

    def readiness(self, datastore: Datastore) -> str:
        """Whether what the strategy goes by is there, in words ("scored with version 3: 37 of 49"); "" if it needs
        nothing. Quick: it is asked whenever the labeler shows its choices."""
        return ""

    def _asked(self, request: Mapping[str, Any], datastore: Datastore) -> str | None:
        image_id = self._image_id(self(request, datastore))
        if image_id not in request["exclude"]:
            return image_id
        # One that does not look at what is excluded, as MONAI Label's do not, is asked again where it is not listed.
        others: Any = HiddenImages(datastore, request["exclude"])
        image_id = self._image_id(self(request, others))
        if image_id in request["exclude"]:
            raise TaskError(
                f"strategy {type(self).__name__} gave {image_id!r}, which request['exclude'] says not to give"
            )
        return image_id

    def _image_id(self, answer: str | Mapping[str, Any] | None) -> str | None:
        found = answer.get("id") if isinstance(answer, Mapping) else answer
        if not isinstance(found, str) and answer is not None:
            raise TaskError(
                f"strategy {type(self).__name__} answered {answer!r:.100}: it must give the id of an image, or None"
            )
        return found or None
