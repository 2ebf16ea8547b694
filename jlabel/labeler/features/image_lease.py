"""Who works on the open image: it is the person's here until they leave it, or somebody else's, who is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from jlabel.datastores import Lease
from jlabel.datastores.identity import set_annotator
from jlabel.display.html import time_text
from jlabel.errors import DatastoreError, JlabelError
from jlabel.labeler.actions import Action
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.holding import NOBODY, Holding
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import team_messages
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.team_messages import AnnotatorInfo, LeaseInfo, ReadingInfo

T = TypeVar("T")

# A lease is renewed ten times while it lasts, at most: once a minute.
_RENEWALS = 10
# For how many seconds the end of a labeler waits until its image is given back.
_CLOSING = 10.0


class ImageLease(Feature):
    """Takes an image when it is opened, renews that while its person works or looks, and gives it back when they leave.

    Nothing of it is done under the labeler's lock or on the thread for widgets.

    Args:
        context: The labeler.
        clock: Seconds on a clock that only goes forward.
    """

    def __init__(self, context: LabelerContext, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(context)
        self._clock = clock
        self._worker = SerialWorker("jlabel-lease")
        self._holding = NOBODY
        self._opened: OpenImage | None = None
        #: The image was the person's at some time since it was opened.
        self._had = False
        self._active = False
        self._renewed = clock()
        #: Told how the studies' stamp was before and after a lease was taken or given back: nothing else has changed.
        self.listener: Callable[[Hashable, Hashable], None] = lambda before, after: None
        self._end = TICKER.add(self._beat)

    def message_handlers(self) -> Handlers:
        """Taking the image over, giving it back, looking at it, and saying who one is."""
        later = self.context.in_background
        return {
            team_messages.TakeOverImage: lambda _, __: later(self.take_over),
            team_messages.ReleaseImage: lambda _, __: later(self.release),
            team_messages.PersonPresent: lambda ask, _: self._on_present(ask.epoch),
            team_messages.SetAnnotator: lambda ask, _: later(lambda: self.set_annotator(ask.name)),
        }

    def state(self) -> State:
        """``annotator``, ``lease`` and ``reading``."""
        datastore = self.context.manager.datastore
        mine, others = self._holding.mine, self._holding.others
        lease, place = (mine, mine.place) if mine is not None else (others[0] if others else None, 0)
        lost = mine is None and self._had
        return {
            "annotator": AnnotatorInfo(name=datastore.author or "", known=datastore.author_known),
            "lease": None if lease is None or not datastore.leases.kept else _info(lease, mine is not None, lost),
            "reading": ReadingInfo(place=place) if place else None,
        }

    def take(self, image_id: str) -> Holding:
        """Take an image that is to be opened; called without the lock.

        Raises:
            DatastoreError: There is no such image, or the catalogue cannot be used.
        """
        manager = self.context.manager
        lease = self._quietly(lambda: manager.lease(image_id))
        return Holding(lease) if lease is not None else Holding(None, self._others(image_id))

    def give_back(self, image_id: str) -> None:
        """Give back an image that could not be opened."""
        self._worker.do(lambda: self.context.reporting_errors(lambda: self._give_back(image_id)))

    def on_image_opened(self, opened: OpenImage) -> None:
        """The former image is given back."""
        former, self._opened = self._opened, opened
        self._holding = opened.holding
        self._had, self._active, self._renewed = opened.holding.mine is not None, False, self._clock()
        if former is not None and former.image_id != opened.image_id:
            self.give_back(former.image_id)

    def on_action(self, action: Action) -> None:
        """The person works here."""
        self._active = True

    def on_draft_changed(self) -> None:
        """Likewise."""
        self._active = True

    def on_studies_changed(self) -> None:
        """Somebody may have taken the image over, or given it back."""
        opened = self._opened
        if opened is not None and self.context.manager.datastore.leases.kept:
            self._look(opened)

    def check(self, anyway: bool) -> None:
        """Refuse to save where the image is somebody else's and never was the person's here.

        Raises:
            JlabelError: It is.
        """
        with self.context.lock:
            holding, had = self._holding, self._had
        if not anyway and not had and holding.mine is None and holding.others:
            raise JlabelError(
                f"{_works_on(holding.others[0].image_id, holding.others[0])} Take it over (labeler.team.take_over()), "
                "or save it all the same (labeler.save(anyway=True)): both versions are kept"
            )

    def take_over(self) -> None:
        """See :meth:`jlabel.widget.namespaces.LabelerTeam.take_over`."""
        with self.context.lock:
            opened = self.context.require_image()
        lease = self.context.manager.take_over(opened.image_id)
        if lease is None:
            raise JlabelError(f"several people read {opened.image_id}, and each of its readings is somebody's")
        self._tell(opened, Holding(lease))

    def release(self) -> None:
        """See :meth:`jlabel.widget.namespaces.LabelerTeam.release`."""
        with self.context.lock:
            opened = self.context.require_image()
        self._give_back(opened.image_id)
        self._tell(opened, NOBODY)

    def set_annotator(self, name: str) -> None:
        """Say who works here, from now on and in studies that are opened later.

        Raises:
            DatastoreError: It is no name, or it cannot be kept.
        """
        opened = self._opened
        set_annotator(name)
        self.context.manager.annotator = name
        if opened is not None:
            self._tell(opened, self.take(opened.image_id))
        self.publish_state()

    def close(self) -> None:
        """Give the image back, and end the thread."""
        self._end()
        if self._opened is not None:
            self.give_back(self._opened.image_id)
        self._worker.close(wait=_CLOSING)

    def _on_present(self, epoch: int) -> None:
        with self.context.lock:
            self._active = self._active or (self._opened is not None and epoch == self._opened.epoch)

    def _give_back(self, image_id: str) -> None:
        self._quietly(lambda: self.context.manager.release(image_id))

    def _quietly(self, work: Callable[[], T]) -> T:
        """Write a lease, which is no change of images or labels that would have to be looked at."""
        datastore = self.context.manager.datastore
        before = datastore.change_stamp()
        done = work()
        self.listener(before, datastore.change_stamp())
        return done

    def _beat(self) -> None:
        seconds = self.context.manager.datastore.leases.seconds / _RENEWALS
        opened = self._opened
        if self._active and opened is not None and self._clock() - self._renewed >= seconds:
            self._active, self._renewed = False, self._clock()
            self._worker.do(lambda: self._renew(opened))

    def _renew(self, opened: OpenImage) -> None:
        try:
            holding = self.take(opened.image_id)
        except DatastoreError:
            return  # the image is gone, or the catalogue cannot be reached now: others say so
        self._tell(opened, holding)

    def _look(self, opened: OpenImage) -> None:
        others = self._others(opened.image_id)
        with self.context.lock:
            mine = self._holding.mine
        # Readers of one image have it beside each other.
        lost = mine is not None and not mine.place and bool(others)
        self._tell(opened, Holding(None if lost else mine, others if lost or mine is None else ()))

    def _tell(self, opened: OpenImage, holding: Holding) -> None:
        with self.context.lock:
            if opened is not self._opened:
                return
            self._holding = holding
            self._had = self._had or holding.mine is not None
            self.publish_state()

    def _others(self, image_id: str) -> list[Lease]:
        manager = self.context.manager
        return [lease for lease in manager.datastore.leases.of_image(image_id) if lease.holder != manager.who]


def _info(lease: Lease, mine: bool, lost: bool) -> LeaseInfo:
    since: Any = lease.since.isoformat(timespec="seconds")
    return LeaseInfo(holder=lease.holder, mine=mine, purpose=lease.purpose, since=since, lost=lost)


def _works_on(image_id: str, lease: Lease) -> str:
    doing = {"label": "labels", "review": "reviews", "reading": "reads"}[lease.purpose]
    return f"{lease.holder or 'Somebody'} {doing} {image_id} since {time_text(lease.since)}."
