"""What came of a simulated project: what each image has cost, and what the models learnt from the labels."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jlabel.display.html import table_html
from jlabel.display.table import as_table

IMAGE_COLUMNS = (
    "image",
    "labels",
    "clicks",
    "prompts",
    "by_hand",
    "first_dice",
    "final_dice",
    "seconds",
    "version",
    "reason",
)
CURVE_COLUMNS = ("labels", "version", "in_use", "validation", "test")


@dataclass(frozen=True, eq=False)
class SimulatedProject:
    """A project that was labelled without a person, see :func:`jlabel.simulation.run`.

    Attributes:
        settings: How it was done: strategy, annotator with all its parameters, target, trainer and its options, the
            constants of the model of seconds, ….
        images: For each image, in the order in which they were labelled: what it has cost. ``by_hand`` counts the
            structures that clicks did not bring to the target, ``first_dice`` is that of the first mask, ``version``
            that of the model that made it; ``structures`` has the same for each structure.
        trainings: What was trained: the trainer, with how many labels, and what came of it.
        qualities: After each round of trainings ``labels``, the ``version`` that makes first masks then, its
            ``validation`` score, and ``test``, its mean Dice on the test images, with ``by_label``.
    """

    settings: Mapping[str, Any]
    images: Sequence[Mapping[str, Any]]
    trainings: Sequence[Mapping[str, Any]]
    qualities: Sequence[Mapping[str, Any]]

    @property
    def clicks(self) -> int:
        """All clicks."""
        return self._sum("clicks")

    @property
    def prompts(self) -> int:
        """All boxes and scribbles."""
        return self._sum("prompts")

    @property
    def by_hand(self) -> int:
        """How many structures had to be finished by hand."""
        return self._sum("by_hand")

    @property
    def seconds(self) -> float:
        """How long it would have taken a person, by the model of seconds."""
        return float(sum(row["seconds"] for row in self.images))

    def table(self) -> Any:
        """A row for each image: a pandas DataFrame where pandas is installed, else a list of dicts."""
        rows = [{name: row.get(name) for name in IMAGE_COLUMNS} for row in self.images]
        return as_table(rows, IMAGE_COLUMNS, "images as they were labelled")

    def curve(self) -> Any:
        """The learning curve: a row for each round of trainings, as :meth:`table`; Dice of each label on its own."""
        labels = list(dict.fromkeys(name for row in self.qualities for name in row["by_label"]))
        rows = [{**{name: row.get(name) for name in CURVE_COLUMNS}, **row["by_label"]} for row in self.qualities]
        return as_table(rows, (*CURVE_COLUMNS, *labels), "quality of the model")

    def __repr__(self) -> str:
        return f"SimulatedProject: {self._in_words()}"

    def _repr_html_(self) -> str:
        rows = [[row.get(name) for name in IMAGE_COLUMNS] for row in self.images]
        said = "; ".join(f"{name} {value}" for name, value in self.settings.items())
        return (
            f"<p>{html.escape(self._in_words())}</p>"
            f"{table_html('Images as they were labelled', IMAGE_COLUMNS, rows)}<p>{html.escape(said)}</p>"
        )

    def _in_words(self) -> str:
        by_hand = f", {self.by_hand} structures finished by hand" if self.by_hand else ""
        tested = [row for row in self.qualities if row["test"] is not None]
        test = f", test Dice {tested[-1]['test']:.2f} with {tested[-1]['labels']} labels" if tested else ""
        done = f"{len(self.images)} images, {self.clicks} clicks{by_hand}, about {self.seconds / 60:.0f} min{test}"
        return f"strategy {self.settings['strategy']}, {done}"

    def _sum(self, name: str) -> int:
        return sum(int(row[name]) for row in self.images)
