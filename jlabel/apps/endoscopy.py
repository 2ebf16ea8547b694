"""The app for pictures of an endoscope: colour pictures and frames of videos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jlabel.apps.template_app import TemplateApp
from jlabel.bundles.app_bundles import BundleOrFolder
from jlabel.click import ClickSegment, ClickTrainTask
from jlabel.datastores import Datastore
from jlabel.deepedit import DeepEdit, DeepEditAuto, DeepEditTrainTask
from jlabel.interactive import ClassicClickSegment, GMMGraphCut
from jlabel.labels.classification import Classification
from jlabel.labels.label import Label
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.tasks.infer import InferTask
from jlabel.tasks.train import TrainTask

#: Whether the endoscope was in the patient: what else is seen may show persons, and is no finding.
IN_BODY = Classification("in_body", ("in body", "out of body"))


class EndoscopyApp(TemplateApp):
    """Labels colour pictures: what an endoscope saw, photographs, frames of a video.

    It needs no trained model: clicks and scribbles work at once. ``segmentation`` and ``deepedit`` are networks for
    pictures that plan themselves and learn from the labels that are saved. Pictures as a whole get tags, such as
    whether they were taken in the body; a network of the tag's name learns them from those that a person has tagged.

    Args:
        studies: A folder of pictures (``~`` is the home folder), a URL such as ``s3://bucket/scans``, or a datastore.
        labels: The structures to label: names, ``{name: value in the label file}``, or :class:`jlabel.Label` objects;
            by default those that the bundles find.
        name: Shown to users.
        description: Shown to users.
        bundles: Folders of MONAI bundles, as for :class:`jlabel.LabelApp`.
        app_dir: As for :class:`jlabel.LabelApp`; so are ``conf`` and ``version``.
        conf: Settings of the app; ``{"models": "click,segmentation"}`` leaves out all other models.
        version: The version of the app.
        tags: As for :class:`jlabel.LabelApp`; ``in_body`` (in body, out of body) if not given.

    Raises:
        DatastoreError: The folder does not exist or cannot be used.
        LabelError: Two labels have the same name or value, or a value cannot be stored.
        ConfigError: ``conf`` names a model that is not there.

    Examples:
        >>> app = jlabel.EndoscopyApp(studies, labels=["polyp"])
        >>> list(app.trainers)
        ['segmentation', 'deepedit', 'click', 'in_body']
        >>> app.trainers["segmentation"].learns_from
        ('picture', 'colour picture')
    """

    def __init__(
        self,
        studies: str | Path | Datastore,
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label] | None = None,
        name: str = "Endoscopy",
        description: str = "Colour pictures: clicks and scribbles, and networks that learn from your labels",
        bundles: Iterable[BundleOrFolder] = (),
        *,
        app_dir: str | Path | None = None,
        conf: Mapping[str, Any] | None = None,
        version: str = "",
        tags: Mapping[str, Sequence[str]] | Iterable[Classification] = (IN_BODY,),
    ) -> None:
        super().__init__(
            studies, labels, name, description, bundles, app_dir=app_dir, conf=conf, version=version, tags=tags
        )

    def init_infers(self) -> dict[str, InferTask]:
        """Click and scribble models, what ``segmentation`` and ``deepedit`` have learnt, and a model for each tag.

        Raises:
            LabelError: A tag has the name of another model.
        """
        store, names = self.model_store, [label.name for label in self.labels]
        infers: dict[str, InferTask] = {
            "click": ClickSegment(own=self.click_model),
            "click_classic": ClassicClickSegment(),
            "gmm_graph_cut": GMMGraphCut(),
        }
        if store is not None:
            infers["segmentation"] = Segmentation(self.published("segmentation"), names)
            infers["deepedit"] = DeepEdit(self.published("deepedit"), names)
            infers["deepedit_auto"] = DeepEditAuto(self.published("deepedit"), names)
        return self.chosen(self.with_tag_models(infers))

    def init_trainers(self) -> dict[str, TrainTask]:
        """Networks for pictures, which plan themselves from the data: for structures, and for tags of pictures."""
        return {
            "segmentation": SegmentationTrainTask(dimension=2),
            "deepedit": DeepEditTrainTask(dimension=2),
            "click": ClickTrainTask(),
            **self.tag_trainers(),
        }
