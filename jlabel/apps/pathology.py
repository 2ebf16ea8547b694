"""The app for nuclei and cells: one object a click, and all of a picture at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jlabel.apps.template_app import TemplateApp
from jlabel.bundles.app_bundles import BundleOrFolder
from jlabel.click import ClickSegment, ClickTrainTask
from jlabel.datastores import Datastore
from jlabel.interactive import ClassicClickSegment
from jlabel.labels.classification import Classification
from jlabel.labels.label import Label, make_labels
from jlabel.nuclick import NuClick, NuClickTrainTask
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.tasks.infer import InferTask
from jlabel.tasks.train import TrainTask

_NUCLEI = {"nucleus": 1}


class PathologyApp(TemplateApp):
    """Labels nuclei and cells in microscopic pictures, grey or in colours, each object with a value of its own.

    The label with the highest value is that of the objects, unless another one has ``instances=True``: in a label file
    its value and all above it that no other label has are an object each. ``click`` finds one object a click, without
    any training, and ``nuclick`` learns to find the object at each click. ``segmentation`` learns to find all of a
    picture at once, and to tell those that touch apart.

    Args:
        studies: A folder of pictures (``~`` is the home folder), a URL such as ``s3://bucket/scans``, or a datastore.
        labels: ``nucleus`` if not given. Where there are others before it, such as ``{"stroma": 1, "nucleus": 2}``,
            they are areas.
        name: Shown to users.
        description: Shown to users.
        bundles: Folders of MONAI bundles, as for :class:`jlabel.LabelApp`.
        app_dir: As for :class:`jlabel.LabelApp`; so are ``conf`` and ``version``.
        conf: Settings of the app; ``{"models": "click,segmentation"}`` leaves out all other models.
        version: The version of the app.
        tags: As for :class:`jlabel.LabelApp`; each gets a model and a training of its name.

    Raises:
        DatastoreError: The folder does not exist or cannot be used.
        LabelError: Two labels have the same name or value, or a value cannot be stored.
        ConfigError: ``conf`` names a model that is not there.

    Examples:
        >>> app = jlabel.PathologyApp(studies)
        >>> [(label.name, label.value) for label in app.labels]
        [('nucleus', 1)]
        >>> app.objects, app.trainers["segmentation"].instances
        ('nucleus', 'nucleus')
    """

    def __init__(
        self,
        studies: str | Path | Datastore,
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label] | None = None,
        name: str = "Pathology",
        description: str = "Nuclei and cells: one a click, or all of a picture at once",
        bundles: Iterable[BundleOrFolder] = (),
        *,
        app_dir: str | Path | None = None,
        conf: Mapping[str, Any] | None = None,
        version: str = "",
        tags: Mapping[str, Sequence[str]] | Iterable[Classification] = (),
    ) -> None:
        super().__init__(
            studies,
            _with_objects(make_labels(_NUCLEI if labels is None else labels)),
            name,
            description,
            bundles,
            app_dir=app_dir,
            conf=conf,
            version=version,
            tags=tags,
        )

    @property
    def objects(self) -> str:
        """The label whose objects are told apart."""
        return next(label.name for label in self.labels if label.instances)

    def init_infers(self) -> dict[str, InferTask]:
        """One object a click, and what ``nuclick`` and ``segmentation`` have learnt."""
        store = self.model_store
        infers: dict[str, InferTask] = {
            "click": ClickSegment(own=self.click_model),
            "click_classic": ClassicClickSegment(),
        }
        if store is not None:
            infers["nuclick"] = NuClick(self.published("nuclick"), [self.objects])
            infers["segmentation"] = Segmentation(self.published("segmentation"), [label.name for label in self.labels])
        return self.chosen(self.with_tag_models(infers))

    def init_trainers(self) -> dict[str, TrainTask]:
        """Networks that tell objects apart, all at once and at clicks, and the click model's training."""
        return {
            "segmentation": SegmentationTrainTask(dimension=2, instances=self.objects),
            "nuclick": NuClickTrainTask(self.objects),
            "click": ClickTrainTask(),
            **self.tag_trainers(),
        }


def _with_objects(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """With the objects of one of them told apart: of that with the highest value where none is declared so."""
    if any(label.instances for label in labels):
        return labels
    highest = max(labels, key=lambda label: label.value)
    return tuple(replace(label, instances=label is highest) for label in labels)
