"""Callbacks of a notebook for what happens in a labeler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

from jlabel.labeler.events import DraftChanged, EventName, ImageOpened, LabelSaved, ModelVersionChanged
from jlabel.widget.observing import EventCallbacks

T = TypeVar("T", bound=Callable[..., Any])
Stop = Callable[[], None]


class LabelerEvents:
    """Calls what a notebook registered with :meth:`on` until :meth:`off`."""

    _callbacks: EventCallbacks

    @overload
    def on(self, event: EventName) -> Callable[[T], T]: ...
    @overload
    def on(self, event: Literal["opened"], callback: Callable[[ImageOpened], object]) -> Stop: ...
    @overload
    def on(self, event: Literal["saved"], callback: Callable[[LabelSaved], object]) -> Stop: ...
    @overload
    def on(self, event: Literal["changed"], callback: Callable[[DraftChanged], object]) -> Stop: ...
    @overload
    def on(self, event: Literal["version"], callback: Callable[[ModelVersionChanged], object]) -> Stop: ...
    def on(self, event: str, callback: Callable[..., object] | None = None) -> Any:
        """Call something when an event happens; as a decorator too: ``@labeler.on("saved")``.

        Callbacks are called on a thread for them, one event after the other. What they print, and their errors, appear
        in the cell that registered them; errors go to the log outside of notebooks, and disturb nothing else.

        Args:
            event: ``"opened"`` (:class:`~jlabel.labeler.events.ImageOpened`), ``"saved"``
                (:class:`~jlabel.labeler.events.LabelSaved`), ``"changed"``
                (:class:`~jlabel.labeler.events.DraftChanged`) or ``"version"``
                (:class:`~jlabel.labeler.events.ModelVersionChanged`).
            callback: Gets the event.

        Returns:
            How to stop that: call it. As a decorator the function itself, which :meth:`off` stops.

        Raises:
            JlabelError: There is no such event.

        Examples:
            >>> import threading
            >>> labeler = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu").labeler("case_0")
            >>> heard, done = [], threading.Event()
            >>> @labeler.on("saved")
            ... def note(saved):
            ...     heard.append((saved.image_id, saved.tag, saved.version))
            ...     done.set()
            >>> labeler.save()
            'case_0'
            >>> done.wait(10), heard
            (True, [('case_0', 'final', 1)])
            >>> labeler.off("saved", note)
            >>> labeler.close()
        """
        if callback is not None:
            return self._callbacks.add(event, callback)

        def register(function: T) -> T:
            self._callbacks.add(event, function)
            return function

        self._callbacks.check(event)
        return register

    def off(self, event: EventName, callback: Callable[..., object]) -> None:
        """Call it no more when an event happens.

        Raises:
            JlabelError: There is no such event.
        """
        self._callbacks.remove(event, callback)
