"""The default app: volumes and pictures, clicks and scribbles from the first day, DeepGrow where there are weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.apps.template_app import TemplateApp
from jlabel.bundles.app_bundles import BundleOrFolder
from jlabel.click import ClickSegment, ClickSegment2D, ClickTrainTask
from jlabel.datastores import Datastore
from jlabel.deepedit import DeepEdit, DeepEditAuto, DeepEditTrainTask
from jlabel.deepgrow import DeepGrow2D, DeepGrow2DTrainTask, DeepGrow3D, DeepGrow3DTrainTask
from jlabel.interactive import ClassicClickSegment, GMMGraphCut, HistogramGraphCut
from jlabel.labels.classification import Classification
from jlabel.labels.label import Label
from jlabel.registry import PublishedModel
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.tasks.infer import InferTask
from jlabel.tasks.train import TrainTask

_TRAINED = ("deepgrow_2d", "deepgrow_3d")
_SINGLE = "segmentation_"


class RadiologyApp(TemplateApp):
    """The default app: labels CT, MR and other images with clicks, boxes and scribbles.

    It needs no trained model. Its train tasks learn from the labels that are saved.

    ``conf={"models": "click,segmentation_spleen"}`` leaves out all other models. ``segmentation_spleen`` is one that
    learns the label ``spleen`` alone, by a training of the same name; so for every label.

    Args:
        studies: A folder of images (``~`` is the home folder), a URL such as ``s3://bucket/scans``, or a datastore.
        labels: The structures to label: names, ``{name: value in the label file}``, or :class:`jlabel.Label` objects;
            by default those that the bundles find.
        deepgrow_2d: A file of weights of a 2D DeepGrow network, if there is one.
        deepgrow_3d: A file of weights of a 3D DeepGrow network, if there is one.
        name: Shown to users.
        description: Shown to users.
        bundles: Folders of MONAI bundles, as for :class:`jlabel.LabelApp`.
        app_dir: As for :class:`jlabel.LabelApp`; so are ``conf`` and ``version``.
        conf: Settings of the app.
        version: The version of the app.
        tags: As for :class:`jlabel.LabelApp`; each gets a model and a training of its name.

    Raises:
        DatastoreError: The folder does not exist or cannot be used.
        LabelError: Two labels have the same name or value, or a value cannot be stored.

    Examples:
        >>> app = jlabel.RadiologyApp(studies, labels=["liver", "spleen"])
        >>> [name for name, task in app.infers.items() if task.is_valid()]
        ['click', 'click_2d', 'click_classic', 'histogram_graph_cut', 'gmm_graph_cut']
        >>> list(app.trainers)
        ['segmentation', 'deepgrow_2d', 'deepgrow_3d', 'deepedit', 'click']
    """

    def __init__(
        self,
        studies: str | Path | Datastore,
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label] | None = None,
        deepgrow_2d: str | Path | None = None,
        deepgrow_3d: str | Path | None = None,
        name: str = "Radiology",
        description: str = "Clicks, boxes and scribbles; no trained model needed",
        bundles: Iterable[BundleOrFolder] = (),
        *,
        app_dir: str | Path | None = None,
        conf: Mapping[str, Any] | None = None,
        version: str = "",
        tags: Mapping[str, Sequence[str]] | Iterable[Classification] = (),
    ) -> None:
        self._deepgrow_2d = deepgrow_2d
        self._deepgrow_3d = deepgrow_3d
        super().__init__(
            studies, labels, name, description, bundles, app_dir=app_dir, conf=conf, version=version, tags=tags
        )

    def init_infers(self) -> dict[str, InferTask]:
        """Click and scribble models, DeepGrow where weights were given, and what ``segmentation`` has learnt."""
        store = self.model_store
        own = self.click_model
        infers: dict[str, InferTask] = {
            "click": ClickSegment(own=own),
            "click_2d": ClickSegment2D(own=own),
            "click_classic": ClassicClickSegment(),
            "histogram_graph_cut": HistogramGraphCut(),
            "gmm_graph_cut": GMMGraphCut(),
        }
        learnt = {name: None if store is None else PublishedModel(store, name) for name in _TRAINED}
        if self._deepgrow_2d is not None or store is not None:
            infers["deepgrow_2d"] = DeepGrow2D(self._deepgrow_2d, published=learnt["deepgrow_2d"])
        if self._deepgrow_3d is not None or store is not None:
            infers["deepgrow_3d"] = DeepGrow3D(self._deepgrow_3d, published=learnt["deepgrow_3d"])
        if store is not None:
            names = [label.name for label in self.labels]
            infers["segmentation"] = Segmentation(PublishedModel(store, "segmentation"), names)
            infers["deepedit"] = DeepEdit(PublishedModel(store, "deepedit"), names)
            infers["deepedit_auto"] = DeepEditAuto(PublishedModel(store, "deepedit"), names)
        single = {name: Segmentation(self.published(name), [label]) for name, label in self._single_labels().items()}
        return self.chosen(self.with_tag_models({**infers, **single}))

    def init_trainers(self) -> dict[str, TrainTask]:
        """Networks that plan themselves from the data: for whole volumes, and for clicks in volumes and slices."""
        return {
            "segmentation": SegmentationTrainTask(),
            "deepgrow_2d": DeepGrow2DTrainTask(),
            "deepgrow_3d": DeepGrow3DTrainTask(),
            "deepedit": DeepEditTrainTask(),
            "click": ClickTrainTask(),
            **{name: SegmentationTrainTask(labels=[label]) for name, label in self._single_labels().items()},
            **self.tag_trainers(),
        }

    def _single_labels(self) -> dict[str, str]:
        """The models of one label that ``conf`` asks for: name to label."""
        names = {f"{_SINGLE}{label.name.replace(' ', '_')}": label.name for label in self.labels}
        return {name: label for name, label in names.items() if name in self.models_asked_for()}
