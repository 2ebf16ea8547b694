"""A job steps back behind what the person does, also where Linux shares the processor out to sessions."""

from __future__ import annotations

import os
import time
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")
# Linux takes one change in a tenth of a second, of all processes together.
_TRIES, _PAUSE = 20, 0.1


def step_back(by: int) -> None:
    """Be less urgent than other processes.

    Args:
        by: How much nicer this process becomes; 0 and below change nothing.
    """
    os.nice(max(0, by))
    weigh_session()


def weigh_session() -> None:
    """Give the session that this process leads the niceness of the process.

    Linux on a desktop gives every session the same share of the processor (sched(7), "The autogroup feature"): a
    niceness counts within its session alone. A training in a session of its own would then take half of a core from a
    network that answers a click with all cores, which waits for its slowest thread at every layer: seconds instead of
    a quarter of one. Nothing happens on other systems.
    """
    niceness = os.nice(0)
    if niceness <= 0 or os.getsid(0) != os.getpid():
        return
    for _ in range(_TRIES):
        try:
            _AUTOGROUP.write_text(str(niceness))
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:
            return
        else:
            return
