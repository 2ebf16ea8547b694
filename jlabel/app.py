"""What an app author writes: which data, which models, which strategies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jlabel.datastores import Datastore, LocalDatastore
from jlabel.selection import First, Random
from jlabel.tasks.infer import InferTask
from jlabel.tasks.labels import Label, label_values, make_labels
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Strategy
from jlabel.tasks.train import TrainTask


class LabelApp:
    """A labeling app: subclass it and give the parts that differ.

    Args:
        studies: A folder of images (``~`` is the home folder), or a datastore.
        labels: The structures to label: names, ``{name: value in the label file}``, or :class:`jlabel.Label` objects.
        name: For people.
        description: For people.

    Raises:
        DatastoreError: The folder does not exist or cannot be used.
        LabelError: The labels cannot be told apart or stored.

    Example::

        class MyApp(jlabel.LabelApp):
            def init_infers(self):
                return {**super().init_infers(), "mine": MyInfer(network=net, labels=["tumour"])}
    """

    def __init__(
        self,
        studies: str | Path | Datastore,
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label],
        name: str = "",
        description: str = "",
    ) -> None:
        self.studies = studies
        self.labels = make_labels(labels)
        self.name = name or type(self).__name__
        self.description = description
        self.datastore = self.init_datastore()
        self.infers = self.init_infers()
        self.trainers = self.init_trainers()
        self.strategies = self.init_strategies()
        self.scoring_methods = self.init_scoring_methods()

    def init_datastore(self) -> Datastore:
        """Where images and labels are: the given datastore, or the folder as one."""
        if isinstance(self.studies, Datastore):
            return self.studies
        return LocalDatastore(Path(self.studies).expanduser())

    def init_infers(self) -> dict[str, InferTask]:
        """The models by the name under which a person chooses them; the first is chosen at the start."""
        return {}

    def init_trainers(self) -> dict[str, TrainTask]:
        """The train tasks by name."""
        return {}

    def init_strategies(self) -> dict[str, Strategy]:
        """The strategies by name."""
        return {"random": Random(), "first": First()}

    def init_scoring_methods(self) -> dict[str, ScoringMethod]:
        """The scoring methods by name."""
        return {}

    def info(self) -> dict[str, Any]:
        """What an interface shows of the app."""
        return {
            "name": self.name,
            "description": self.description,
            "labels": label_values(self.labels),
            "models": {name: task.info() for name, task in self.infers.items()},
            "trainers": {name: task.info() for name, task in self.trainers.items()},
            "strategies": {name: strategy.info() for name, strategy in self.strategies.items()},
            "scoring_methods": {name: method.info() for name, method in self.scoring_methods.items()},
        }
