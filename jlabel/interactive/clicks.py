"""Segmentation that needs no trained model: clicks, boxes, scribbles and lassos to the mask of one structure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from jlabel.errors import PromptError, TaskError
from jlabel.interactive.seeds import make_seeds
from jlabel.interactive.solve import Solver
from jlabel.tasks.infer import Step
from jlabel.tasks.interactive import Crop, InteractiveTask
from jlabel.tasks.request import InferRequest, Stopwatch


class ClickSegment(InteractiveTask):
    """From clicks to a mask, with no trained model.

    A geodesic distance from the clicks (Bai and Sapiro 2007; Criminisi, Sharp and Blake 2008; Wang et al. 2018,
    "DeepIGeoS") gives nested candidate regions, the one with the best border gives an intensity model, and a random
    walk with that model as its prior (Grady 2005, 2006) draws the border. Boxes, scribbles, lassos and an initial mask
    work too, alone or together with clicks. A 2D image is solved in 2D, a volume in 3D.

    A request's ``params`` may hold ``method`` (``"auto"``, ``"geodesic"``, ``"random_walker"``, ``"graph_cut"``: Boykov
    and Jolly 2001) and ``likelihood`` (``"histogram"``, ``"gmm"``).

    Args:
        labels: What the task finds; the app's own labels where not given.
        description: For people.
        dimension: 3, or 2 to work in one slice of a volume.
        config: ``method`` and ``likelihood`` to use where a request has none.
    """

    about: ClassVar[str] = "Click on a structure to get its mask; works without a trained model"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "auto", "likelihood": "gmm"}
    cpu_only = True
    takes_mask = True
    max_grow = 4
    max_edge = 384  # large regions are solved on a coarser grid

    def __init__(
        self,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        description: str = "",
        dimension: int = 3,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            type="interactive",
            labels=labels,
            dimension=dimension,
            description=description or self.about,
            config={**self.defaults, **(config or {})},
        )

    def pre_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None: there is no network."""
        return []

    def inferer(self, data: dict[str, Any]) -> Sequence[Step]:
        """None: there is no network."""
        return []

    def post_transforms(self, data: dict[str, Any]) -> Sequence[Step]:
        """None: there is no network."""
        return []

    def segment(self, crop: Crop, request: InferRequest, watch: Stopwatch) -> NDArray[np.bool_]:
        """The structure's voxels in the crop; every positive click is inside and every negative one outside.

        Raises:
            PromptError: No prompt says what is inside.
            TaskError: An unknown method or likelihood was asked for.
        """
        with watch.stage("pre"):
            choice = {**self.config, **request.params}
            solver = Solver(method=str(choice["method"]), likelihood=str(choice["likelihood"]))
            seeds = make_seeds(crop.prompts, crop.shape)
            if not seeds.foreground.any() and seeds.prior is None:
                raise PromptError("show what belongs to the structure too: a positive click, a scribble or a box in it")
        # Negative prompts tell the size; before them a region inside of a large structure is mistaken for its noise.
        open_ended = not seeds.background.any() and self.can_grow(crop, request)
        with watch.stage("inferer"):
            try:
                return solver.solve(crop.array, crop.spacing, seeds, open_ended, request.check_cancelled)
            except MemoryError as error:
                raise TaskError(f"not enough memory for a region of shape {crop.shape}") from error


class ClickSegment2D(ClickSegment):
    """:class:`ClickSegment` in one slice of a volume: the one of the last prompt, across the array axis ``axis``."""

    about: ClassVar[str] = "Click on a structure to get its mask in the slice shown; works without a trained model"

    def __init__(
        self,
        labels: str | Sequence[str] | Mapping[str, int] | None = None,
        description: str = "",
        config: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(labels, description, dimension=2, config=config)


class HistogramGraphCut(ClickSegment):
    """Scribbles to a mask: the intensity histograms under them and a graph cut (Boykov and Jolly 2001).

    The idea of MONAI Label's histogram-based scribbles. With clicks only, the histograms come from a first mask around
    them.
    """

    about: ClassVar[str] = "Scribble inside and outside a structure; intensity histograms and a graph cut"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "graph_cut", "likelihood": "histogram"}


class GMMGraphCut(ClickSegment):
    """Scribbles to a mask: Gaussian mixtures of their intensities and a graph cut ("GrabCut", Rother et al. 2004).

    The idea of MONAI Label's GMM-based scribbles. With clicks only, the mixtures come from a first mask around them.
    """

    about: ClassVar[str] = "Scribble inside and outside a structure; Gaussian mixtures and a graph cut"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "graph_cut", "likelihood": "gmm"}
