"""Tells those who observe or link a widget's derived traits when their values have changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import traitlets

from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.widget.lifetime import weak_call
from jlabel.widget.observing.derived import Derived
from jlabel.widget.observing.in_cell import InCell

logger = logging.getLogger(__name__)


class ObservableWidget(traitlets.HasTraits):  # type: ignore[misc]
    """A widget with traits that are derived from something else.

    Whoever changes that something calls :meth:`changed_elsewhere`, with whatever lock is held; observers are called on
    a thread for them, one change after the other. Where a trait is set, they are called before that returns.
    """

    _told: dict[str, Any]

    def begin_observing(self, worker: SerialWorker) -> None:
        """From now on changes are told.

        Args:
            worker: Its thread calls the observers of what has changed elsewhere; it ends with :meth:`end_observing`.
        """
        self._worker = worker
        self._telling = threading.RLock()
        self._waits = threading.Event()
        self._later: Callable[[], None] = weak_call(self._tell_later)
        self._told = {name: getattr(self, name) for name in self._derived()}

    def changed_elsewhere(self) -> None:
        """Something may have another value; returns at once."""
        if hasattr(self, "_told") and not self._waits.is_set():
            self._waits.set()
            self._worker.do(self._later)

    def tell_changes(self) -> None:
        """Call the observers of all traits that have another value than they were told."""
        if not hasattr(self, "_told"):
            return
        # One change after the other, but an observer may set another trait.
        with self._telling:
            for name in self._derived():
                old, new = self._told[name], getattr(self, name)
                if new != old:
                    self._told[name] = new
                    self.notify_change(traitlets.Bunch(name=name, old=old, new=new, owner=self, type="change"))

    def show_trait_again(self, name: str) -> None:
        """Tell the pages the value that the trait has: they may show one that was refused."""
        if getattr(self, "comm", None) is not None and name in self.keys:
            self.send_state(name)

    def end_observing(self) -> None:
        """Tell what has changed last, and nothing more."""
        if hasattr(self, "_told"):
            self.tell_changes()
            del self._told
            self._worker.close()

    def observe(self, handler: Callable[..., Any], names: Any = traitlets.All, type: str = "change") -> None:
        """Call ``handler`` when a trait changes; its errors are shown in the cell that asks for it, or in the log."""
        # Those of the class find their method by its name.
        known = isinstance(handler, traitlets.EventHandler)
        super().observe(handler if known else InCell(handler, _is_late), names=names, type=type)

    def unobserve(self, handler: Callable[..., Any], names: Any = traitlets.All, type: str = "change") -> None:
        """Call it no more."""
        super().unobserve(InCell(handler), names=names, type=type)

    def _tell_later(self) -> None:
        self._waits.clear()
        try:
            self.tell_changes()
        except Exception:  # the connection to the pages has gone meanwhile
            logger.exception("a change of the labeler could not be told")

    def _derived(self) -> list[str]:
        return [name for name, trait in self.traits().items() if isinstance(trait, Derived)]


def _is_late(error: Exception, arguments: tuple[Any, ...]) -> bool:
    """A link complains where its source has changed again while it passed the change on; the next change follows."""
    if not arguments:
        return False
    change = arguments[0]
    return isinstance(error, traitlets.TraitError) and getattr(change.owner, change.name, None) != change.new
