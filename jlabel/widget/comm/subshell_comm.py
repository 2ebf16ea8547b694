"""Sending to the browser in a way that never waits for a running cell."""

from __future__ import annotations

import contextvars
from typing import Any

import anywidget
from ipywidgets.widgets.widget import _instances

from jlabel.widget.lifetime import weak_call


class SubshellWidget(anywidget.AnyWidget):  # type: ignore[misc]
    """A widget whose messages are handled while a cell runs, even after the cell itself has sent some.

    ipykernel hands a browser message to the shell that published last on the widget's comm. After a publish from a cell
    that would be the main shell, which waits for the cell's end; so every publish happens in the context of the last
    browser message, whose shell is the one for widgets.
    """

    _heard_in: contextvars.Context | None = None

    def open(self) -> None:
        """Open the connection to the pages."""
        super().open()
        self._leave_shell_to_messages()
        # ipywidgets keeps every widget for ever: this one is kept only once it is displayed.
        if self.comm is not None:
            self.comm.on_msg(weak_call(self._handle_msg))
            _instances.pop(self.model_id, None)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self.keep()
        return super()._repr_mimebundle_(**options)

    def keep(self) -> None:
        """It is displayed: it stays until it is closed."""
        if self.comm is not None:
            _instances[self.model_id] = self

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        self.keep()
        self._heard_in = contextvars.copy_context()
        super()._handle_msg(msg)

    def _send(self, msg: Any, buffers: Any = None) -> None:
        if self._heard_in is None:
            super()._send(msg, buffers)
        else:
            self._heard_in.copy().run(super()._send, msg, buffers)
        self._leave_shell_to_messages()

    def _leave_shell_to_messages(self) -> None:
        # The shell that ipykernel has noted is that of the cell: without the note a message goes to the shell it names.
        if self.comm is not None:
            self.comm.__dict__.pop("_reply_subshell_id", None)
