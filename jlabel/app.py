"""Labeling apps: which data, which models, which strategies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jlabel.bundles.app_bundles import BundleOrFolder, brought_labels, open_bundles, train_tasks, use_versions
from jlabel.datastores import Datastore, LocalDatastore
from jlabel.display.html import facts_html
from jlabel.errors import LabelError
from jlabel.labels.label import Label, label_values, make_labels
from jlabel.registry import ModelStore
from jlabel.selection import Appearance, default_strategies
from jlabel.selection.scoring import default_scoring_methods
from jlabel.tasks.infer import InferTask
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Strategy
from jlabel.tasks.train import TrainTask


class LabelApp:
    """A labeling app: images, structures to label, models, train tasks and strategies.

    Subclass it, and override the ``init_`` methods for the parts that differ.

    Args:
        studies: A folder of images (``~`` is the home folder), or a datastore.
        labels: The structures to label: names, ``{name: value in the label file}``, or :class:`jlabel.Label` objects;
            by default those that the bundles find.
        name: Shown to users.
        description: Shown to users.
        bundles: Folders of MONAI bundles, or :class:`jlabel.BundleInferTask` objects: further models by the names of
            their folders, and train tasks where they can be trained. A bundle runs code: name only what you trust.

    Raises:
        DatastoreError: The folder does not exist or cannot be used.
        LabelError: Two labels have the same name or value, or a value cannot be stored; or there are none.
        TaskError: A bundle cannot be used; says why.

    Examples:
        >>> class MyApp(jlabel.LabelApp):
        ...     def init_infers(self):
        ...         return {**super().init_infers(), "my_click": jlabel.ClassicClickSegment(labels=["tumour"])}
        >>> app = MyApp(studies, labels={"tumour": 1, "oedema": 2})
        >>> list(app.infers), list(app.strategies)[:4]
        (['my_click'], ['random', 'first', 'last', 'foreground_random'])
        >>> app.info()["labels"]
        {'tumour': 1, 'oedema': 2}
    """

    def __init__(
        self,
        studies: str | Path | Datastore,
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label] | None = None,
        name: str = "",
        description: str = "",
        bundles: Iterable[BundleOrFolder] = (),
    ) -> None:
        self.studies = studies
        self.bundles = open_bundles(bundles)
        self.labels = make_labels(self._labels_of_bundles() if labels is None else labels)
        self.name = name or type(self).__name__
        self.description = description
        self.datastore = self.init_datastore()
        use_versions(self.bundles, self._model_store())
        self.infers = {**self.init_infers(), **self.bundles}
        self.trainers = {**self.init_trainers(), **train_tasks(self.bundles)}
        self.strategies = self.init_strategies()
        self.scoring_methods = self.init_scoring_methods()

    def _labels_of_bundles(self) -> dict[str, int]:
        if not self.bundles:
            raise LabelError("an app needs labels=[...], the structures to label, or bundles=[...] that bring them")
        return brought_labels(self.bundles)

    def _model_store(self) -> ModelStore | None:
        folder = self.datastore.workspace.models_folder() if self.bundles else None
        return None if folder is None else ModelStore(folder)

    def init_datastore(self) -> Datastore:
        """The datastore: the given one, or one for the given folder."""
        if isinstance(self.studies, Datastore):
            return self.studies
        return LocalDatastore(Path(self.studies).expanduser())

    def init_infers(self) -> dict[str, InferTask]:
        """The infer tasks by the name that users choose; the first one is chosen at the start."""
        return {}

    def init_trainers(self) -> dict[str, TrainTask]:
        """The train tasks by name."""
        return {}

    def init_strategies(self) -> dict[str, Strategy]:
        """The strategies by name; those that ask a model ask the app's first one that needs no prompts."""
        return default_strategies(self.infers)

    def init_scoring_methods(self) -> dict[str, ScoringMethod]:
        """The scoring methods by name: what images look like, and those that ask the app's first model that needs no
        prompts, if there is one."""
        return {"appearance": Appearance(), **default_scoring_methods(self.infers)}

    def info(self) -> dict[str, Any]:
        """The app as an interface shows it: name, description, labels, and its tasks and strategies."""
        return {
            "name": self.name,
            "description": self.description,
            "labels": label_values(self.labels),
            "models": {name: task.info() for name, task in self.infers.items()},
            "trainers": {name: task.info() for name, task in self.trainers.items()},
            "strategies": {name: strategy.info() for name, strategy in self.strategies.items()},
            "scoring_methods": {name: method.info() for name, method in self.scoring_methods.items()},
        }

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.name} ({', '.join(label.name for label in self.labels)})"

    def _repr_html_(self) -> str:
        return facts_html(self.name, self.facts())

    def facts(self) -> dict[str, Any]:
        """What a notebook shows of the app: what it is about, its labels, and the names of its parts."""
        names = {"models": list(self.infers), "trainers": list(self.trainers), "strategies": list(self.strategies)}
        return {"about": self.description, "labels": label_values(self.labels), **names}
