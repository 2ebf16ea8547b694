"""A job in its cell: state, bar, curves, log, cancel and resume; live, and as a still text for other readers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakValueDictionary

import msgspec
import traitlets
from IPython.core.interactiveshell import InteractiveShell

from jlabel.errors import JlabelError
from jlabel.jobs import Job
from jlabel.labeler.background.job_updates import JobUpdates, job_info
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.features.static_picture import NO_VIEW
from jlabel.widget.assets import front_end
from jlabel.widget.comm.subshell_comm import SubshellWidget

logger = logging.getLogger(__name__)

_LOG_BYTES = 1 << 16
_SECONDS_BETWEEN_STILLS = 10.0
_panels: WeakValueDictionary[str, JobPanel] = WeakValueDictionary()


def show_job(job: Job, resume: Callable[[Job], Job]) -> bool:
    """Show the job in the cell that runs; False where there is no notebook to show it in.

    Args:
        job: The job.
        resume: How to go on with it once it has failed or was cancelled.
    """
    if not InteractiveShell.initialized() or not hasattr(InteractiveShell.instance(), "kernel"):
        return False
    key = str(job.folder.path)
    panel = _panels.get(key)
    if panel is None or panel.comm is None:
        panel = _panels[key] = JobPanel(job, resume)
    panel.show()
    return True


class JobPanel(SubshellWidget):
    """The live panel of one job; it follows the job whichever kernel began it.

    Args:
        job: The job.
        resume: How to go on with it once it has failed or was cancelled.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    def __init__(self, job: Job, resume: Callable[[Job], Job]) -> None:
        self.job = job
        self._resume = resume
        self._news = JobUpdates(job)
        self._worker = SerialWorker("jlabel-jobpanel")
        self._watched = self._shown = False
        self._still: tuple[str, float] = ("", 0.0)
        script, style = front_end("jobpanel")
        super().__init__(_esm=script, _css=style)
        self.on_msg(self._on_message)
        self._news.look()
        self._end = TICKER.add(self._look)

    def __repr__(self) -> str:
        return f"JobPanel: {self.job!r}"

    def _ipython_display_(self) -> None:
        self.show()

    def show(self) -> None:
        """Show the panel in the cell that runs, and beside it what readers without a kernel see."""
        publisher = InteractiveShell.instance().display_pub
        bundle = self._repr_mimebundle_()
        if bundle is not None:
            publisher.publish(*bundle)
        publisher.publish(self._bundle(), {}, transient={"display_id": self._display_id})
        self._shown = True

    def close(self) -> None:
        """Take the panel off the page; the job goes on."""
        self._end()
        self._worker.close()
        super().close()

    def tell(self, whole: bool = False) -> None:
        """Send the job as it is now to the pages, and the epochs that they have not seen."""
        self.send(
            {
                "type": "job",
                "job": msgspec.to_builtins(job_info(self.job)),
                "rows": self._news.rows(whole),
                "whole": whole,
            }
        )

    def _look(self) -> None:
        if self._news.look():
            # A page whose first message waits for a running cell sees the job nevertheless.
            self.tell(whole=not self._watched)
            self._renew()

    def _renew(self) -> None:
        """Renew the still text in the notebook: whenever the state has changed, else now and then."""
        state, last = self._still
        now = time.monotonic()
        if self._shown and (state != self.job.state or now - last > _SECONDS_BETWEEN_STILLS):
            self._still = (self.job.state, now)
            publisher = InteractiveShell.instance().display_pub
            publisher.publish(self._bundle(), {}, transient={"display_id": self._display_id}, update=True)
            self._send_still()

    def _send_still(self) -> None:
        # A page that was reloaded knows no display by its id any more: it finds the text by what is in it.
        self.send({"type": "still", "data": self._bundle()})

    @property
    def _display_id(self) -> str:
        return f"jlabel-job-{self.model_id}"

    def _bundle(self) -> dict[str, Any]:
        return {**self.job._repr_mimebundle_(), "application/vnd.jupyter.widget-view+json": NO_VIEW}

    # Messages from the browser. They come on the thread for widgets and return at once.

    def _on_message(self, _: Any, ask: Any, __: Sequence[Any]) -> None:
        work = {
            "hello": self._on_hello,
            "cancel": self.job.cancel,
            "resume": lambda: self._resume(self.job),
            "log": self._send_log,
        }.get(str(ask.get("type")) if isinstance(ask, dict) else "")
        if work is None:
            logger.warning("unknown message from the browser: %r", ask)
            return
        self._worker.do(lambda: self._in_words(work))

    def _in_words(self, work: Callable[[], Any]) -> None:
        try:
            work()
        except JlabelError as error:
            self.send({"type": "error", "text": str(error)})
        except Exception as error:
            logger.exception("the panel of a job failed")
            self.send({"type": "error", "text": f"something went wrong: {type(error).__name__}: {error}"})

    def _on_hello(self) -> None:
        self._watched = True
        self.tell(whole=True)
        self._send_still()

    def _send_log(self) -> None:
        self.send({"type": "log", "text": self.job.folder.read_log(_LOG_BYTES)})
