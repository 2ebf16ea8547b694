"""Seconds for each image, one after the other, as a drawing: with matplotlib where it is installed, else as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any

from jlabel.effort.summary import ImageEffort, PublishedVersion

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 22, 34
_MOST_POINTS = 400
# Images whose median the line shows.
_WINDOW = 9
_MOST_MARKS = 12
_SOFT = "var(--jp-ui-font-color2,#777)"
_STRONG = "var(--jp-brand-color1,#1976d2)"


@dataclass(frozen=True)
class Mark:
    """A version of a model: from which image on there was one, counted from 0, and its name."""

    at: int
    name: str


class Svg:
    """A drawing that a notebook shows.

    Args:
        text: The drawing, as SVG.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_svg_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return "a drawing (SVG); pip install matplotlib for a figure"


def marks(images: Sequence[ImageEffort], versions: Sequence[PublishedVersion]) -> list[Mark]:
    """Where the versions come among the images, the newest ones where there are many."""
    times: list[datetime] = [one.time for one in images]
    found = [
        Mark(sum(time < version.time for time in times), f"{version.model} {version.number}")
        for version in sorted(versions, key=lambda version: version.time)
    ]
    return found[-_MOST_MARKS:]


def running_median(values: Sequence[float]) -> list[float]:
    """The median of each value and its neighbours."""
    half = _WINDOW // 2
    return [median(values[max(0, at - half) : at + half + 1]) for at in range(len(values))]


def draw(images: Sequence[ImageEffort], versions: Sequence[PublishedVersion]) -> Any:
    """A matplotlib figure; an :class:`Svg` where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        return Svg(as_svg(images, versions))
    # Only now: it takes a second.
    pyplot: Any = import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(figsize=(8, 3))
    # A notebook shows it where it is returned, and not a second time at the cell's end.
    pyplot.close(figure)
    values = [one.seconds for one in images]
    for begun_with, name in ((False, "begun empty"), (True, "begun with a first mask")):
        at = [n for n, one in enumerate(images) if (one.first_mask is not None) == begun_with]
        if at:
            axes.plot([n + 1 for n in at], [values[n] for n in at], "o" if begun_with else "x", label=name)
    if values:
        axes.plot(range(1, len(values) + 1), running_median(values), label=f"median of {_WINDOW}")
    for mark in marks(images, versions):
        axes.axvline(mark.at + 0.5, linestyle=":", color="grey")
        axes.annotate(mark.name, (mark.at + 0.5, 1), xycoords=("data", "axes fraction"), fontsize=8)
    axes.set(xlabel="image", ylabel="seconds", ylim=(0, None))
    if values:
        axes.legend()
    figure.tight_layout()
    return figure


def as_svg(images: Sequence[ImageEffort], versions: Sequence[PublishedVersion]) -> str:
    """The drawing as SVG without scripts, in the notebook's colours."""
    values = [one.seconds for one in images]
    top = max(values, default=0.0) or 1.0
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def x(at: float) -> float:
        return round(_LEFT + width * at / max(1, len(values)), 1)

    def y(seconds: float) -> float:
        return round(_TOP + height * (1 - seconds / top), 1)

    # A point for several neighbours, where there are more than could be told apart.
    step = -(-len(values) // _MOST_POINTS) or 1
    parts = [_axis(top), *(_mark(x(mark.at), mark.name) for mark in marks(images, versions))]
    for at in range(0, len(values), step):
        taken = images[at].first_mask is not None
        middle = median(values[at : at + step])
        parts.append(_point(x(at + step / 2 if at + step <= len(values) else at + 0.5), y(middle), taken))
    line = " ".join(f"{x(at + 0.5)},{y(value)}" for at, value in list(enumerate(running_median(values)))[::step])
    parts.append(f'<polyline points="{line}" fill="none" stroke="{_STRONG}" stroke-width="1.5"/>')
    said = f"Seconds for each of {len(values)} images; filled: begun with a model's mask; line: median of {_WINDOW}"
    text = f'fill="{_SOFT}" font-size="11" font-family="sans-serif"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" role="img" aria-label="{escape(said)}">{"".join(parts)}'
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}" {text}>{escape(said)}</text></svg>'
    )


def _axis(top: float) -> str:
    bottom, text = _HEIGHT - _BOTTOM, f'fill="{_SOFT}" font-size="11" font-family="sans-serif" text-anchor="end"'
    return (
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{_WIDTH - _RIGHT}" fill="none" stroke="{_SOFT}"/>'
        f'<text x="{_LEFT - 6}" y="{_TOP + 4}" {text}>{top:.3g} s</text>'
        f'<text x="{_LEFT - 6}" y="{bottom}" {text}>0</text>'
    )


def _mark(x: float, name: str) -> str:
    shown = escape(name if len(name) <= 24 else f"{name[:23]}…")
    return (
        f'<path d="M{x} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="{_SOFT}" stroke-dasharray="2 3"/>'
        f'<text x="{x + 3}" y="{_TOP - 6}" fill="{_SOFT}" font-size="10" font-family="sans-serif">{shown}</text>'
    )


def _point(x: float, y: float, filled: bool) -> str:
    fill = _STRONG if filled else "none"
    return f'<circle cx="{x}" cy="{y}" r="2.5" fill="{fill}" stroke="{_STRONG}"/>'
