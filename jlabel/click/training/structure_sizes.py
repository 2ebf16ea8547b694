"""How large the structures are that were learnt: the first view of a session is made for that."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from ignite.engine import Engine, Events
from monai.transforms import RandomizableTrait

from jlabel.click.training.parts import Parts
from jlabel.files.atomic import atomic_write

_MOST_LOOKED_AT = 20


class MeasureStructures:
    """Writes down the median extent of the structures of each class, before anything is learnt.

    Args:
        file: Gets it, class to mm; a resumed training keeps what is there.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def attach(self, engine: Engine) -> None:
        """At the start."""
        engine.add_event_handler(Events.STARTED, self)

    def __call__(self, engine: Any) -> None:
        """Measure what the trainer's images have been cut into."""
        if self.file.is_file():
            return
        data = engine.data_loader.dataset.items
        cut = data.transform.get_index_of_first(lambda step: isinstance(step, RandomizableTrait))
        found: dict[int, list[float]] = defaultdict(list)
        for item in data.data[:_MOST_LOOKED_AT]:
            try:
                parts: Parts = data.transform(dict(item), end=cut)["image"]
            except Exception:  # noqa: BLE001 - what cannot be read is named once it is to be learnt from
                continue
            for part in parts:
                found[part.of_class].append(part.extent)
        content = json.dumps({str(index): median(extents) for index, extents in sorted(found.items())}).encode()
        atomic_write(self.file, lambda out: out.write(content))


def read_extents(file: Path) -> Mapping[int, float]:
    """The median extent in mm of the structures of each class; empty where nothing was measured yet."""
    if not file.is_file():
        return {}
    return {int(index): float(extent) for index, extent in json.loads(file.read_text(encoding="utf-8")).items()}
