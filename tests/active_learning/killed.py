"""A loop in a process that is killed at a chosen request, or at any moment."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any


def run_loop(studies: str, url: str, die_at: int, after: bool, settings: dict[str, Any]) -> None:
    """Go on with the loop until all is labelled, or until the process kills itself.

    Args:
        studies: The folder.
        url: Of the server.
        die_at: At which request to the server, from 1 on; 0 for none.
        after: Whether the request is carried out before.
        settings: Of the loop.
    """
    import httpx

    import jlabel
    from jlabel.active_learning import AnnotationLoop, LoopSettings
    from jlabel.manager import AppManager

    asked = httpx.Client.request
    count = 0

    def request(self: httpx.Client, *args: Any, **given: Any) -> httpx.Response:
        nonlocal count
        count += 1
        if count == die_at and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = asked(self, *args, **given)
        if count == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx.Client.request = request  # type: ignore[method-assign]
    manager = AppManager(jlabel.LabelApp(Path(studies), labels=["polyp", "tool"]), device="cpu")
    cvat = jlabel.Cvat(url, username="ann", password="ann-pass")
    AnnotationLoop(manager, cvat, LoopSettings(**settings)).run()
    cvat.close()
    manager.close()
