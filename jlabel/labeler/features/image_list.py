"""The list of images in the labeler: pages of it as the person scrolls and searches."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from jlabel.datastores import ImageEntry, ImageOrder, ScoreKey, ScoreSet, TagFilter
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.features.strategy_scores import strategy_scores
from jlabel.labeler.protocol import image_list_messages
from jlabel.labeler.protocol.image_list_messages import ImageRow, Images, RowTag

_MOST = 100
# Who types into the search field asks many times a second.
_SECONDS_BETWEEN_LOOKS = 2.0


class ImageList(Feature):
    """Answers each question of a page for a part of the list, on a thread of its own.

    The first part is told again after a look for images that have come since.
    """

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._worker = SerialWorker("jlabel-gallery")
        self._looker = SerialWorker("jlabel-looking")
        self._looked = -_SECONDS_BETWEEN_LOOKS

    def message_handlers(self) -> Handlers:
        """A page's question for a part of the list."""
        return {image_list_messages.BrowseImages: self._on_browse}

    def close(self) -> None:
        """End the thread."""
        self._worker.close()
        self._looker.close()

    def _on_browse(self, ask: image_list_messages.BrowseImages, _: Any) -> None:
        self._worker.do(lambda: self.context.reporting_errors(lambda: self._browse(ask)))

    def _browse(self, ask: image_list_messages.BrowseImages) -> None:
        told = self._tell(ask, None)
        if ask.offset == 0 and not ask.again and time.monotonic() - self._looked >= _SECONDS_BETWEEN_LOOKS:
            # The list was opened, or asked for anew: what has come into the folder since is told too.
            self._looked = time.monotonic()
            self._looker.do(lambda: self.context.reporting_errors(lambda: self._look(ask, told)))

    def _look(self, ask: image_list_messages.BrowseImages, told: Images) -> None:
        datastore = self.context.manager.datastore
        before = datastore.count_images()
        datastore.refresh()
        self._tell(ask, told)
        if datastore.count_images() != before:
            self.context.recount_images()

    def _tell(self, ask: image_list_messages.BrowseImages, told: Images | None) -> Images:
        """Answer a question, unless the answer has been told already."""
        context, limit = self.context, min(_MOST, ask.limit)
        datastore = context.manager.datastore
        scores = strategy_scores(context.manager, context.strategy)
        key = None if scores is None else ScoreKey(scores.method, scores.model, scores.version)
        order: ImageOrder = "id" if key is None else ask.order
        least = None if key is None else ask.least_score
        # A datastore of an author's own may not know of tags.
        tagged = {} if ask.tagged is None else {"tagged": TagFilter(ask.tagged.name, ask.tagged.value)}
        page = datastore.browse(ask.search, ask.state, ask.offset, limit, context.own_tag, key, order, least, **tagged)
        names = {one.name for one in context.manager.app.tags}
        answer = Images(
            client=ask.client,
            request=ask.request,
            offset=ask.offset,
            total=page.total,
            entries=[image_row(entry, names) for entry in page.entries],
            notes=datastore.notes(),
            scores=None if scores is None else _name_of(scores),
        )
        if answer != told:
            with context.lock:
                context.publish(answer)
        return answer


def _name_of(scores: ScoreSet) -> str:
    return f"{scores.method}, version {scores.version}" if scores.version else scores.method


def image_row(entry: ImageEntry, names: Collection[str] = ()) -> ImageRow:
    """An entry of the list as the pages take it; the time in ISO 8601, and the tags of the classifications named."""
    state: Any = entry.state
    return ImageRow(
        id=entry.image_id,
        state=state,
        draft=entry.draft,
        author=entry.author,
        time=entry.time.isoformat(timespec="seconds") if entry.time is not None else None,
        score=entry.score,
        tags=[
            RowTag(name=one.classification, value=value, by_person=one.by_person, probability=one.probability)
            for one in entry.tags
            for value in one.values
            if one.classification in names
        ],
        work=entry.work,
        holder=entry.holder,
    )
