"""One request to a model at a time: what is asked, what is in line, and what is late."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from jlabel.errors import Cancelled, JlabelError
from jlabel.tasks import InferResult
from jlabel.widget.doing import Doing
from jlabel.widget.opened import OpenedImage
from jlabel.widget.session import Key

if TYPE_CHECKING:
    from jlabel.manager.queue import Ticket
    from jlabel.widget.desk import Desk


class Requests:
    """The requests of one labeler. The desk's lock guards them.

    Prompts of one session (one structure, one model) replace each other's requests; those of another session wait in
    line, so that none is lost. An answer to a request that was given up is dropped.

    Args:
        desk: Where the answers go.
        ask: Asks for the session of a key, when its turn has come.
    """

    def __init__(self, desk: Desk, ask: Callable[[OpenedImage, Key], None]) -> None:
        self._desk = desk
        self._ask = ask
        self._ticket: Ticket | None = None
        self._key: Key | None = None
        self._doing: Doing | None = None
        self._aside = False
        self._line: list[Key] = []

    @property
    def running(self) -> bool:
        """Whether a model is asked."""
        return self._ticket is not None

    @property
    def running_aside(self) -> bool:
        """Whether a model is asked for something that changes nothing in the draft."""
        return self._ticket is not None and self._aside

    def is_for(self, key: Key) -> bool:
        """Whether what is asked now is for the session of that key."""
        return self._ticket is not None and self._key == key

    def line_up(self, key: Key) -> bool:
        """Wait in line if another session or an automatic model has its turn; returns whether it waits."""
        waits = self._ticket is not None and self._key != key
        if waits and key not in self._line:
            self._line.append(key)
        return waits

    def submit(
        self,
        opened: OpenedImage,
        model: str,
        options: dict[str, Any],
        put: Callable[[InferResult], None],
        failed: Callable[[], None],
        key: Key | None = None,
        aside: bool = False,
    ) -> None:
        """Ask a model, instead of what was asked before.

        Args:
            opened: The image.
            model: Its name.
            options: For :meth:`jlabel.AppManager.submit`.
            put: Takes the answer; called with the lock held.
            failed: Called with the lock held where there is none.
            key: Of the session that it is for; None for an automatic model.
            aside: The answer changes nothing in the draft.
        """
        desk = self._desk
        before, self._ticket = self._ticket, None
        if before is not None:
            before.cancel()
        ticket = desk.manager.submit(model, opened.image_id, frame=opened.image.frame, **options)
        self._ticket, self._key, self._aside = ticket, key, aside
        desk.notice = None
        former, self._doing = self._doing, desk.under_way.begin(f"{model} is running")
        self._end(former)

        def done(future: Future[InferResult]) -> None:
            with desk.lock:
                if self._ticket is not ticket:
                    return
                self._ticket = None
                doing, self._doing = self._doing, None
                if opened is desk.opened:
                    desk.labeler.in_words(lambda: _take(future, put, failed))
                    self._next(opened)
                self._end(doing)
                desk.show_state()

        ticket.future.add_done_callback(done)

    def drop(self, opened: OpenedImage, key: Key) -> None:
        """Give up what is asked, or is in line, for one session."""
        self._line = [one for one in self._line if one != key]
        if self.is_for(key):
            self._give_up()
            self._next(opened)

    def cancel(self) -> None:
        """Give up everything."""
        self._line = []
        self._give_up()

    def _give_up(self) -> None:
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            ticket.cancel()
            doing, self._doing = self._doing, None
            self._end(doing)

    def _end(self, doing: Doing | None) -> None:
        if doing is not None:
            self._desk.under_way.end(doing)

    def _next(self, opened: OpenedImage) -> None:
        while self._line and self._ticket is None:
            key = self._line.pop(0)
            self._desk.labeler.in_words(partial(self._ask, opened, key))


def _take(future: Future[InferResult], put: Callable[[InferResult], None], failed: Callable[[], None]) -> None:
    error = future.exception()
    if error is None:
        put(future.result())
        return
    failed()
    if isinstance(error, Cancelled):
        raise JlabelError("the request was given up: another labeler of this image asked for something else")
    raise error if isinstance(error, JlabelError) else JlabelError(str(error))
