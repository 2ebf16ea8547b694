"""Train tasks: how a model learns from the labels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from jlabel.datastores import Datastore
from jlabel.tasks.described import Described
from jlabel.tasks.image_kinds import EVERY_KIND, ImageKind


class TrainRun(Protocol):
    """The run of a training: its device, where it reports progress, and whether to stop."""

    @property
    def device(self) -> str:
        """The device of this process: ``"cpu"``, ``"cuda:0"``, ..."""
        ...

    @property
    def devices(self) -> Sequence[str]:
        """The devices of the training, one process for each; the first is that of the process that was started."""
        ...

    @property
    def rank(self) -> int:
        """The number of this process; rank 0 is the one that was started, and it reports and saves everything."""
        ...

    @property
    def meeting(self) -> Path:
        """The path of a file that does not exist yet, by which the processes find each other."""
        ...

    def start_ranks(self, work: Callable[[Any], dict[str, Any] | None]) -> None:
        """Start a process for each device after the first; it calls ``work`` with a run of its own."""
        ...

    def join_ranks(self) -> list[dict[str, Any]]:
        """Wait until the other processes are done, and return their results."""
        ...

    @property
    def threads(self) -> int:
        """The number of threads that the training may use."""
        ...

    @property
    def folder(self) -> Path:
        """The run's folder, for files that are of use to the user afterwards."""
        ...

    @property
    def checkpoints(self) -> Path:
        """A folder for checkpoints; at the start it has those of an earlier attempt at the same run.

        It is removed once the run is done, and a folder ``cache`` in it whenever an attempt is over.
        """
        ...

    @property
    def cancelled(self) -> bool:
        """Whether the training was asked to stop."""
        ...

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` if the training was asked to stop."""
        ...

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Report the part that is done (0 to 1) and the seconds that are left; fast enough for every iteration."""
        ...

    def metrics(self, epoch: int, **values: float | None) -> None:
        """Add values to the row of an epoch."""
        ...

    def note(self, text: str) -> None:
        """Report something that the user should know."""
        ...


class TrainTask(Described, ABC):
    """Base class of train tasks: a train task trains a model on the datastore's labels.

    Most authors subclass :class:`jlabel.BasicTrainTask`, which trains a network.

    Args:
        description: Shown to users.

    Attributes:
        several_devices: Whether it can train on several devices at once; it then starts the processes with
            ``run.start_ranks``.
        trains_along: Whether *Train automatically* trains it too, after the train task that was chosen.
        learns_from: The kinds of images it can learn from: ``"volume"``, ``"picture"``, ``"colour volume"`` and
            ``"colour picture"``; by default all of them. It is not offered for a folder that has none of them.
        least_labels: How many labels must be saved before it can be trained; by default 0.

    Examples:
        >>> class MeanVolume(jlabel.TrainTask):
        ...     def __call__(self, request, datastore):
        ...         sizes = []
        ...         for item in datastore.datalist():
        ...             request["run"].check_cancelled()
        ...             sizes.append(int(np.count_nonzero(jlabel.read_image(item["label"]).array)))
        ...         return {"images": len(sizes), "voxels": sum(sizes) / len(sizes)}
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> datastore.save_label("case_0", np.ones((12, 10, 8), np.uint8))
        'case_0'
        >>> from types import SimpleNamespace
        >>> run = SimpleNamespace(check_cancelled=lambda: None)  # in an app, manager.train gives the run
        >>> MeanVolume("Mean volume of the labels")({"run": run}, datastore)
        {'images': 1, 'voxels': 960.0}
    """

    several_devices = False
    trains_along = False
    learns_from: tuple[ImageKind, ...] = EVERY_KIND
    least_labels = 0

    def info(self) -> dict[str, Any]:
        """The task as an interface shows it: its description, and what it learns from."""
        return {**super().info(), "learns_from": list(self.learns_from), "least_labels": self.least_labels}

    def count_learnable(self, datastore: Datastore) -> int:
        """How many images it could learn from as they are now; by default those with a final label."""
        return datastore.count_labeled()

    def lacking(self, datastore: Datastore) -> str:
        """What a person is to do before it can be trained, in a sentence; empty where there is enough to learn from."""
        found, least = self.count_learnable(datastore), self.least_labels
        if found >= least:
            return ""
        if found == 0:
            some = "at least one image" if least == 1 else f"{least} images"
            return f"No label is saved yet: save the labels of {some}"
        saved = "1 label is" if found == 1 else f"{found} labels are"
        return f"It learns from at least {least} labels, and {saved} saved: label {least - found} more"

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise an error for wrong options, before a job is started; by default all options are accepted.

        Args:
            options: What the caller gave by name.

        Raises:
            TaskError: They make no sense, or need what is not installed.
        """

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train a model, and return what the job reports: a dictionary of JSON values.

        Args:
            request: What the caller gave by name, and ``name`` (the app's name for the task), ``labels`` (the app's,
                name to value) and ``run`` (a :class:`TrainRun`).
            datastore: Where images and labels are.

        Raises:
            Cancelled: It was stopped; files under ``run.checkpoints`` are still there when it is called again.
        """
