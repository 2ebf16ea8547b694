"""Whether a train task can work on the studies as they are now: found out before a training is begun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jlabel.datastores import Datastore
from jlabel.errors import JlabelError
from jlabel.manager.opened_images import OpenedImages
from jlabel.tasks.image_kinds import ImageKind, image_kind, kinds_in_words
from jlabel.tasks.train import TrainTask

# As many images as a training looks at to plan itself.
_MOST_LOOKED_AT = 20


class TrainingCheck:
    """Looks at some of the images, each once, and stops at the first from which a task can learn.

    Args:
        datastore: The studies.
        images: Reads them.
        trainers: The app's train tasks by name.
    """

    def __init__(self, datastore: Datastore, images: OpenedImages, trainers: Mapping[str, TrainTask]) -> None:
        self._datastore = datastore
        self._images = images
        self._trainers = trainers
        self._kinds: dict[tuple[str, tuple[int, int]], ImageKind] = {}

    def obstacle(self, name: str) -> str:
        """Why the task cannot be trained now, and what to do, in a sentence; empty where it can."""
        return self.unsuitable(name) or self.lacking_labels(name)

    def lacking_labels(self, name: str) -> str:
        """What to do where too little is saved for the task to learn from; empty where there is enough."""
        return self._trainers[name].lacking(self._datastore)

    def unsuitable(self, name: str) -> str:
        """Why the images are not for the task, of those with a label where there are any; empty where one is."""
        wanted, found = self._trainers[name].learns_from, list[ImageKind]()
        for kind in self._looked_at():
            if kind in wanted:
                return ""
            found.append(kind)
        if not found:
            return ""  # none can be read: the training says which and why
        others = [other for other, task in self._trainers.items() if set(found) & set(task.learns_from)]
        instead = f"; choose {' or '.join(others)} instead" if others else ""
        return f"It learns from {kinds_in_words(wanted)}, and the images here are {kinds_in_words(found)}{instead}"

    def first_suitable(self) -> str:
        """The first task for which the images are; the first of all where they are for none, "" without one."""
        names = list(self._trainers)
        return next((name for name in names if not self.unsuitable(name)), next(iter(names), ""))

    def _looked_at(self) -> Iterator[ImageKind]:
        state = "final" if self._datastore.count_labeled() else None
        for entry in self._datastore.browse(state=state, limit=_MOST_LOOKED_AT).entries:
            try:
                key = entry.image_id, self._images.file_stamp(entry.image_id)
                if key not in self._kinds:
                    self._kinds[key] = image_kind(self._images.image(entry.image_id))
            except JlabelError:
                continue
            yield self._kinds[key]
