"""An image with its label, as an export takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from jlabel.datastores import LabelVersion
from jlabel.imaging import Image, read_image, read_label
from jlabel.labels.label import Label
from jlabel.labels.object_values import ObjectValues
from jlabel.types import LabelMap


@dataclass(frozen=True)
class ExportItem:
    """An image and its label.

    Attributes:
        image_id: The image.
        case: Its name in the files that are written: plain, and no other image's.
        image_file: Its file or folder.
        label_file: The file of its label.
        version: The label's version.
        split: What the image is used for in trainings, where that is decided.
        objects: The values of objects that its label tells apart.
    """

    image_id: str
    case: str
    image_file: Path
    label_file: Path
    version: LabelVersion
    split: str | None = None
    objects: ObjectValues | None = None

    @cached_property
    def image(self) -> Image:
        """The image, read when it is asked for."""
        return read_image(self.image_file)

    def label(self) -> LabelMap:
        """The label in the image's grid."""
        return read_label(self.label_file, self.image, {})

    def structures(self) -> LabelMap:
        """The label in the image's grid, in which all objects of a label have its value."""
        return self.label() if self.objects is None else self.objects.joined(self.label())


@dataclass(frozen=True)
class ExportSet:
    """What is exported together.

    Attributes:
        name: The name of the studies.
        description: What they are about.
        labels: The structures, in the order of their values.
        items: The images with their labels.
        tag: The tag of the labels.
        codes: Codes that DICOM has for some of the structures, by their names: see :mod:`jlabel.exchange.dicom_seg`.
    """

    name: str
    description: str
    labels: tuple[Label, ...]
    items: tuple[ExportItem, ...]
    tag: str
    codes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def values(self) -> frozenset[int]:
        """The values of the structures."""
        return frozenset(label.value for label in self.labels)


@dataclass(frozen=True)
class Written:
    """What was written for one image.

    Attributes:
        files: Paths in the folder of the export, with ``/``.
        data: What the format needs of it to write its list, JSON values.
    """

    files: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)
