"""What an export did."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jlabel.display.html import facts_html
from jlabel.exchange.found import Refused


@dataclass
class ExportReport:
    """What an export did; a notebook shows it.

    Attributes:
        format: The format.
        folder: Where it lies.
        exported: The images whose labels were written this time.
        unchanged: How many had been written before, and have not changed since.
        refused: What was not exported, and why.
    """

    format: str
    folder: Path
    exported: list[str] = field(default_factory=list)
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list)

    def drop(self, image_id: str, why: str) -> None:
        """Refuse an image that was written already, now or before."""
        if image_id in self.exported:
            self.exported.remove(image_id)
        else:
            self.unchanged -= 1
        self.refused.append(Refused(image_id, why))

    @property
    def facts(self) -> dict[str, Any]:
        """The report in figures."""
        counts = {"exported": len(self.exported), "unchanged": self.unchanged, "refused": len(self.refused)}
        return {"format": self.format, "folder": str(self.folder), **counts}

    def __str__(self) -> str:
        lines = [f"{key}: {value}" for key, value in self.facts.items()]
        return "\n".join([*lines, *(f"refused: {one}" for one in self.refused)])

    def _repr_html_(self) -> str:
        return facts_html("Exported labels", self.facts, map(str, self.refused))
