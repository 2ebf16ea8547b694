"""People in CVAT's page who draw in whatever task there is, and finish its jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tests.cvat.server import ContractServer

MaskOf = Callable[[str, tuple[int, int]], NDArray[np.bool_]]
_PAUSE = 0.05


class Annotators:
    """They look for new tasks when they are asked, or as a context manager by themselves, until its end.

    Args:
        server: Where they work.
        mask_of: What they draw, from the name of a frame, and its rows and columns.
        label: Of what they draw.
        user: Who they are.
    """

    def __init__(self, server: ContractServer, mask_of: MaskOf, label: str = "polyp", user: str = "bob") -> None:
        self.server = server
        self._mask_of = mask_of
        self._label = label
        self._user = user
        self._done: set[int] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def look(self) -> None:
        """Draw in the tasks that have come since the last look, in the place of a model's masks."""
        with self.server.lock:
            ready = [task for task in self.server.tasks.values() if task.frames and task.id not in self._done]
        for task in ready:
            for number, frame in enumerate(task.frames):
                self.server.erase(task.id, number)
                mask = self._mask_of(frame.name, (frame.height, frame.width))
                self.server.draw(task.id, number, self._label, mask, self._user)
            for job in self.server.jobs_of(task.id, "annotation"):
                self.server.complete(job.id, self._user)
            self._done.add(task.id)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ended.wait(_PAUSE):
            self.look()
