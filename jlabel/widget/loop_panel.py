"""A loop of active learning in its cell: rounds, who works on them, the model's curve and what comes next; live, and
as a still text for readers without a kernel."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from weakref import WeakValueDictionary

import traitlets
from IPython.core.interactiveshell import InteractiveShell

from jlabel.active_learning import AnnotationLoop, LoopStatus
from jlabel.errors import JlabelError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.features.static_picture import NO_VIEW
from jlabel.widget.assets import front_end
from jlabel.widget.comm.subshell_comm import SubshellWidget
from jlabel.widget.lifetime import current_cell_run, forget, in_thread, register
from jlabel.widget.loop_actions import ACTIONS, LoopActions

logger = logging.getLogger(__name__)

_SECONDS_BETWEEN_LOOKS = 1.0
_PART_OF_THE_TIME = 0.1  # that looking may take, where the studies are many or their disk is far away
_SECONDS_BETWEEN_STILLS = 10.0
# By the loop, which its panel keeps: no other object has its id meanwhile.
_panels: WeakValueDictionary[int, LoopPanel] = WeakValueDictionary()


def show_loop(loop: AnnotationLoop) -> bool:
    """Show the loop in the cell that runs; False where there is no notebook to show it in."""
    if not InteractiveShell.initialized() or not hasattr(InteractiveShell.instance(), "kernel"):
        return False
    panel = _panels.get(id(loop))
    if panel is None or panel.comm is None:
        panel = _panels[id(loop)] = LoopPanel(loop)
    panel.show()
    return True


class LoopPanel(SubshellWidget):
    """The live panel of one loop.

    Args:
        loop: The loop.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    def __init__(self, loop: AnnotationLoop) -> None:
        self.loop = loop
        self._actions = LoopActions(loop, self._look_now)
        self._worker = SerialWorker("jlabel-looppanel")
        self._waits = self._shown = self._watched = False
        self._due = 0.0
        self._status: LoopStatus | None = None
        self._unread = self._told = ""
        self._still: tuple[str, str, float] = ("", "", 0.0)
        self._cells: set[str] = set()
        script, style = front_end("looppanel")
        super().__init__(_esm=script, _css=style)
        self.on_msg(self._on_message)
        self._end = TICKER.add(self._beat)

    def __repr__(self) -> str:
        return f"LoopPanel: {self.loop!r}"

    def _ipython_display_(self) -> None:
        self.show()

    def show(self) -> None:
        """Show the panel in the cell that runs, and beside it what readers without a kernel see."""
        register(self)
        here = current_cell_run()
        self._cells |= {here.cell} if here is not None else set()
        self._read()
        publisher = InteractiveShell.instance().display_pub
        live = self._repr_mimebundle_()
        if live is not None:
            publisher.publish(*live)
        still = self._bundle()
        publisher.publish(still, {}, transient={"display_id": self._display_id})
        self._still = (still["text/html"], self._next_step, time.monotonic())
        self._shown = True

    def supersede(self) -> None:
        """Its cell has run again and made another: end, unless another cell shows this one too."""
        if len(self._cells) <= 1:
            in_thread(self.close)

    def close(self) -> None:
        """Take the panel off the page; the loop goes on."""
        self._end()
        forget(self)
        super().close()
        self._actions.close()
        self._worker.close()

    # Looking at the loop, which takes a while: on a thread of its own, from which all is sent, too.

    def _beat(self) -> None:
        if not self._waits and self.comm is not None:
            self._waits = True
            self._worker.do(self._look)

    def _look_now(self) -> None:
        # An action may end after the panel.
        if self.comm is not None:
            self._due = 0.0
            # What has begun and ended meanwhile, and said the same as before, is told too: pages wait for an answer.
            self._worker.do(lambda: self._look(tell=True))

    def _look(self, tell: bool = False, whole: bool = False) -> None:
        self._waits = False
        try:
            due = time.monotonic() >= self._due
            if due:
                self._read()
            # A page whose first message waits for a running cell sees the loop nevertheless.
            self._tell(tell or whole or (due and not self._watched))
            self._renew(whole)
        except Exception:
            logger.exception("the panel of a loop failed")

    def _read(self) -> None:
        begun = time.monotonic()
        try:
            self._status, self._unread = self.loop.status(), ""
        except JlabelError as error:
            self._unread = f"how the loop stands cannot be read: {error}"
        except Exception as error:
            if not self._unread:
                logger.exception("the status of a loop failed")
            self._unread = f"how the loop stands cannot be read: {type(error).__name__}: {error}"
        now = time.monotonic()
        self._due = now + max(_SECONDS_BETWEEN_LOOKS, (now - begun) / _PART_OF_THE_TIME)

    def _tell(self, always: bool) -> None:
        """Send the loop as it is now to the pages, if they do not know it so."""
        loop = None if self._status is None else _finite(self._status.to_json())
        content = {"type": "loop", "id": self.model_id, "loop": loop, **self._actions.state()}
        content["error"] = content["error"] or self._unread
        text = json.dumps(content)
        if always or text != self._told:
            self._told = text
            self.send(content)

    def _renew(self, whole: bool) -> None:
        """Renew the still text in the notebook: whenever another step comes next, else now and then."""
        text, step, last = self._still
        bundle, now = self._bundle(), time.monotonic()
        changed = self._shown and bundle["text/html"] != text
        if changed and (step != self._next_step or now - last > _SECONDS_BETWEEN_STILLS):
            self._still = (bundle["text/html"], self._next_step, now)
            publisher = InteractiveShell.instance().display_pub
            publisher.publish(bundle, {}, transient={"display_id": self._display_id}, update=True)
            whole = True
        if whole:
            # A page that was reloaded knows no display by its id any more: it finds the text by what is in it.
            self.send({"type": "still", "data": bundle})

    @property
    def _next_step(self) -> str:
        return "" if self._status is None else self._status.next_step

    @property
    def _display_id(self) -> str:
        return f"jlabel-loop-{self.model_id}"

    def _bundle(self) -> dict[str, Any]:
        status = self._status
        text = self._unread if status is None else str(status)
        html = f"<p>{escape(self._unread)}</p>" if status is None else status._repr_html_()
        return {
            "text/plain": text,
            "text/html": f'<div data-jlabel-loop="{escape(self.model_id)}">{html}</div>',
            "application/vnd.jupyter.widget-view+json": NO_VIEW,
        }

    # Messages from the browser. They come on the thread for widgets and return at once.

    def _on_message(self, _: Any, ask: Any, __: Sequence[Any]) -> None:
        kind = str(ask.get("type")) if isinstance(ask, dict) else ""
        if kind == "hello":
            self._watched = True
            self._worker.do(lambda: self._look(whole=True))
        elif kind == "cancel":
            self._actions.cancel()
        elif kind in ACTIONS:
            self._actions.ask(kind)
        else:
            logger.warning("unknown message from the browser: %r", ask)


def _finite(value: Any) -> Any:
    """The same JSON values with nothing where a number is none that JSON can hold."""
    if isinstance(value, Mapping):
        return {str(name): _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
