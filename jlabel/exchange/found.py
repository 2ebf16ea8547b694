"""What a layout holds: label files, the images that they belong to, and the names of their values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from jlabel.imaging.image import Image
from jlabel.types import LabelMap

Split = Literal["training", "validation"]
ReadLabel = Callable[[Image], LabelMap]


@dataclass(frozen=True)
class FoundName:
    """A structure that a data set names.

    Attributes:
        value: Its value in the label files.
        name: Its name.
        color: Its colour, ``#rrggbb``; None where the data set gives none.
    """

    value: int
    name: str
    color: str | None = None


@dataclass(frozen=True, eq=False)
class FoundLabel:
    """A label that can be imported.

    Attributes:
        image: What names its image: its path in the data set without the extension, with ``/``.
        source: The file that holds it.
        images: The files of its image, one for each channel; empty where the data set has none.
        names: What its values mean; empty where nothing says so.
        read: Reads it into the grid of its image, where it is no label file that :func:`jlabel.read_label` reads.
        part: Which part of the source it is, where that holds the labels of several images.
        split: What the data set uses the image for.
    """

    image: str
    source: Path
    images: tuple[Path, ...] = ()
    names: tuple[FoundName, ...] = ()
    read: ReadLabel | None = None
    part: str = ""
    split: Split | None = None


@dataclass(frozen=True)
class Refused:
    """What is not imported or exported, and why.

    Attributes:
        what: A file, or the id of an image.
        why: The reason, as a clause that can follow it.
    """

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True)
class Layout:
    """Labels that lie in a folder, in one of the usual layouts of data sets.

    Attributes:
        kind: The layout, in words.
        folder: The folder.
        labels: The labels.
        refused: Files that look like labels and are none, with the reason.
    """

    kind: str
    folder: Path
    labels: tuple[FoundLabel, ...]
    refused: tuple[Refused, ...] = ()

    def __str__(self) -> str:
        count = len(self.labels)
        return f"{self.folder}: {count} label{'' if count == 1 else 's'} ({self.kind})"


@dataclass
class Findings:
    """What a layout's reader has found so far."""

    labels: list[FoundLabel] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def refuse(self, what: object, why: str) -> None:
        """One more that is not imported."""
        self.refused.append(Refused(str(what), why))

    def layout(self, kind: str, folder: Path) -> Layout:
        """As a layout of that kind."""
        return Layout(kind, folder, tuple(self.labels), tuple(self.refused))
