"""The next choices of a strategy that goes by all images, worked out once for several calls."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Collection, Hashable
from typing import Any

from jlabel.datastores import Datastore
from jlabel.tasks.strategy import Choice

Make = Callable[[int], list[Choice]]


# Scores that arrive one by one make a plan anew only so often that it costs a twentieth of the time.
_GOOD_FOR = 20


class ChoicePlan:
    """Choices in their order, each good until its image is labelled.

    They are worked out again once scores were saved since; while scores keep arriving, not more often than a twentieth
    of the time allows: a person who goes from image to image beside a scoring job does not wait at each of them.

    Args:
        clock: Tells the time, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._for: tuple[weakref.ref[Datastore], Hashable] | None = None
        self._stamp: Hashable = None
        self._good_until = 0.0
        self._choices: list[Choice] = []

    def next(self, datastore: Datastore, exclude: Collection[str], make: Make, about: Hashable = None) -> Choice | None:
        """The next choice.

        Args:
            datastore: Where the images are.
            exclude: Ids not to give.
            make: Works out choices, so many more than it otherwise would.
            about: What else they depend on.

        Returns:
            None where no image is left.
        """
        with self._turn:
            now, stamp = (weakref.ref(datastore), about), datastore.scores.stamp()
            good = self._for == now and (stamp == self._stamp or self._clock() < self._good_until)
            if good and (found := self._first(datastore, exclude)) is not None:
                return found
            begun = self._clock()
            self._choices, self._for, self._stamp = make(len(exclude)), now, stamp
            ended = self._clock()
            self._good_until = ended + _GOOD_FOR * (ended - begun)
            return next((one for one in self._choices if one.image_id not in exclude), None)

    def _first(self, datastore: Datastore, exclude: Collection[str]) -> Choice | None:
        """The first choice that is still one; those before it that are none any more are dropped."""
        for choice in list(self._choices):
            if choice.image_id in exclude:
                continue
            if datastore.is_waiting(choice.image_id):
                return choice
            self._choices.remove(choice)
        return None

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def __setstate__(self, _state: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]
