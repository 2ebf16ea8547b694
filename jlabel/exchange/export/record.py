"""``jlabel-export.json`` beside what was exported: who made which version of which label, and what is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jlabel.errors import DatastoreError
from jlabel.exchange.export.item import ExportItem, ExportSet, Written
from jlabel.files.atomic import atomic_write
from jlabel.files.json_values import parse_json

RECORD = "jlabel-export.json"
_NOT_TOLD = ("labels", "label_names")


class ExportRecord:
    """The record of a folder that is exported to.

    Args:
        folder: The folder.
        format: The format.
        settings: What else decides what is written; where it is another, everything is written again.

    Raises:
        DatastoreError: The folder holds something else, or an export of another format.
    """

    def __init__(self, folder: Path, format: str, settings: Mapping[str, Any]) -> None:
        self.folder = folder
        self._format = format
        self._settings = json.loads(json.dumps(settings))
        before = self._read()
        self._before = _images(before) if before.get("settings") == self._settings else {}
        self._former_files = {file for one in _images(before).values() for file in _files(one)}
        self._now: dict[str, dict[str, Any]] = {}
        self._texts: dict[str, str] = {}

    def known(self, item: ExportItem) -> Written | None:
        """What was written for an image, where neither image nor label has changed since and it is still there."""
        found = self._before.get(item.image_id)
        if found is None or found.get("state") != _state(item) or found.get("case") != item.case:
            return None
        files = _files(found)
        return Written(files, found.get("data") or {}) if all((self.folder / one).is_file() for one in files) else None

    def add(self, item: ExportItem, written: Written) -> None:
        """Note what is written for an image now."""
        version = item.version
        self._now[item.image_id] = one = {
            "case": item.case,
            "version": version.number,
            "author": version.author,
            "time": version.time.isoformat(),
            "sha256": version.sha256,
            "info": {key: value for key, value in version.info.items() if key not in _NOT_TOLD},
            "split": item.split,
            "files": list(written.files),
            "data": dict(written.data),
            "state": _state(item),
        }
        self._texts[item.image_id] = _text(one)

    def drop(self, image_id: str) -> None:
        """Forget what was written for an image; its files go when all is done."""
        self._former_files |= {*_files(self._now.pop(image_id))}
        del self._texts[image_id]

    def written(self) -> dict[str, Written]:
        """What is written for each image now."""
        return {key: Written(tuple(one["files"]), one["data"]) for key, one in self._now.items()}

    def keep(self, given: ExportSet, *, whole: bool) -> None:
        """Write the record; once all is done, files of images that are none of the set any more go.

        Raises:
            DatastoreError: It cannot be written.
        """
        texts = self._texts if whole else {key: _text(one) for key, one in self._before.items()} | self._texts
        content = {
            "made by": "jlabel",
            "format": self._format,
            "studies": given.name,
            "tag": given.tag,
            "labels": {label.name: label.value for label in given.labels},
            "settings": self._settings,
        }
        # A line for each image, whose text is made once: the record is written again and again on the way.
        lines = ",\n".join(f"  {_text(key)}: {text}" for key, text in texts.items())
        text = f'{_text(content)[:-1]}, "images": {{\n{lines}\n}}}}\n'
        atomic_write(self.folder / RECORD, lambda file: file.write(text.encode()))
        if whole:
            for name in self._former_files - {file for one in self._now.values() for file in _files(one)}:
                (self.folder / name).unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        file = self.folder / RECORD
        if not file.is_file():
            if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
                raise DatastoreError(f"{self.folder}: is not empty, and holds no export of jlabel; choose a new folder")
            return {}
        try:
            content = parse_json(file.read_bytes())
        except (OSError, ValueError) as error:
            raise DatastoreError(f"{file}: cannot be read ({error}); choose a new folder") from error
        if not isinstance(content, dict) or content.get("format") != self._format:
            other = content.get("format") if isinstance(content, dict) else None
            raise DatastoreError(f"{self.folder}: holds an export in the format {other!r}; choose a new folder")
        return content


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _state(item: ExportItem) -> dict[str, Any]:
    state = item.image_file.stat() if item.image_file.is_file() else None
    image = None if state is None else [state.st_size, state.st_mtime_ns]
    return {"version": item.version.number, "sha256": item.version.sha256, "bytes": item.version.bytes, "image": image}


def _images(content: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    images = content.get("images")
    return {key: one for key, one in images.items() if isinstance(one, dict)} if isinstance(images, dict) else {}


def _files(one: Mapping[str, Any]) -> tuple[str, ...]:
    """The files that are noted, those that lie in the folder."""
    names = one.get("files")
    texts = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return tuple(name for name in texts if not Path(name).is_absolute() and ".." not in Path(name).parts)
