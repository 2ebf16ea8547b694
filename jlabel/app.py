"""Labeling apps: which data, which models, which strategies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.bundles.app_bundles import (
    BundleOrFolder,
    add_bundles,
    brought_labels,
    open_bundles,
    train_tasks,
    use_versions,
)
from jlabel.datastores import Datastore
from jlabel.datastores.database.address import parse_address
from jlabel.display.html import facts_html
from jlabel.errors import DatastoreError, LabelError
from jlabel.labels.classification import Classification, make_classifications
from jlabel.labels.label import Label, label_values, make_labels
from jlabel.opening import open_studies
from jlabel.registry import ModelStore
from jlabel.selection import Appearance, default_strategies
from jlabel.selection.scoring import default_scoring_methods
from jlabel.tasks.dict_requests import refuse_dict_requests
from jlabel.tasks.infer import InferTask
from jlabel.tasks.scoring import ScoringMethod
from jlabel.tasks.strategy import Strategy
from jlabel.tasks.train import TrainTask


class LabelApp:
    """A labeling app: images, structures to label, models, train tasks and strategies.

    Subclass it, and override the ``init_`` methods for the parts that differ.

    Args:
        studies: A folder of images (``~`` is the home folder), a URL such as ``s3://bucket/scans``, or a datastore.
        labels: The structures to label: names, ``{name: value in the label file}``, or :class:`jlabel.Label` objects;
            by default those that its models find.
        name: Shown to users.
        description: Shown to users.
        bundles: Folders of MONAI bundles, or :class:`jlabel.BundleInferTask` objects: further models by the names of
            their folders, and train tasks where they can be trained. A bundle runs code: name only what you trust.
        app_dir: The folder that the app belongs to; the current folder if not given.
        conf: Settings of the app, name to value, which its methods find as texts in ``self.conf``.
        version: The version of the app, shown to users.
        tags: What images as a whole are told apart by: ``{"view": ["in body", "out of body"]}``, or
            :class:`jlabel.Classification` objects, also of several classes an image; those that its models tell are
            there by themselves.
        catalogue: Where the catalogue of the folder is: ``"postgresql://user@host/database"``, or a path; as for
            :class:`jlabel.LocalDatastore`.

    Attributes:
        model_dir: A folder for the weights of the app's models: ``model`` in ``app_dir``, or that of the datastore
            where no ``app_dir`` is given. A subclass may set it before it calls ``super().__init__``.

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
        *,
        app_dir: str | Path | None = None,
        conf: Mapping[str, Any] | None = None,
        version: str = "",
        tags: Mapping[str, Sequence[str]] | Iterable[Classification] = (),
        catalogue: str | Path | None = None,
    ) -> None:
        self.studies = studies
        # Parsed, so that a password in it is neither shown nor sent to jobs in a file.
        self._catalogue = None if catalogue is None else parse_address(catalogue)
        self.app_dir = str(Path.cwd() if app_dir is None else Path(app_dir).expanduser())
        self.conf = conf_texts(conf or {})
        self.version = version
        self.bundles = open_bundles(bundles)
        given = (brought_labels(self.bundles) or None) if labels is None else labels
        # Without any, nobody knows what the models find until they are there.
        self.labels = () if given is None else make_labels(given)
        self.name = name or type(self).__name__
        self.description = description
        self.tags = make_classifications(tags)
        self.datastore = self.init_datastore()
        if not getattr(self, "model_dir", None):
            self.model_dir = self._default_model_dir(app_dir is not None)
        use_versions(self.bundles, self._model_store())
        self.infers = add_bundles(self.init_infers(), self.bundles)
        refuse_dict_requests(self.infers)
        self.labels = self.labels or self._labels_of_models()
        self.tags = make_classifications([*self.tags, *told_by_models(self.infers)])
        self.trainers = {**self.init_trainers(), **train_tasks(self.bundles)}
        self.strategies = self.init_strategies()
        self.scoring_methods = self.init_scoring_methods()

    def _labels_of_models(self) -> tuple[Label, ...]:
        found = brought_labels(self.infers)
        if not found:
            raise LabelError(
                "an app needs labels=[...], the structures to label, or models or bundles=[...] that bring them; "
                "what classifies whole images brings none"
            )
        return make_labels(found)

    def _default_model_dir(self, has_folder: bool) -> str:
        kept = None if has_folder else self.datastore.workspace.models_folder()
        return str(Path(self.app_dir) / "model" if kept is None else kept)

    def _model_store(self) -> ModelStore | None:
        folder = self.datastore.workspace.models_folder() if self.bundles else None
        return None if folder is None else ModelStore(folder)

    def init_datastore(self) -> Datastore:
        """The datastore: the given one, or one for the given folder or URL."""
        if isinstance(self.studies, Datastore):
            if self._catalogue is not None:
                raise DatastoreError("catalogue=… is for a folder of studies: a datastore has its own already")
            return self.studies
        return open_studies(self.studies, catalogue=self._catalogue)

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

    def on_init_complete(self) -> None:
        """Called once, when a manager has taken the app; by default nothing."""

    def on_save_label(self, image_id: str, label_id: str) -> None:
        """Called after a person's label was saved; by default nothing.

        Args:
            image_id: The image.
            label_id: The label, as :meth:`jlabel.AppManager.save_label` gives it.
        """

    def info(self) -> dict[str, Any]:
        """The app as an interface shows it: name, description, version, labels, and its tasks and strategies."""
        return {
            "name": self.name,
            "description": self.description,
            "version": self.version,
            "labels": label_values(self.labels),
            "tags": {one.name: list(one.classes) for one in self.tags},
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
        tags = {one.name: list(one.classes) for one in self.tags}
        shown = {"image tags": tags} if tags else {}
        return {"about": self.description, "labels": label_values(self.labels), **shown, **names}


def told_by_models(infers: Mapping[str, InferTask]) -> list[Classification]:
    """What the models tell of whole images; a classification whose author gave it no name has its model's."""
    for name, task in infers.items():
        if task.classification is None and len(task.class_names) > 1:
            task.classification = Classification(name, task.class_names)
    return [task.classification for task in infers.values() if task.classification is not None]


def conf_texts(conf: Mapping[str, Any]) -> dict[str, str]:
    """Settings as the texts that a command line would give: ``"true"``, ``"a,b"`` of a list of names, else JSON."""
    return {str(name): _conf_text(value) for name, value in conf.items()}


def _conf_text(value: Any) -> str:
    if isinstance(value, str | Path):
        return str(value)
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    return json.dumps(value, default=str)
