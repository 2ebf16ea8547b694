"""What labeling has cost so far: tables and a drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from html import escape
from typing import Any, Literal, get_args

from jlabel.display.html import table_html
from jlabel.display.table import as_table
from jlabel.effort import chart, summary
from jlabel.effort.logged import LoggedEffort
from jlabel.effort.seconds_model import SecondsModel
from jlabel.effort.summary import ImageEffort, PublishedVersion, Summary
from jlabel.errors import JlabelError

By = Literal["image", "person", "day", "version", "first_mask"]
"""What a table has a row for."""

IMAGE_COLUMNS = (
    "image",
    "time",
    "author",
    "labels",
    "seconds",
    "clicks",
    "prompts",
    "strokes",
    "stroke_length",
    "unit",
    "undos",
    "operations",
    "slices",
    "model_runs",
    "model_seconds",
    "first_mask",
)
GROUP_COLUMNS = ("images", "seconds", "median_seconds", "median_clicks", "median_strokes", "first_masks")
# Of an image: too much for a page.
_TABLE_ALONE = ("time", "prompts", "unit", "model_seconds")
_TITLES = {
    "version": "Before and after each model version",
    "first_mask": "By first mask",
    "person": "By person",
    "day": "By day (UTC)",
    "image": "By image",
}


class EffortReport:
    """What labeling has cost so far; :meth:`jlabel.AppManager.effort` gives it, and a notebook shows it.

    Args:
        logged: What each saved label has cost, in the order of time.
        versions: The versions of models that were published meanwhile.
        on: Whether new labels are logged.

    Attributes:
        logged: What each saved label has cost.
        versions: The versions of models.
    """

    def __init__(
        self, logged: Sequence[LoggedEffort], versions: Sequence[PublishedVersion] = (), on: bool = True
    ) -> None:
        self.logged = tuple(logged)
        self.versions = tuple(versions)
        self._on = on

    @cached_property
    def images(self) -> list[ImageEffort]:
        """What each image has cost, in the order in which they were first saved."""
        return summary.by_image(self.logged)

    @cached_property
    def total(self) -> Summary:
        """What all images have cost."""
        return summary.summarize("all", self.logged)

    @cached_property
    def seconds_model(self) -> SecondsModel:
        """How many seconds labeling takes: fitted to what was logged where there is enough, else as is assumed."""
        units = Counter(one.effort.unit for one in self.logged)
        usual = max(units, key=lambda unit: units[unit], default="mm")
        return SecondsModel().fit(one.effort for one in self.logged if one.effort.unit == usual)

    def table(self, by: By = "image") -> Any:
        """What labeling has cost as a table.

        Args:
            by: A row for each ``"image"``, ``"person"``, ``"day"`` (UTC), ``"version"`` (before the first version of
                each model, and from each version to the next) or ``"first_mask"`` (the version whose mask images were
                begun with).

        Returns:
            A pandas DataFrame where pandas is installed, else a list of dicts, as for :meth:`jlabel.AppManager.images`.

        Raises:
            JlabelError: There is no such table.
        """
        rows = self._rows(by)
        columns = IMAGE_COLUMNS if by == "image" else (by, *GROUP_COLUMNS)
        return as_table(rows, columns, f"what labeling has cost by {by}")

    def plot(self) -> Any:
        """Seconds for each image in the order of labeling, with the versions of models: a matplotlib figure.

        Where matplotlib is not installed it is a drawing that a notebook shows all the same.
        """
        return chart.draw(self.images, self.versions)

    def __repr__(self) -> str:
        lines = [self._headline()]
        for one in [*self._groups("version"), *self._groups("first_mask")] if self.logged else ():
            lines.append(
                f"  {one.name}: {_counted(one.images, 'image')}, median {one.median_seconds:.0f} s and "
                f"{one.median_clicks:g} clicks"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<p><strong>{escape(self._headline())}</strong></p>"]
        if self.logged:
            parts.append(chart.as_svg(self.images, self.versions))
            for by in ("version", "first_mask", "person", "day", "image"):
                rows = self._rows(by)
                if rows:
                    columns = [name for name in rows[0] if name not in _TABLE_ALONE]
                    shown = [[row[name] for name in columns] for row in rows]
                    parts.append(table_html(_TITLES[by], [name.replace("_", " ") for name in columns], shown))
            parts.append(self.seconds_model._repr_html_())
            parts[1:] = [f'<div style="margin-top:12px">{part}</div>' for part in parts[1:]]
        return "".join(parts)

    def _headline(self) -> str:
        off = "" if self._on else " (not logged any more: manager.log_effort = True logs it again)"
        total = self.total
        if total.median_seconds is None:
            return f"Nothing is logged yet of what labeling costs{off}"
        return (
            f"{_counted(total.images, 'image')} labelled in {_duration(total.seconds)}; median of an image: "
            f"{total.median_seconds:.0f} s, {total.median_clicks:g} clicks, {total.median_strokes:g} strokes; "
            f"{total.first_masks} begun with a first mask{off}"
        )

    def _rows(self, by: str) -> list[dict[str, Any]]:
        if by == "image":
            return [_image_row(one) for one in self.images]
        return [_group_row(by, one) for one in self._groups(by)]

    def _groups(self, by: str) -> list[Summary]:
        groups: dict[str, Callable[[], list[Summary]]] = {
            "person": lambda: summary.by_person(self.logged),
            "day": lambda: summary.by_day(self.logged),
            "version": lambda: summary.by_version(self.logged, self.versions),
            "first_mask": lambda: summary.by_first_mask(self.logged),
        }
        if by not in groups:
            raise JlabelError(f"there is no table by {by!r}; there are those by {', '.join(get_args(By))}")
        return groups[by]()


def _image_row(one: ImageEffort) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(one, name, None) for name in IMAGE_COLUMNS}
    time: datetime = one.time
    named = {"image": one.image_id, "time": time, "author": ", ".join(one.authors) or None}
    numbers = {name: round(values[name], 1) for name in ("seconds", "stroke_length", "model_seconds")}
    mask = None if one.first_mask is None else summary.first_mask_name(one.first_mask)
    return {**values, **named, **numbers, "first_mask": mask}


def _group_row(by: str, one: Summary) -> dict[str, Any]:
    return {by: one.name, **{name: getattr(one, name) for name in GROUP_COLUMNS}, "seconds": round(one.seconds, 1)}


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{seconds / 3600:.1f} h"
