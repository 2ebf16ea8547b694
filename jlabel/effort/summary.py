"""What labeling has cost by image, person, day and version of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from jlabel.effort.effort_record import FirstMask
from jlabel.effort.logged import LoggedEffort

T = TypeVar("T")
NOBODY = "unknown"
"""Stands for a person or a model whose name nobody knows."""


@dataclass(frozen=True)
class ImageEffort:
    """What one image has cost, all its saved labels together.

    Attributes:
        image_id: The image.
        time: When it was saved last (UTC).
        authors: Who saved it.
        labels: How many labels were saved.
        seconds: At work.
        clicks: Given to models.
        prompts: By kind, clicks among them.
        strokes: Of brush, eraser and polygon.
        stroke_length: Of them together, in ``unit``.
        unit: ``"mm"`` or ``"px"``.
        undos: Steps taken back.
        operations: On whole labels.
        slices: Looked at, for each label anew.
        model_runs: How often models were asked.
        model_seconds: How long that took.
        first_mask: The model's mask that the first of these labels was begun with.
    """

    image_id: str
    time: datetime
    authors: tuple[str, ...]
    labels: int
    seconds: float
    clicks: int
    prompts: dict[str, int]
    strokes: int
    stroke_length: float
    unit: str
    undos: int
    operations: int
    slices: int
    model_runs: int
    model_seconds: float
    first_mask: FirstMask | None


@dataclass(frozen=True)
class Summary:
    """What a group of images has cost.

    Attributes:
        name: The group.
        images: How many images.
        seconds: At work, all of them together.
        median_seconds: For an image; None without any.
        median_clicks: For an image.
        median_strokes: For an image.
        first_masks: How many of them were begun with a model's mask.
    """

    name: str
    images: int
    seconds: float
    median_seconds: float | None
    median_clicks: float | None
    median_strokes: float | None
    first_masks: int


@dataclass(frozen=True)
class PublishedVersion:
    """A version of a model, and when it was published (UTC)."""

    model: str
    number: int
    time: datetime


def by_image(logged: Iterable[LoggedEffort]) -> list[ImageEffort]:
    """An entry for each image, in the order in which their first labels were saved."""
    groups = _grouped(sorted(logged, key=lambda one: one.time), lambda one: one.image_id)
    return [_image(image_id, rows) for image_id, rows in groups.items()]


def by_person(logged: Iterable[LoggedEffort]) -> list[Summary]:
    """An entry for each person, by name; an image on which several worked is in each of theirs, with that part."""
    groups = _grouped(logged, lambda one: one.author or NOBODY)
    return [summarize(name, rows) for name, rows in sorted(groups.items())]


def by_day(logged: Iterable[LoggedEffort]) -> list[Summary]:
    """An entry for each day (UTC) on which labels were saved."""
    groups = _grouped(logged, lambda one: one.time.astimezone(UTC).date().isoformat())
    return [summarize(name, rows) for name, rows in sorted(groups.items())]


def by_version(logged: Sequence[LoggedEffort], versions: Iterable[PublishedVersion]) -> list[Summary]:
    """Before the first version of each model, and from each of its versions to the next.

    Groups without a label are left out.
    """
    found: list[Summary] = []
    for model, published in sorted(_grouped(versions, lambda one: one.model).items()):
        newest_last = sorted(published, key=lambda one: one.time)
        begins = [None, *(one.time for one in newest_last)]
        names = [f"before {model} {newest_last[0].number}", *(f"{model} {one.number}" for one in newest_last)]
        ends = [*begins[1:], None]
        for name, begin, end in zip(names, begins, ends, strict=True):
            rows = [one for one in logged if _between(one.time, begin, end)]
            found += [summarize(name, rows)] if rows else []
    return found


def by_first_mask(logged: Iterable[LoggedEffort]) -> list[Summary]:
    """Images that were begun without a model's mask, and those of each version of each model."""
    logged = list(logged)
    masks: dict[str, str] = {}
    for one in logged:
        masks.setdefault(one.image_id, first_mask_name(one.effort.first_mask))
    groups = _grouped(logged, lambda one: masks[one.image_id])
    return [summarize(name, groups[name]) for name in sorted(groups, key=lambda name: (name != WITHOUT, name))]


WITHOUT = "without a first mask"


def first_mask_name(mask: FirstMask | None) -> str:
    """A first mask in words."""
    if mask is None:
        return WITHOUT
    return f"{mask.model or NOBODY}{'' if mask.version is None else f' {mask.version}'}"


def summarize(name: str, logged: Iterable[LoggedEffort]) -> Summary:
    """What a group of labels has cost, given in the order of time."""
    seconds: dict[str, float] = {}
    clicks, strokes, first_masks = Counter[str](), Counter[str](), 0
    for one in logged:
        image_id, effort = one.image_id, one.effort
        first_masks += image_id not in seconds and effort.first_mask is not None
        seconds[image_id] = seconds.get(image_id, 0.0) + effort.seconds
        clicks[image_id] += effort.clicks
        strokes[image_id] += effort.strokes
    return Summary(
        name=name,
        images=len(seconds),
        seconds=sum(seconds.values()),
        median_seconds=float(median(seconds.values())) if seconds else None,
        median_clicks=float(median(clicks.values())) if clicks else None,
        median_strokes=float(median(strokes.values())) if strokes else None,
        first_masks=first_masks,
    )


def _image(image_id: str, rows: Sequence[LoggedEffort]) -> ImageEffort:
    efforts = [row.effort for row in rows]
    prompts: Counter[str] = Counter()
    for one in efforts:
        prompts.update(one.prompts)
    return ImageEffort(
        image_id=image_id,
        time=rows[-1].time,
        authors=tuple(dict.fromkeys(row.author for row in rows if row.author is not None)),
        labels=len(rows),
        seconds=sum(one.seconds for one in efforts),
        clicks=sum(one.clicks for one in efforts),
        prompts=dict(prompts),
        strokes=sum(one.strokes for one in efforts),
        stroke_length=sum(one.stroke_length for one in efforts),
        unit=efforts[0].unit,
        undos=sum(one.undos for one in efforts),
        operations=sum(one.operations for one in efforts),
        slices=sum(one.slices for one in efforts),
        model_runs=sum(one.model_runs for one in efforts),
        model_seconds=sum(one.model_seconds for one in efforts),
        first_mask=efforts[0].first_mask,
    )


def _between(time: datetime, begin: datetime | None, end: datetime | None) -> bool:
    return (begin is None or time >= begin) and (end is None or time < end)


def _grouped(items: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
