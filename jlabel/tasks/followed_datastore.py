"""A datastore that notes at which image somebody's task is: for tasks of app authors that go through all images."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from numpy.typing import NDArray

from jlabel.datastores import Datastore
from jlabel.datastores.scores import Score
from jlabel.tasks.hidden_images import HiddenImages

Check = Callable[[], None]


class FollowedDatastore(HiddenImages):
    """A datastore as it is, with some images that no list of it gives, which notes what is done with which image.

    Args:
        datastore: The datastore; what is written is written there.
        hidden: Ids of the images that are not listed.
        check: Called whenever the task turns to an image; raises where it is to stop.
        scored: Called with an image once something about it is written.
        note: Called with what a person should know.
    """

    def __init__(
        self,
        datastore: Datastore,
        hidden: Collection[str],
        check: Check,
        scored: Callable[[str], None],
        note: Callable[[str], None],
    ) -> None:
        super().__init__(datastore, hidden)
        self._check, self._note = check, note
        self._on_scored = scored
        self._turn = threading.Lock()
        # The image at which each thread is, and by which thread each was opened about which nothing is written yet.
        self._at: dict[int, str] = {}
        self._opened: dict[str, int] = {}
        self.listed: frozenset[str] = frozenset()

    def __reduce__(self) -> tuple[Any, ...]:
        # Another process has nobody here to tell.
        return _itself, (self._datastore,)

    @property
    def scores(self) -> Any:
        """See :attr:`jlabel.Datastore.scores`; what is saved there counts as scored too."""
        return _FollowedScores(self._datastore.scores, self)

    def at(self) -> list[str]:
        """The images at which the task is, where it failed.

        It is the one to which the failing thread has turned last. Where that has only read what is known of it, and
        other threads of the task have opened images about which nothing is written, it is theirs.
        """
        thread = threading.get_ident()
        with self._turn:
            own = self._at.get(thread)
            others = sorted(each for each, opener in self._opened.items() if opener != thread)
            if own is not None and (own in self._opened or not others):
                return [own]
        return others

    def get_image_info(self, image_id: str) -> dict[str, Any]:
        """See :meth:`jlabel.Datastore.get_image_info`."""
        self._turn_to(image_id, opens=False)
        return self._datastore.get_image_info(image_id)

    def get_image_uri(self, image_id: str) -> str:
        """See :meth:`jlabel.Datastore.get_image_uri`."""
        self._turn_to(image_id, opens=True)
        return self._datastore.get_image_uri(image_id)

    def get_label_uri(self, image_id: str, *tag: str, **more: Any) -> str:
        """See :meth:`jlabel.Datastore.get_label_uri`."""
        self._turn_to(image_id, opens=True)
        return self._datastore.get_label_uri(image_id, *tag, **more)

    def update_image_info(self, image_id: str, info: Mapping[str, Any]) -> None:
        """See :meth:`jlabel.Datastore.update_image_info`."""
        self._turn_to(image_id, opens=True)
        unclear = [str(key) for key, value in info.items() if isinstance(value, float) and not math.isfinite(value)]
        if unclear:
            self._note(f"image {image_id!r}: {', '.join(unclear)} is not a number that can be compared")
        self._datastore.update_image_info(image_id, info)
        self.done_with(image_id)

    def done_with(self, image_id: str) -> None:
        """Something about the image is written."""
        with self._turn:
            self._at = {thread: at for thread, at in self._at.items() if at != image_id}
            self._opened.pop(image_id, None)
        self._on_scored(image_id)

    def _shown(self, ids: list[str]) -> list[str]:
        shown = super()._shown(ids)
        self.listed = self.listed.union(shown)
        return shown

    def _turn_to(self, image_id: str, opens: bool) -> None:
        self._check()
        with self._turn:
            thread = threading.get_ident()
            self._at[thread] = image_id
            if opens:
                self._opened[image_id] = thread


def _itself(datastore: Datastore) -> Datastore:
    return datastore


class _FollowedScores:
    """Scores, of which those that are saved are noted."""

    def __init__(self, scores: Any, followed: FollowedDatastore) -> None:
        self._scores, self._followed = scores, followed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scores, name)

    def save(self, scores: Iterable[Score], features: Mapping[str, NDArray[Any]] | None = None) -> None:
        """See :meth:`jlabel.datastores.scores.Scores.save`."""
        given = list(scores)
        self._scores.save(given, features)
        for image_id in dict.fromkeys(score.image_id for score in given):
            self._followed.done_with(image_id)
