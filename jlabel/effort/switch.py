"""Whether what labeling costs is logged: kept with the studies, for everybody who works on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jlabel.datastores import Datastore

_KEY = "log_effort"


class EffortSwitch:
    """On unless somebody has switched it off.

    Args:
        datastore: Keeps it.

    Attributes:
        on: As it was seen last.
    """

    def __init__(self, datastore: Datastore) -> None:
        self._datastore = datastore
        self.on = True
        self.look()

    def look(self) -> bool:
        """Look at what is kept now; returns whether it is another than before.

        Raises:
            DatastoreError: It cannot be read.
        """
        return self._take(self._datastore.setting(_KEY))

    def turn(self, on: bool) -> None:
        """Switch it for everybody.

        Raises:
            DatastoreError: It cannot be kept; nothing has changed then.
        """
        self._take(self._datastore.change_setting(_KEY, lambda now: {**(now or {}), "on": on}))

    def _take(self, kept: Mapping[str, Any] | None) -> bool:
        before, self.on = self.on, (kept or {}).get("on") is not False
        return before != self.on
