"""Which image of the studies a label of a data set belongs to: by its file, else by its name."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from jlabel.datastores import Datastore
from jlabel.datastores.spelling import folded
from jlabel.exchange.found import FoundLabel
from jlabel.imaging.file_names import split_image_name


class ImageMatches:
    """The images of a datastore, to be found by what a data set says of them.

    Args:
        datastore: The images.
    """

    def __init__(self, datastore: Datastore) -> None:
        folder = getattr(datastore, "folder", None)
        self._folder = folder if isinstance(folder, Path) else None
        self._ids = {folded(image_id): image_id for image_id in datastore.list_images()}
        self._names: dict[str, list[str]] = defaultdict(list)
        for image_id in self._ids.values():
            self._names[folded(image_id.rpartition("/")[2])].append(image_id)

    def find(self, label: FoundLabel) -> str | None:
        """The id of the label's image: the one whose file it is, else the one that has its name; None without one."""
        own = None if not label.images else self._by_file(label.images[0])
        return own or self._by_name(label.image)

    def _by_file(self, file: Path) -> str | None:
        if self._folder is None or not file.is_relative_to(self._folder):
            return None
        path = file.relative_to(self._folder).as_posix()
        return self._ids.get(folded(split_image_name(path)[0])) or self._ids.get(folded(path))

    def _by_name(self, name: str) -> str | None:
        found = self._ids.get(folded(name))
        if found is not None:
            return found
        same = self._names.get(folded(name.rpartition("/")[2]), [])
        return same[0] if len(same) == 1 else None
