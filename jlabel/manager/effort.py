"""What labeling has cost so far."""

from __future__ import annotations

import contextlib
from functools import cached_property

from jlabel.effort import EffortReport, logged_effort
from jlabel.effort.summary import PublishedVersion
from jlabel.effort.switch import EffortSwitch
from jlabel.errors import JlabelError
from jlabel.manager.manager_base import ManagerBase


class Effort(ManagerBase):
    """Time and clicks that labels have cost; see :class:`jlabel.AppManager`."""

    @property
    def log_effort(self) -> bool:
        """Whether labelers log what each label costs: time, clicks, prompts, strokes, undos, slices, runs of models.

        It is kept with the labels in the studies folder, and goes nowhere else. Setting it holds for everybody who
        works on these studies, also after a restart; what is logged already stays.

        Raises:
            DatastoreError: It cannot be read or kept.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.log_effort
            True
            >>> manager.log_effort = False
            >>> manager.close()
        """
        self.effort_switch.look()
        return self.effort_switch.on

    @log_effort.setter
    def log_effort(self, on: bool) -> None:
        self.effort_switch.turn(bool(on))

    @cached_property
    def effort_switch(self) -> EffortSwitch:
        """Whether effort is logged, as labelers look at it."""
        return EffortSwitch(self.datastore)

    def effort(self) -> EffortReport:
        """What labeling has cost so far, by image, person, day, and before and after each version of a model.

        A notebook shows it as tables and a drawing; ``effort().table()`` is a table to go on with,
        ``effort().plot()`` a figure.

        Raises:
            DatastoreError: The labels cannot be looked at.

        Examples:
            >>> manager = jlabel.AppManager(jlabel.RadiologyApp(studies, ["liver"]), device="cpu")
            >>> manager.effort()  # nobody has labelled anything
            Nothing is logged yet of what labeling costs
            >>> with manager.labeler("case_0") as labeler:
            ...     changed = labeler.edit("threshold", low=70, high=200)
            ...     labeler.save()
            'case_0'
            >>> table = manager.effort().table()
            >>> list(table["image"]), list(table["operations"]), list(table["clicks"])
            (['case_0'], [1], [0])
            >>> manager.close()
        """
        return EffortReport(logged_effort(self.datastore), self._published(), self.log_effort)

    def _published(self) -> list[PublishedVersion]:
        """The versions of all models that the app trains; those that cannot be looked at are left out."""
        found: list[PublishedVersion] = []
        for name in self.app.trainers:
            with contextlib.suppress(JlabelError):
                versions = self._model_store(name).versions(name)
                found += [PublishedVersion(name, one.number, one.time) for one in versions]
        return found
