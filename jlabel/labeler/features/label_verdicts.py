"""Verdicts on the saved label of the open image: what was said of it, and saying so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jlabel.datastores import Review as LabelReview
from jlabel.datastores.reviews import Place
from jlabel.errors import JlabelError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.image_lease import ImageLease
from jlabel.labeler.features.navigation import Navigation
from jlabel.labeler.features.review import Review
from jlabel.labeler.open_image import OpenImage
from jlabel.labeler.protocol import team_messages
from jlabel.labeler.protocol.state import State
from jlabel.labeler.protocol.team_messages import VerdictInfo


class LabelVerdicts(Feature):
    """Accepts the saved label, or sends it back; in a review the next one is opened then.

    Args:
        context: The labeler.
        navigation: Opens the next label.
        review: Whether labels are being reviewed.
        lease: The image is given back once its label is judged: whoever made it may correct it.
    """

    def __init__(self, context: LabelerContext, navigation: Navigation, review: Review, lease: ImageLease) -> None:
        super().__init__(context)
        self._lease = lease
        self._navigation = navigation
        self._review = review
        self._worker = SerialWorker("jlabel-verdicts")
        self._verdict: LabelReview | None = None

    def message_handlers(self) -> Handlers:
        """Accepting, and sending back."""
        later = self.context.in_background
        return {
            team_messages.AcceptLabel: lambda ask, _: later(lambda: self.accept(ask.comment, ask.discard)),
            team_messages.SendLabelBack: lambda ask, _: later(
                lambda: self.send_back(ask.comment, ask.place, ask.discard)
            ),
        }

    def state(self) -> State:
        """``verdict``: what a reviewer said of the saved label."""
        return {"verdict": None if self._verdict is None else _info(self._verdict)}

    def on_image_opened(self, opened: OpenImage) -> None:
        """Another image has another verdict."""
        self._verdict = None
        if opened.version is not None:
            self._worker.do(lambda: self.context.reporting_errors(lambda: self._look(opened)))

    def on_saved(self) -> None:
        """Nobody has judged the new version yet."""
        self._verdict = None
        self.publish_state()

    def on_studies_changed(self) -> None:
        """Somebody may have judged the label."""
        opened = self.context.open_image
        if opened is not None and opened.version is not None:
            self._worker.do(lambda: self.context.reporting_errors(lambda: self._look(opened)))

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def accept(self, comment: str = "", discard: bool = False) -> LabelReview:
        """See :meth:`jlabel.widget.namespaces.LabelerTeam.accept`."""
        opened = self._judged(discard)
        context = self.context
        review = context.manager.accept(opened.image_id, context.tag, opened.version, comment)
        self._done(opened, review, discard)
        return review

    def send_back(self, comment: str, place: Sequence[int] | None = None, discard: bool = False) -> LabelReview:
        """See :meth:`jlabel.widget.namespaces.LabelerTeam.send_back`."""
        opened = self._judged(discard)
        context = self.context
        review = context.manager.send_back(opened.image_id, comment, place, context.tag, opened.version)
        self._done(opened, review, discard)
        return review

    def _judged(self, discard: bool) -> OpenImage:
        with self.context.lock:
            opened = self.context.require_image()
        if opened.version is None:
            raise JlabelError(f"{opened.image_id} has no saved label to judge: save one first")
        self._navigation.check_saved(discard)
        return opened

    def _done(self, opened: OpenImage, review: LabelReview, discard: bool) -> None:
        self._show(opened, review)
        reviewing = self._review.on
        if reviewing:
            self._navigation.next_chosen(discard)
        with self.context.lock:
            stays = opened is self.context.open_image
        if stays:
            self._lease.release()
        if reviewing:
            return
        said = "Accepted" if review.verdict == "accepted" else f"Sent back to {review.author or 'whoever labelled it'}"
        self.context.notify(said)

    def _look(self, opened: OpenImage) -> None:
        self._show(opened, self.context.manager.datastore.reviews.of_image(opened.image_id, opened.tag))

    def _show(self, opened: OpenImage, review: LabelReview | None) -> None:
        with self.context.lock:
            if opened is self.context.open_image:
                self._verdict = review
                self.publish_state()


def _info(review: LabelReview) -> VerdictInfo:
    place: Place | Any = review.place
    return VerdictInfo(
        verdict=review.verdict,
        reviewer=review.reviewer,
        time=review.time.isoformat(timespec="seconds"),
        comment=review.comment,
        place=place,
        version=review.version,
        author=review.author,
    )
