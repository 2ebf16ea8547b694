"""Looking through finished labels, the most suspicious first: "next" goes on among them until that is ended."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from jlabel.errors import JlabelError
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.navigation import Navigation
from jlabel.labeler.protocol import navigation_messages
from jlabel.labeler.protocol.navigation_messages import ReviewInfo, ReviewOrder
from jlabel.labeler.protocol.state import State
from jlabel.manager.drawing import REVIEW_STRATEGY
from jlabel.progress import Progress
from jlabel.selection.review.suspicion import Suspicion
from jlabel.tasks.strategy import Choice


class Review(Feature):
    """Takes the strategy's place while it goes on. What is saved meanwhile counts as looked at.

    Args:
        context: The labeler.
        navigation: Opens the labels.
    """

    def __init__(self, context: LabelerContext, navigation: Navigation) -> None:
        super().__init__(context)
        self._navigation = navigation
        self._queue: Sequence[Suspicion] = ()
        #: How many of the queue were opened, or passed by.
        self._gone = 0
        self.on = False
        self._order: ReviewOrder = "suspicious"
        #: What was opened, where those come that wait for a verdict.
        self._shown: list[str] = []

    def message_handlers(self) -> Handlers:
        """Beginning and ending it; a label that is right."""
        later = self.context.in_background
        return {
            navigation_messages.StartReview: lambda ask, _: later(lambda: self.start(ask.discard, ask.order)),
            navigation_messages.LooksRight: lambda ask, _: later(lambda: self.looks_right(ask.discard)),
            navigation_messages.EndReview: lambda _, __: self.end(),
        }

    def state(self) -> State:
        """``review``: how far it is."""
        if not self.on:
            return {"review": None}
        return {"review": ReviewInfo(place=self._place(), total=self._total(), order=self._order)}

    def on_saved(self) -> None:
        """A label that was corrected was looked at."""
        opened = self.context.open_image
        if self.on and opened is not None and self._place():
            self.context.in_background(partial(self._note, opened.image_id))

    def start(self, discard: bool, order: ReviewOrder = "suspicious") -> str | None:
        """Begin, and open the most suspicious label, or the one that has waited longest for a verdict.

        Returns:
            The image; None where there is nothing to look through, which is said.

        Raises:
            JlabelError: The open image has changes that are not saved.
        """
        context = self.context
        self._navigation.check_saved(discard)
        if order == "waiting":
            return self._begin([], order, discard)
        with context.tasks.running("Looking for labels to review") as task:
            progress = Progress(task.report, task.check)
            found = task.wait_for(partial(context.manager.review, context.own_tag, progress=progress))
        queue = [one for one in found if not one.looked_at]
        if not queue:
            context.notify(_nothing_to_review(len(found)))
            return None
        return self._begin(queue, order, discard)

    def await_labels(self) -> None:
        """Let "next" open labels that wait for a verdict, now and whenever more are saved, until it is ended."""
        self._take_over([], "waiting")
        self.publish_state()

    @property
    def awaits_labels(self) -> bool:
        """Whether "next" opens labels that wait for a verdict."""
        return self.on and self._order == "waiting"

    def looks_right(self, discard: bool) -> str | None:
        """Note that the open label was looked at, and go on.

        Raises:
            JlabelError: It is none of the review, or has changes that are not saved.
        """
        with self.context.lock:
            opened = self.context.require_image()
            if not self.on or not self._place():
                raise JlabelError(f"{opened.image_id} is not one of the labels that are reviewed")
        self._navigation.check_saved(discard)
        self._note(opened.image_id)
        return self._navigation.next_chosen(discard)

    def end(self) -> None:
        """End it; the open image stays."""
        with self.context.lock:
            self.on, self._queue = False, ()
            self._navigation.choose_by(None)
            self.publish_state()

    # As the chooser of the next image.

    def choose(self, exclude: tuple[str, ...]) -> Choice | None:
        """The next label of the queue."""
        if self._order == "waiting":
            return self._waiting(exclude)
        while self._gone < len(self._queue):
            one = self._queue[self._gone]
            self._gone += 1
            if one.image_id not in exclude or self._gone == 1:
                return Choice(one.image_id, one.reason)
        return None

    def expect(self, exclude: tuple[str, ...]) -> str | None:
        """The label that would be next, but for these."""
        if self._order == "waiting":
            return self.context.manager.expected_next(REVIEW_STRATEGY, exclude=self._passed(exclude))
        left = self._queue[self._gone :]
        return next((one.image_id for one in left if one.image_id not in exclude), None)

    def nothing_left(self) -> str:
        """All were shown: a review of suspicious labels ends, and one of labels that wait begins again."""
        total = self._total()
        if self._order == "waiting":
            self.context.recount_images()
            with self.context.lock:
                self._shown.clear()
                self.publish_state()
            datastore = self.context.manager.datastore
            others = len(datastore.leases.of_others(self.context.manager.who))
            working = "" if others == 0 else f"; others work on {others:,} image{'' if others == 1 else 's'}"
            return f"No label waits for a review now{working}. Next looks again"
        self.end()
        return f"The review is through: {_labels(total)} shown"

    def _begin(self, queue: Sequence[Suspicion], order: ReviewOrder, discard: bool) -> str | None:
        self._take_over(queue, order)
        image_id = self._navigation.next_chosen(discard)
        self.publish_state()
        return image_id

    def _take_over(self, queue: Sequence[Suspicion], order: ReviewOrder) -> None:
        with self.context.lock:
            self._queue, self._gone, self.on, self._order = queue, 0, True, order
            self._shown.clear()
            self._navigation.choose_by(self)

    def _waiting(self, exclude: tuple[str, ...]) -> Choice | None:
        """The label that has waited longest for a verdict, of those that were not shown yet."""
        choice = self.context.manager.choose_next(REVIEW_STRATEGY, exclude=self._passed(exclude))
        if choice is not None:
            self._shown.append(choice.image_id)
        return choice

    def _passed(self, exclude: tuple[str, ...]) -> tuple[str, ...]:
        """What is not to come; the open image comes again where its label was saved anew since it was judged."""
        opened = self.context.open_image
        here = opened.image_id if opened is not None else None
        return (*(image_id for image_id in exclude if image_id != here), *self._shown)

    def _place(self) -> int:
        opened = self.context.open_image
        shown = opened.image_id if opened is not None else None
        ids = self._shown if self._order == "waiting" else [one.image_id for one in self._queue]
        return ids.index(shown) + 1 if shown in ids else 0

    def _total(self) -> int:
        return len(self._shown) if self._order == "waiting" else len(self._queue)

    def _note(self, image_id: str) -> None:
        self.context.manager.looked_at(image_id, self.context.own_tag)


def _nothing_to_review(labels: int) -> str:
    if labels == 0:
        return "There is no finished label to review yet"
    return f"Nothing to review: {_labels(labels)} looked at already"


def _labels(number: int) -> str:
    return "the one label was" if number == 1 else f"all {number:,} labels were"
