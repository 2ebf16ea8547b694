"""The default app: volumes and pictures, clicks and scribbles from the first day, DeepGrow where there are weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from jlabel.app import LabelApp
from jlabel.click import ClickSegment, ClickSegment2D
from jlabel.click_training import ClickTrainTask, DeepEditTrainTask, DeepGrow2DTrainTask, DeepGrow3DTrainTask
from jlabel.datastores import Datastore
from jlabel.interactive import (
    ClassicClickSegment,
    DeepEdit,
    DeepEditAuto,
    DeepGrow2D,
    DeepGrow3D,
    GMMGraphCut,
    HistogramGraphCut,
)
from jlabel.models import ModelStore, PublishedModel
from jlabel.segmentation import Segmentation, SegmentationTrainTask
from jlabel.tasks.infer import InferTask
from jlabel.tasks.labels import Label
from jlabel.tasks.train import TrainTask

_TRAINED = ("deepgrow_2d", "deepgrow_3d")


class RadiologyApp(LabelApp):
    """Labels CT, MR and other images with clicks, boxes and scribbles; no trained model is needed.

    Args:
        studies: A folder of images, or a datastore.
        labels: The structures to label.
        deepgrow_2d: Weights of a 2D DeepGrow network, where there are some.
        deepgrow_3d: Weights of a 3D DeepGrow network.
        name: For people.
        description: For people.
    """

    def __init__(
        self,
        studies: str | Path | Datastore,
        labels: Iterable[str] | Mapping[str, int] | Iterable[Label],
        deepgrow_2d: str | Path | None = None,
        deepgrow_3d: str | Path | None = None,
        name: str = "Radiology",
        description: str = "Clicks, boxes and scribbles; no trained model needed",
    ) -> None:
        self._deepgrow_2d = deepgrow_2d
        self._deepgrow_3d = deepgrow_3d
        super().__init__(studies, labels, name, description)

    def init_infers(self) -> dict[str, InferTask]:
        """Click and scribble models, DeepGrow where weights were given, and what ``segmentation`` has learnt."""
        models = self.datastore.models_folder()
        store = None if models is None else ModelStore(models)
        own = None if store is None else PublishedModel(store, "click")
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
        return infers

    def init_trainers(self) -> dict[str, TrainTask]:
        """Networks that plan themselves from the data: for whole volumes, and for clicks in volumes and slices."""
        return {
            "segmentation": SegmentationTrainTask(),
            "deepgrow_2d": DeepGrow2DTrainTask(),
            "deepgrow_3d": DeepGrow3DTrainTask(),
            "deepedit": DeepEditTrainTask(),
            "click": ClickTrainTask(),
        }
