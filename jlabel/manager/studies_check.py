"""Looks at every image and label of a datastore: what can be read, what is refused and why, what nobody has named."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError, ImageError, JlabelError, LabelError, LabelGridError
from jlabel.imaging import Image, fit_label, read_image
from jlabel.imaging.label_files import read_label_values
from jlabel.imaging.label_grid import in_grid_of
from jlabel.imaging.label_values import present_values
from jlabel.labels.object_values import ObjectValues, told_apart
from jlabel.progress import NO_PROGRESS, Progress

Kind = Literal["unreadable", "refused", "other grid", "unnamed values", "note"]
"""``unreadable``: the file cannot be read; ``refused``: it holds no label; ``other grid``: the label's voxels lie
elsewhere than the image's; ``unnamed values``: nobody has named them; ``note``: it is used, and is unusual."""

PROBLEMS: tuple[Kind, ...] = ("unreadable", "refused", "other grid", "unnamed values")
_MOST_VALUES = 20


@dataclass(frozen=True)
class Finding:
    """Something about an image or one of its labels.

    Attributes:
        image_id: The image.
        tag: The tag of the label; "" where it is about the image itself.
        kind: What kind of finding it is.
        text: What was found, and what can be done.
        values: The values that nobody has named.
    """

    image_id: str
    tag: str
    kind: Kind
    text: str
    values: tuple[int, ...] = ()

    @property
    def is_problem(self) -> bool:
        """Whether the image or label cannot be used as it is."""
        return self.kind in PROBLEMS


def check_studies(
    datastore: Datastore, named: Collection[int] = (), progress: Progress = NO_PROGRESS
) -> Iterator[Finding]:
    """Look at every image and label, one after the other; nothing is changed.

    Args:
        datastore: The studies.
        named: The values that have a name in the app; those that a label says of itself are named too.
        progress: Told how far it is.

    Yields:
        What was found, by image and tag; nothing for what is as it should be.
    """
    ids = datastore.list_images()
    for number, image_id in enumerate(ids):
        progress.step(number, len(ids))
        yield from _of_image(datastore, image_id, frozenset(named))
    progress.step(len(ids), len(ids))


def _of_image(datastore: Datastore, image_id: str, named: frozenset[int]) -> Iterator[Finding]:
    image: Image | None = None
    try:
        image = read_image(Path(datastore.get_image_uri(image_id)))
    except ImageError as error:
        yield Finding(image_id, "", "unreadable", error.reason)
    except DatastoreError as error:
        yield Finding(image_id, "", "unreadable", str(error))
    try:
        tags = sorted(datastore.get_labels_by_image_id(image_id))
    except DatastoreError:
        return
    for tag in tags:
        yield from _of_label(datastore, image_id, tag, image, named)


def _of_label(
    datastore: Datastore, image_id: str, tag: str, image: Image | None, named: frozenset[int]
) -> Iterator[Finding]:
    notes: dict[str, str] = {}
    try:
        uri = datastore.get_label_uri(image_id, tag)
        values, affine = read_label_values(Path(uri), notes)
    except LabelError as error:
        yield Finding(image_id, tag, "refused", _without_path(str(error)))
        return
    except ImageError as error:
        yield Finding(image_id, tag, "unreadable", error.reason)
        return
    except DatastoreError as error:
        yield Finding(image_id, tag, "unreadable", str(error))
        return
    if image is not None:
        try:
            in_grid_of(image, values, affine, uri)
        except LabelGridError:
            yield Finding(image_id, tag, "other grid", _fit(image, values, affine, uri))
        except LabelError as error:
            yield Finding(image_id, tag, "refused", _without_path(str(error)))
    own, objects = _named_by(datastore, image_id, tag)
    found = sorted(present_values(values) - {0} - named - own)
    unknown = tuple(value for value in found if objects is None or value not in objects)
    if unknown:
        more = ", …" if len(unknown) > _MOST_VALUES else ""
        said = ", ".join(map(str, unknown[:_MOST_VALUES]))
        yield Finding(image_id, tag, "unnamed values", f"{said}{more}", unknown)
    for note in notes.values():
        yield Finding(image_id, tag, "note", note)


def _fit(image: Image, values: Any, affine: Any, uri: str) -> str:
    """How the two grids differ, and what becomes of a label that is fitted."""
    shapes = f"the label has shape {values.shape} and its image {image.shape}"
    if values.shape == image.shape:
        shapes = f"both have shape {image.shape}, and the voxels lie in other places"
    try:
        fitted = fit_label(values, affine, image, uri)
    except JlabelError as error:
        return f"{shapes}; it cannot be fitted: {_without_path(str(error))}"
    lost = f", and {fitted.left_out:,} labelled voxels lie outside of the image" if fitted.left_out else ""
    return f"{shapes}; labeler.versions.fit() puts it into the image's grid ({fitted.how}{lost})"


def _named_by(datastore: Datastore, image_id: str, tag: str) -> tuple[frozenset[int], ObjectValues | None]:
    """The values that the label itself names, and those of objects that it tells apart."""
    try:
        info = datastore.get_label_info(image_id, tag)
    except DatastoreError:
        return frozenset(), None
    named = info.get("labels")
    values = named.values() if isinstance(named, dict) else ()
    return frozenset(value for value in values if isinstance(value, int)), told_apart(info)


def _without_path(message: str) -> str:
    """A message without the path that it begins with."""
    place, colon, rest = message.partition(": ")
    return rest if colon and ("/" in place or "\\" in place) else message
