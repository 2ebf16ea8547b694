"""The list of images in the labeler: pages of it as the person scrolls and searches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jlabel.datastores import ImageEntry
from jlabel.widget.part import Handler, Part
from jlabel.widget.worker import SerialWorker

if TYPE_CHECKING:
    from jlabel.widget.desk import Desk

_MOST = 100


class Gallery(Part):
    """Answers each question of a page for a part of the list, on a thread of its own."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._worker = SerialWorker("jlabel-gallery")

    def asks(self) -> Mapping[str, Handler]:
        """``browse``."""
        return {"browse": self._on_browse}

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _on_browse(self, ask: dict[str, Any], _: Any) -> None:
        self._worker.do(lambda: self.desk.labeler.in_words(lambda: self._browse(ask)))

    def _browse(self, ask: dict[str, Any]) -> None:
        state, offset = ask.get("state"), int(ask["offset"])
        limit = min(_MOST, int(ask["limit"]))
        page = self.desk.manager.datastore.browse(
            str(ask.get("search", "")), None if state is None else str(state), offset, limit, self.desk.tag
        )
        with self.desk.lock:
            self.desk.labeler.tell(
                {
                    "type": "images",
                    "client": str(ask["client"]),
                    "request": int(ask["request"]),
                    "offset": offset,
                    "total": page.total,
                    "entries": [entry_to_json(entry) for entry in page.entries],
                }
            )


def entry_to_json(entry: ImageEntry) -> dict[str, Any]:
    """An entry of the list as the front end takes it; the time in ISO 8601."""
    return {
        "id": entry.image_id,
        "state": entry.state,
        "draft": entry.draft,
        "author": entry.author,
        "time": entry.time.isoformat(timespec="seconds") if entry.time is not None else None,
    }
