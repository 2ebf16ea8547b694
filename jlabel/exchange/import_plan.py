"""What an import will do, before it does anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jlabel.datastores import FINAL, Datastore
from jlabel.datastores.folder_notes import IMPORTED_KEY
from jlabel.datastores.safe_names import problem_with_id
from jlabel.display.html import facts_html
from jlabel.exchange.found import FoundLabel, FoundName, Layout, Refused
from jlabel.exchange.matching import ImageMatches
from jlabel.exchange.value_names import own_values, with_names
from jlabel.labels.label import Label
from jlabel.labels.label_set import LabelSet
from jlabel.progress import NO_PROGRESS, Progress

_SHOWN = 10


@dataclass(frozen=True)
class PlannedLabel:
    """A label that will be imported.

    Attributes:
        image_id: The image that gets it.
        found: The label.
        source: What is noted of its file, by which it is known again.
        is_new_image: Whether the image is copied into the studies too.
        replaces: Whether the image has a label of that tag, which becomes an earlier version.
    """

    image_id: str
    found: FoundLabel
    source: dict[str, Any]
    is_new_image: bool = False
    replaces: bool = False


@dataclass(frozen=True)
class ImportPlan:
    """What an import will do; a notebook shows it.

    Attributes:
        tag: The tag that the labels get.
        kinds: The layouts that were found.
        labels: What will be imported.
        unchanged: How many were imported before, and have not changed since.
        refused: What will not be imported, and why.
        new_labels: The labels that the label set gets.
        renumbered: Structures whose values are others in the studies: name to the value there and here.
    """

    tag: str
    kinds: tuple[str, ...]
    labels: tuple[PlannedLabel, ...]
    unchanged: int = 0
    refused: tuple[Refused, ...] = ()
    new_labels: tuple[Label, ...] = ()
    renumbered: tuple[tuple[str, int, int], ...] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """The plan in figures and names; what there is none of is left out."""
        count = Counter(new=sum(one.is_new_image for one in self.labels), over=sum(one.replaces for one in self.labels))
        facts = {
            "layout": ", ".join(self.kinds),
            "labels to import": len(self.labels),
            "as": self.tag,
            "images to copy": count["new"],
            "labels that get a new version": count["over"],
            "imported before, unchanged": self.unchanged,
            "new labels": {one.name: one.value for one in self.new_labels},
            "other values here": {name: f"{theirs} becomes {ours}" for name, theirs, ours in self.renumbered},
            "refused": len(self.refused),
        }
        return {key: value for key, value in facts.items() if value or key == "labels to import"}

    def lines(self) -> list[str]:
        """The plan as lines of text: its figures, and the first of what is refused, with the reasons."""
        refused = [f"refused: {one}" for one in self.refused[:_SHOWN]]
        more = len(self.refused) - len(refused)
        return [
            *(f"{key}: {_text(value)}" for key, value in self.facts.items()),
            *refused,
            *([f"refused: {more} more"] if more else []),
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        notes = [line for line in self.lines() if line.startswith("refused: ") and not line[9:].isdecimal()]
        return facts_html("Labels to import", self.facts, notes)


def plan_import(
    datastore: Datastore,
    layouts: Sequence[Layout],
    labels: LabelSet,
    tag: str = FINAL,
    *,
    images: bool = False,
    names: Iterable[FoundName] = (),
    progress: Progress = NO_PROGRESS,
) -> ImportPlan:
    """What an import of these layouts would do. Nothing is written.

    Args:
        datastore: Where the labels will be.
        layouts: From :func:`jlabel.exchange.detect`.
        labels: The label set as it is.
        tag: The tag that the labels get.
        images: Whether images that the datastore does not have are copied into it.
        names: What the values mean, instead of what the data set says.
        progress: Told how far it is.
    """
    matches, known = ImageMatches(datastore), _imported(datastore, tag)
    labelled = set(datastore.get_labeled_images(tag))
    planned: dict[str, PlannedLabel] = {}
    refused = [one for layout in layouts for one in layout.refused]
    unchanged, chosen, after = 0, tuple(names), with_names(labels, names)
    found = [(layout, label) for layout in layouts for label in layout.labels]
    for number, (layout, label) in enumerate(found):
        progress.step(number, len(found))
        image_id = matches.find(label)
        name = image_id or label.image
        if image_id is None and not (images and label.images):
            refused.append(Refused(str(label.source), _no_image(label, images)))
        elif image_id is None and problem_with_id(label.image) is not None:
            refused.append(Refused(str(label.source), f"{label.image!r} {problem_with_id(label.image)}"))
        elif name in planned:
            refused.append(Refused(str(label.source), f"{planned[name].found.source} is a label of {name!r} already"))
        else:
            source = _source(layout, label)
            after = with_names(after, chosen or label.names)
            if known.get(name) == source:
                unchanged += 1
            else:
                planned[name] = PlannedLabel(name, label, source, image_id is None, name in labelled)
    every = [one for plan in planned.values() for one in chosen or plan.found.names]
    return ImportPlan(
        tag,
        tuple(dict.fromkeys(layout.kind for layout in layouts)),
        tuple(planned.values()),
        unchanged,
        tuple(refused),
        tuple(one for one in after.named if one.name not in {other.name for other in labels.named}),
        _renumbered(after, every),
    )


def _no_image(label: FoundLabel, images: bool) -> str:
    if images or not label.images:
        return f"there is no image {label.image!r} in the studies"
    return f"there is no image {label.image!r} in the studies; images=True copies it there"


def _imported(datastore: Datastore, tag: str) -> dict[str, Any]:
    """Where the last import of each image's label came from."""
    return {note.image_id: dict(note.value) for note in datastore.version_notes(IMPORTED_KEY) if note.tag == tag}


def _source(layout: Layout, label: FoundLabel) -> dict[str, Any]:
    try:
        state = label.source.stat()
        seen = {"bytes": state.st_size, "mtime_ns": state.st_mtime_ns}
    except OSError:
        seen = {}
    return {"file": _relative(label.source, layout.folder), "part": label.part, "layout": layout.kind, **seen}


def _relative(file: Path, folder: Path) -> str:
    return (file.relative_to(folder) if file.is_relative_to(folder) else file).as_posix()


def _renumbered(labels: LabelSet, names: Iterable[FoundName]) -> tuple[tuple[str, int, int], ...]:
    distinct = dict.fromkeys((one.name, one.value) for one in names)
    found = []
    for name, value in distinct:
        own = own_values(labels, [FoundName(value, name)])
        found += [(name, value, to) for to in own.values()]
    return tuple(found)


def _text(value: object) -> str:
    return ", ".join(f"{key} ({one})" for key, one in value.items()) if isinstance(value, dict) else str(value)
