"""Two loops on one project keep out of each other's way: who works holds a lease, and renews it."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore
from jlabel.errors import TaskError
from jlabel.files.json_values import finite

_LASTS = 120.0  # seconds after which a holder that was killed is given up
# Who works on each project in this process: a cell that is run again begins a new loop in the place of the one before.
_here: dict[str, str] = {}


class Lease:
    """The right to work on a project, one holder at a time.

    Args:
        datastore: Where it is kept.
        place: The project.
    """

    def __init__(self, datastore: Datastore, place: str) -> None:
        self._datastore = datastore
        self._name = f"lease {place}"
        self._me = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._renewed = 0.0
        _here[self._name] = self._me

    def hold(self) -> None:
        """Take it, or renew it.

        Raises:
            TaskError: Somebody else holds it.
        """
        if _here.get(self._name) != self._me:
            raise TaskError("a newer loop of this process works on the project: go on with that one")
        now = time.time()
        # Each step asks; one write in a while is enough.
        if 0 <= now - self._renewed < _LASTS / 8:
            return
        self._datastore.change_setting(self._name, lambda held: self._taken(held, now))
        self._renewed = now

    def give_up(self) -> None:
        """Let others have it."""
        self._renewed = 0.0
        self._datastore.change_setting(
            self._name, lambda held: None if held is None or held.get("holder") == self._me else held
        )

    def _taken(self, held: Mapping[str, Any] | None, now: float) -> Mapping[str, Any]:
        holder = str(held.get("holder", "")) if held else ""
        until = finite(held.get("until")) if held else None
        if holder and until is not None and now < until <= now + 2 * _LASTS and _is_another(holder):
            host, number = _parts(holder)
            raise TaskError(
                f"another loop works on this project (on {host}, process {number}): stop it first; one that was killed "
                f"on another machine is given up after {_LASTS:g} seconds"
            )
        return {"holder": self._me, "until": now + _LASTS}


def _is_another(holder: str) -> bool:
    """Whether another process holds the lease, and may be at work: of this machine it is known."""
    host, number = _parts(holder)
    if host != socket.gethostname() or not number.isdecimal():
        return True
    if int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _parts(holder: str) -> tuple[str, str]:
    host, _, rest = holder.partition(":")
    return host, rest.partition(":")[0]
