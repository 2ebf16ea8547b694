"""What a person asks of a loop from its panel: one thing at a time, and what came of it in words."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from jlabel.active_learning import AnnotationLoop, PullReport, SendReport
from jlabel.errors import Cancelled, JlabelError
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.progress import Progress

logger = logging.getLogger(__name__)

ACTIONS = ("start", "stop", "pull", "send")
_MOST_REASONS = 5


class LoopActions:
    """Starts and stops a loop, sends a round and fetches labels, on a thread of its own.

    Args:
        loop: The loop.
        tell: Called whenever an action begins or has ended.
    """

    def __init__(self, loop: AnnotationLoop, tell: Callable[[], object]) -> None:
        self._tell = tell
        self._worker = SerialWorker("jlabel-loop-action")
        self._lock = threading.Lock()
        self._doing = self._said = self._error = ""
        self._fraction = 0.0
        self._cancelled = False
        progress = Progress(self._report, self._check)
        self._work: dict[str, Callable[[], str | None]] = {
            "start": loop.start,
            "stop": loop.stop,
            "pull": lambda: pulled_in_words(loop.pull(progress)),
            "send": lambda: sent_in_words(loop.send(progress=progress)),
        }

    def ask(self, action: str) -> None:
        """Begin one of :data:`ACTIONS`; nothing while another one is under way."""
        with self._lock:
            # It was pressed twice, or in two pages.
            if self._doing:
                return
            self._doing, self._said, self._error = action, "", ""
            self._fraction, self._cancelled = 0.0, False
        self._worker.do(lambda: self._carry_out(action))
        self._tell()

    def cancel(self) -> None:
        """End what is under way as soon as it can end; the next time it goes on from there."""
        self._cancelled = True
        self._tell()

    def state(self) -> dict[str, Any]:
        """What is under way and how far it is, what the last action has done, and why it failed, as JSON values."""
        with self._lock:
            doing = None
            if self._doing:
                known = self._doing in ("pull", "send")
                fraction = round(self._fraction, 2) if known else None
                doing = {"action": self._doing, "progress": fraction, "cancelled": self._cancelled}
            return {"doing": doing, "said": self._said, "error": self._error}

    def close(self) -> None:
        """End the thread after what is under way."""
        self._worker.close()

    def _carry_out(self, action: str) -> None:
        said = error = ""
        try:
            said = self._work[action]() or ""
        except Cancelled:
            said = "It was cancelled; the next time goes on from there."
        except JlabelError as problem:
            error = str(problem)
        except Exception as problem:
            logger.exception("the panel of a loop failed")
            error = f"something went wrong: {type(problem).__name__}: {problem}"
        with self._lock:
            self._doing, self._said, self._error = "", said, error
        self._tell()

    def _report(self, fraction: float) -> None:
        if math.isfinite(fraction):
            self._fraction = min(1.0, max(0.0, float(fraction)))

    def _check(self) -> None:
        if self._cancelled:
            raise Cancelled("it was cancelled in the panel")


def sent_in_words(report: SendReport) -> str:
    """What went out, and what did not."""
    if report.images:
        said = f"Round {report.round} went out with {_count(len(report.images), 'image')}."
    else:
        said = f"Nothing went out: {report.why_not or 'there is nothing to send'}."
    return f"{said} {_reasons('Left out', report.left_out)}" if report.left_out else said


def pulled_in_words(report: PullReport) -> str:
    """What came back, and what did not."""
    said = [f"{_count(len(report.saved), 'new label')} came back." if report.saved else "No new label came back."]
    if report.kept_both:
        said.append(f"{_count(len(report.kept_both), 'image')} had been labelled here meanwhile: both labels are kept.")
    if report.tagged:
        said.append(f"{_count(len(report.tagged), 'image')} {'was' if len(report.tagged) == 1 else 'were'} tagged.")
    if report.tags_kept:
        said.append(_reasons("Tagged here meanwhile, which stays", report.tags_kept))
    if report.unknown_tags:
        names = ", ".join(repr(name) for name in sorted(report.unknown_tags))
        said.append(f"Frames are tagged {names}, of which no tag here has a class.")
    if report.problems:
        said.append("Some labels could not be saved, see below.")
    said += [f"Task {number} is gone from the server: its images can go out again." for number in report.lost]
    return " ".join(said)


def _reasons(what: str, reasons: Mapping[str, str]) -> str:
    shown = [f"{image_id} ({why})" for image_id, why in list(reasons.items())[:_MOST_REASONS]]
    more = len(reasons) - len(shown)
    return f"{what}: {', '.join(shown)}{f' and {more} more' if more else ''}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
