"""What a simulated project has done so far: lines of JSON in its folder, each written once and never changed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jlabel.errors import TaskError
from jlabel.files.file_operations import make_folder
from jlabel.files.json_values import parse_json
from jlabel.files.plain_files import open_file
from jlabel.jobs.locks import take_lock

_SETTINGS = "settings"

Row = dict[str, Any]


class ProjectLog:
    """The lines of one project, held by one process at a time.

    A line that a kill has cut short is taken away, and what it told of is done again.

    Args:
        file: Where the lines are.
        settings: What the project is, JSON values; kept in the first line.

    Raises:
        TaskError: The folder has another project, another process is at it, or the lines cannot be read.
    """

    def __init__(self, file: Path, settings: Mapping[str, Any]) -> None:
        self._file = file
        make_folder(file.parent)
        self._lock = take_lock(file.with_suffix(".lock"))
        if self._lock is None:
            raise TaskError(f"{file.parent}: another process is simulating in this folder; give another one")
        try:
            #: All lines but the first, the oldest first.
            self.rows: list[Row] = self._whole_rows()
            self._begin(dict(settings))
        except BaseException:
            self.close()
            raise

    def add(self, kind: str, **values: Any) -> Row:
        """Write a line; once this returns, it survives a kill and a power cut."""
        row = {"kind": kind, **values}
        with os.fdopen(open_file(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as out:
            out.write(json.dumps(row).encode() + b"\n")
            out.flush()
            os.fsync(out.fileno())
        self.rows.append(row)
        return row

    def of(self, kind: str) -> list[Row]:
        """The lines of one kind, the oldest first."""
        return [row for row in self.rows if row["kind"] == kind]

    def close(self) -> None:
        """Let another process go on."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _begin(self, settings: Row) -> None:
        if not self.rows:
            self.add(_SETTINGS, **settings)
        kept = {key: value for key, value in self.rows.pop(0).items() if key != "kind"}
        settings = json.loads(json.dumps(settings))
        if kept != settings:
            other = sorted(key for key in {*kept, *settings} if kept.get(key) != settings.get(key))
            said = ", ".join(f"{key} {str(kept.get(key))[:80]!r}" for key in other)
            raise TaskError(f"{self._file.parent} has another simulated project, with {said}: give another folder")

    def _whole_rows(self) -> list[Row]:
        if not self._file.exists():
            return []
        with os.fdopen(open_file(self._file), "rb") as file:
            data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with os.fdopen(open_file(self._file, os.O_RDWR), "r+b") as out:
                out.truncate(whole)
        rows = []
        for number, line in enumerate(data[:whole].splitlines(), 1):
            try:
                row = parse_json(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
                raise TaskError(f"{self._file}: line {number} is not one that a simulation has written")
            rows.append(row)
        if rows and rows[0]["kind"] != _SETTINGS:
            raise TaskError(f"{self._file}: it does not begin with the settings of a simulation")
        return rows
