"""The loop of active learning with CVAT: chosen images go out, labels come back, the model learns, and it goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from jlabel.active_learning.reports import SendReport
from jlabel.active_learning.settings import LoopSettings
from jlabel.active_learning.status import LoopStatus
from jlabel.active_learning.steps import LoopSteps
from jlabel.cvat import Cvat
from jlabel.errors import Cancelled, CvatError, DatastoreError, JlabelError, JobError
from jlabel.manager import AppManager
from jlabel.progress import NO_PROGRESS, Progress

logger = logging.getLogger(__name__)

_WAIT = 0.5


class AnnotationLoop(LoopSteps):
    """Active learning with a CVAT server, round by round.

    The images that a strategy chooses go out as a round, people annotate them there, their labels come back as versions
    of who drew them, the model learns from them and chooses the next round.

    What is out and what came back is kept in the catalogue of the studies: a loop that was stopped or killed, or is
    begun again by another kernel, goes on where it was. One loop at a time works on a project.

    Args:
        manager: Whose studies.
        server: The CVAT server.
        settings: How the loop goes.

    Raises:
        TaskError: No such strategy or train task.
        DatastoreError: The datastore keeps no record of tasks.

    Examples:
        >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
        >>> cvat = jlabel.Cvat("http://localhost:8080", token="abc")
        >>> loop = jlabel.AnnotationLoop(manager, cvat, jlabel.LoopSettings("livers", strategy="first", top_k=2))
        >>> loop
        AnnotationLoop: livers at http://localhost:8080, round 0
        >>> loop.status().next_step
        'send() begins the next round'
        >>> manager.close()
    """

    def __init__(self, manager: AppManager, server: Cvat, settings: LoopSettings) -> None:
        super().__init__(manager, server, settings)
        self._ended = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether it goes on by itself."""
        return self._thread is not None and self._thread.is_alive()

    def step(self, progress: Progress = NO_PROGRESS) -> bool:
        """One turn: fetch what is done, begin a training or a scoring where one is due, send a round where one may be.

        Returns:
            Whether anything has happened.

        Raises:
            CvatError: The server cannot be reached, or refuses.
            TaskError: Another loop works on the project, or the strategy failed.
        """
        with self._turn:
            pulled = self.pull(progress)
            before, _ = self._learner.at_work()
            training = self._learner.train()
            came_back = pulled.saved or pulled.kept_both or pulled.tagged or pulled.lost
            happened = bool(came_back) or (before is None) != (training is None)
            scoring = self._learner.score() if training is None else None
            sent = SendReport()
            # A round that the newest model could choose better is waited for.
            if not self._is_over() and (training is None and scoring is None):
                sent = self.send(progress=progress)
            return happened or bool(sent.images)

    def run(self, progress: Progress = NO_PROGRESS, tell: Callable[[LoopStatus], object] | None = None) -> LoopStatus:
        """Go on until all rounds are done, all images are labelled, or :meth:`stop` is called; errors are told and
        waited out, as long as they may pass by themselves.

        Args:
            progress: Can cancel it.
            tell: Called with the status after each turn.

        Returns:
            How it stands then.

        Raises:
            TaskError: Another loop works on the project, or the strategy failed.
            Cancelled: ``progress`` cancelled it.
        """
        shortest, longest = self.settings.poll
        pause = shortest
        self._ended.clear()
        try:
            while not self._ended.is_set():
                happened = self._turn_of(progress)
                if tell is not None:
                    tell(self.status())
                if self._is_finished():
                    break
                pause = shortest if happened or self._works() else min(longest, pause * 1.5)
                self._sleep(pause, progress)
        finally:
            self._lease.give_up()
        return self.status()

    def start(self) -> None:
        """Go on by itself in the background, until :meth:`stop` is called or all is done."""
        if self.running:
            return
        self._thread = threading.Thread(target=self._in_background, name="jlabel-cvat-loop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop going on by itself; what is out stays out, and the next start goes on with it."""
        self._ended.set()
        self._woken.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        self._thread = None
        self._lease.give_up()

    def wake(self) -> None:
        """Look at the server now, and not only when the next look is due: something has happened there.

        A web server of yours may call it for the webhooks of a project in CVAT, once
        :func:`jlabel.cvat.webhooks.check_signature` has found that one comes from there.
        """
        self._woken.set()

    def _turn_of(self, progress: Progress) -> bool:
        try:
            happened = self.step(progress)
        except (CvatError, DatastoreError, JobError) as error:
            # A server that is away or is upgraded comes back, and there is room on a disk again.
            self._problem = str(error)
            self.server.connection.forget_version()
            logger.warning("%s", error)
            return False
        self._problem = ""
        return happened

    def _in_background(self) -> None:
        progress = Progress(check=self._check_ended)
        try:
            self.run(progress)
        except Cancelled:
            pass
        except JlabelError as error:
            self._problem = str(error)
            logger.warning("the loop has stopped: %s", error)
        except Exception as error:
            self._problem = f"the loop has stopped: {type(error).__name__}: {error}"
            logger.exception("the loop has stopped")

    def _check_ended(self) -> None:
        if self._ended.is_set():
            raise Cancelled("the loop was stopped")

    def _sleep(self, seconds: float, progress: Progress) -> None:
        left = seconds
        while left > 0 and not self._ended.is_set() and not self._woken.wait(min(left, _WAIT)):
            progress.check()
            left -= _WAIT
        self._woken.clear()
