"""Labelers that a cell shows inside other widgets, such as VBox, Tab and Output: their still picture is shown too."""

from __future__ import annotations

import sys
import threading
from typing import Any, Protocol
from weakref import WeakKeyDictionary, WeakSet

from ipywidgets import Output, Widget
from ipywidgets.widgets.widget import _instances

from jlabel.widget.lifetime import current_cell_run

_VIEW = "application/vnd.jupyter.widget-view+json"


class Pictured(Protocol):
    """A widget that has a still picture for readers without a kernel."""

    comm: Any

    def show_picture(self) -> None:
        """Show the picture in the cell that runs."""


_known: WeakSet[Any] = WeakSet()
# In which run of a cell the picture of a widget was shown last; in which outputs the widget is.
_shown_in: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_captured_by: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
_displayed: set[str] = set()
_now: set[str] = set()
_followed: WeakSet[Any] = WeakSet()


def follow(widget: Pictured) -> None:
    """Show its picture in every cell that shows it inside another widget; nothing outside of notebooks."""
    shell = _shell()
    if shell is None:
        return
    _known.add(widget)
    # The hook is one of the thread that registers it, and cells run on this one.
    if shell not in _followed and threading.current_thread() is threading.main_thread():
        _followed.add(shell)
        shell.display_pub.register_hook(_note)
        shell.events.register("post_run_cell", _cell_ended)


def shown(widget: Pictured) -> bool:
    """The widget itself is displayed in the cell that runs; whether its picture may be shown there at once.

    What an :class:`ipywidgets.Output` captures is no part of a saved cell: the picture waits for the output's own cell.
    """
    outputs = {one.model_id for one in list(_instances.values()) if isinstance(one, Output) and one.msg_id}
    if outputs:
        _captured_by.setdefault(widget, set()).update(outputs)
        return False
    _remember(widget)
    return True


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    return shell if hasattr(shell, "kernel") else None


def _note(message: Any) -> Any:
    """A display passes by: which widget it shows."""
    view = message.get("content", {}).get("data", {}).get(_VIEW)
    if isinstance(view, dict) and view.get("model_id"):
        _now.add(view["model_id"])
    return message


def _cell_ended(result: Any) -> None:
    here = _now | ({result.result.model_id} if isinstance(result.result, Widget) and result.result.comm else set())
    _now.clear()
    _displayed.update(here)
    run = current_cell_run()
    for widget in list(_known):
        if widget.comm is None or (run is not None and _shown_in.get(widget) == run.run):
            continue
        roots = here if widget in _shown_in else _displayed
        if any(_holds(_instances.get(root), widget, set()) for root in roots):
            _remember(widget)
            widget.show_picture()


def _remember(widget: Pictured) -> None:
    run = current_cell_run()
    _shown_in[widget] = run.run if run is not None else ""


def _holds(outer: Any, widget: Pictured, seen: set[str]) -> bool:
    """Whether a widget holds another one, as a child or a child's child, or as what an output has captured."""
    if not isinstance(outer, Widget) or outer is widget or outer.comm is None or outer.model_id in seen:
        return False
    seen.add(outer.model_id)
    inner = [one for name in outer.keys for one in _widgets_in(getattr(outer, name))]
    captured = outer.model_id in _captured_by.get(widget, ())
    return captured or any(one is widget or _holds(one, widget, seen) for one in inner)


def _widgets_in(value: Any) -> list[Any]:
    if isinstance(value, Widget):
        return [value]
    if isinstance(value, list | tuple):
        return [one for one in value if isinstance(one, Widget)]
    return [one for one in value.values() if isinstance(one, Widget)] if isinstance(value, dict) else []
