"""Which trainer is chosen, and which can work on the studies as they are."""

from __future__ import annotations

from jlabel.labeler.protocol.job_messages import TrainerInfo
from jlabel.manager import AppManager


class TrainerChoice:
    """The chosen train task: that of a person, else the first for which the images are.

    Args:
        manager: Has the train tasks.
        name: The one that is chosen at first; empty where there is none.
        given: Whether a person has chosen it.
    """

    def __init__(self, manager: AppManager, name: str, given: bool) -> None:
        self._manager = manager
        self._given = given
        self._unsuitable: dict[str, str] = {}
        self._lacking: dict[str, str] = {}
        #: The one that is chosen.
        self.name = name
        #: Whether the images were looked at.
        self.looked = False

    def choose(self, name: str) -> None:
        """A person chooses."""
        self.name, self._given = name, True

    def look(self) -> bool:
        """Look at the studies; reads an image or two at first. Returns whether anything is another than before."""
        check, tasks = self._manager.training_check, self._manager.app.trainers
        unsuitable = {name: check.unsuitable(name) for name in tasks}
        lacking = {name: check.lacking_labels(name) for name in tasks}
        before = (self._unsuitable, self._lacking, self.name)
        self._unsuitable, self._lacking, self.looked = unsuitable, lacking, True
        if not self._given and unsuitable.get(self.name):
            self.name = check.first_suitable()
        return before != (unsuitable, lacking, self.name)

    def unsuitable(self, name: str) -> str:
        """Why the images are not for a trainer, as was seen last; empty where they are."""
        return self._unsuitable.get(name, "")

    def listed(self) -> list[TrainerInfo]:
        """All trainers, as they are shown; reads nothing."""
        return [
            TrainerInfo(
                name=name,
                description=task.description,
                obstacle=self._unsuitable.get(name) or self._lacking.get(name, ""),
                suits=not self._unsuitable.get(name),
            )
            for name, task in self._manager.app.trainers.items()
        ]
