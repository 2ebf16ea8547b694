"""Whether the scores that the strategies go by are there, and computing those that are missing, in the background."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

from jlabel.datastores import ScoreSet
from jlabel.errors import JlabelError
from jlabel.jobs import Job
from jlabel.jobs.report import outcome
from jlabel.labeler.background.job_follower import JobFollower
from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.background.ticker import TICKER
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.protocol import job_messages
from jlabel.labeler.protocol.job_messages import ReadinessInfo, ScoringJob
from jlabel.labeler.protocol.state import State
from jlabel.manager import AppManager
from jlabel.selection.score_sets import newest_scores
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Strategy

# While images are scored in a job, the catalogue changes many times a second.
_SECONDS_BETWEEN_LOOKS = 1.0
_MOST_TEXT = 300
# What a strategy tells those who write Python; in the labeler it is a button.
_CALL = re.compile(r"[:;,]?\s*manager\.score\((['\"])(?P<method>.+?)\1\)")


class StrategyScores(Feature):
    """Looks at the scores on a thread of its own: when a page connects, a strategy is about to be chosen, a label was
    saved, a version published or a job has ended, and at most once a second while scores arrive."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._readiness: dict[str, ReadinessInfo] = {}
        self._worker = SerialWorker("jlabel-scores")
        self._closed = threading.Event()
        self._waits = False
        self._looked = -_SECONDS_BETWEEN_LOOKS
        self._job = JobFollower(context, "score", ScoringJob, self._on_job_ended)
        self._end = TICKER.add(self._job.beat) if context.manager.app.scoring_methods else lambda: None

    def message_handlers(self) -> Handlers:
        """Looking at the strategies; scoring, and stopping that."""
        return {
            job_messages.LookAtStrategies: lambda _, __: self._look_later(),
            job_messages.ScoreImages: lambda ask, _: self._later(lambda: self.score(ask.method)),
            job_messages.CancelScoring: lambda _, __: self._later(self._job.cancel),
            job_messages.ResumeScoring: lambda _, __: self._later(lambda: self._job.resume("is scoring images")),
        }

    def state(self) -> State:
        """``readiness``: of each strategy."""
        return {"readiness": self._readiness}

    def on_page_connected(self, page: str) -> None:
        """Tell a new page how the job stands, and look what there is."""
        self._job.show_to(page)

    def on_models_changed(self) -> None:
        """Scores of a former version may be there, and none of this one; a page has connected, too."""
        self._look_later()

    def on_saved(self) -> None:
        """One image less waits."""
        self._look_later()

    def on_studies_changed(self) -> None:
        """Scores may have arrived."""
        self._look_later()

    def close(self) -> None:
        """Stop following; the job goes on."""
        self._closed.set()
        self._end()
        self._worker.close()

    def score(self, method: str) -> Job:
        """Begin to score by a method, or follow the job that does so already.

        Raises:
            TaskError: It cannot begin: no such method, no model, no image.
        """
        job = self.context.manager.score(method)
        self._job.follow(job)
        return job

    def _later(self, work: Callable[[], Any]) -> None:
        self._worker.do(lambda: self.context.reporting_errors(work))

    def _look_later(self) -> None:
        with self.context.lock:
            if self._waits or self._closed.is_set():
                return
            self._waits = True
        self._worker.do(self._look)

    def _look(self) -> None:
        self._closed.wait(self._looked + _SECONDS_BETWEEN_LOOKS - time.monotonic())
        if self._closed.is_set():
            return
        with self.context.lock:
            self._waits = False
        manager = self.context.manager
        found = {name: readiness(manager, strategy) for name, strategy in manager.app.strategies.items()}
        self._looked = time.monotonic()
        with self.context.lock:
            self._readiness = found
            self.publish_state()

    def _on_job_ended(self, job: Job) -> None:
        said = outcome(job.record())
        if job.state == "done" and said:
            self.context.notify(f"Scores: {said.rstrip('.')}")
        self._look_later()


def strategy_scores(manager: AppManager, name: str) -> ScoreSet | None:
    """The scores that a strategy goes by; None where it goes by none, or there are none yet."""
    strategy = manager.app.strategies.get(name)
    method, model = getattr(strategy, "method", ""), getattr(strategy, "model", "")
    if not isinstance(method, str) or not method:
        return None
    return newest_scores(manager.datastore, method, model if isinstance(model, str) else "")


def readiness(manager: AppManager, strategy: Strategy) -> ReadinessInfo:
    """Whether what a strategy goes by is there, and what would compute it."""
    try:
        text = str(strategy.readiness(manager.datastore))
        method = _method_of(strategy, text)
        scoring = manager.app.scoring_methods.get(method)
        missing = scoring is not None and _is_missing(manager, scoring, method, strategy)
        return ReadinessInfo(
            text=_CALL.sub("", text)[:_MOST_TEXT],
            method=method if missing else "",
            obstacle=_obstacle(scoring) if scoring is not None and missing else "",
        )
    except JlabelError as error:
        return ReadinessInfo(text=str(error)[:_MOST_TEXT], method="", obstacle="")
    except Exception as error:  # noqa: BLE001 - whoever wrote the strategy is to read it, and the others go on
        said = f"{type(strategy).__name__}.readiness failed: {type(error).__name__}: {error}"
        return ReadinessInfo(text=said[:_MOST_TEXT], method="", obstacle="")


def _method_of(strategy: Strategy, text: str) -> str:
    named = getattr(strategy, "method", "")
    found = _CALL.search(text)
    return named if isinstance(named, str) and named else found["method"] if found else ""


def _is_missing(manager: AppManager, scoring: ScoringMethod, method: str, strategy: Strategy) -> bool:
    """Whether images wait that have no score by the version that is in use."""
    if not getattr(strategy, "method", ""):
        return True
    scores = newest_scores(manager.datastore, method, getattr(strategy, "model", ""))
    if scores is None:
        return True
    task = getattr(scoring, "task", None)
    version = task.version_in_use() if task is not None else None
    newer = version is not None and version.number > scores.version
    return newer or scores.waiting < manager.datastore.count_unlabeled()


def _obstacle(scoring: ScoringMethod) -> str:
    task = getattr(scoring, "task", None)
    if task is None or task.is_valid():
        return ""
    return "This needs a trained model: save the labels of a few images, then press Train"
