"""Where an item of an app was said: in which file and line, or as an override."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jlabel.apps.app_file.ids import lies_in
from jlabel.apps.app_file.lines import depth_and_line
from jlabel.errors import ConfigError


class Places:
    """The files of an app and the ids that were overridden.

    Args:
        files: In the order in which they are merged: a later one wins.
        overrides: What was overridden, by id.
    """

    def __init__(self, files: Sequence[Path], overrides: Mapping[str, object]) -> None:
        self.files = files
        self.overrides = overrides

    def of(self, id: str) -> tuple[Path | None, int | None]:
        """File and line of an item, or of the nearest one around it; no file where it is an override."""
        if self.is_overridden(id):
            return None, None
        found = [(depth_and_line(file, id) or (0, 0), file) for file in reversed(self.files)]
        (depth, line), file = max(found, key=lambda one: one[0][0])
        return file, line if depth else None

    def is_overridden(self, id: str) -> bool:
        """Whether an override gave the item, or what it lies in."""
        return bool(id) and any(lies_in(id, one) for one in self.overrides)

    def error(self, reason: str, id: str = "") -> ConfigError:
        """An error about an item, with its place."""
        file, line = self.of(id)
        return ConfigError(reason if file is not None else f"{reason} (an override)", file, line, id)
