"""Segmentation from scribbles: graph cuts with a model of the scribbled voxels' intensities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from jlabel.interactive.clicks import ClassicClickSegment


class HistogramGraphCut(ClassicClickSegment):
    """Segmentation from scribbles: intensity histograms of the scribbled voxels and a graph cut.

    With clicks only, the histograms come from a first mask around them. It corresponds to the histogram-based scribbles
    of MONAI Label.

    Source: Boykov and Jolly 2001.

    Args:
        labels: The structures that the task finds; all labels of the app if not given.
        description: Shown to users.
        dimension: 3, or 2 to work in one slice of a volume.
        config: Values of ``method`` and ``likelihood`` for requests that do not give them.

    Examples:
        >>> task = jlabel.HistogramGraphCut()
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> scribbles = (
        ...     jlabel.Scribble(((5, 5, 4), (6, 5, 4), (7, 5, 4))),
        ...     jlabel.Scribble(((0, 0, 0), (1, 0, 0), (2, 0, 0)), positive=False),
        ... )
        >>> result = task(jlabel.InferRequest(image, "case_0", scribbles, labels={"liver": 1}))
        >>> int(result.mask[6, 5, 4]), int(result.mask[0, 0, 0])
        (1, 0)
    """

    about: ClassVar[str] = "Scribble inside and outside a structure; intensity histograms and a graph cut"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "graph_cut", "likelihood": "histogram"}


class GMMGraphCut(ClassicClickSegment):
    """Segmentation from scribbles: Gaussian mixtures of the scribbled voxels' intensities and a graph cut.

    With clicks only, the mixtures come from a first mask around them. It corresponds to the GMM-based scribbles of
    MONAI Label.

    Source: Rother et al. 2004 ("GrabCut").

    Args:
        labels: The structures that the task finds; all labels of the app if not given.
        description: Shown to users.
        dimension: 3, or 2 to work in one slice of a volume.
        config: Values of ``method`` and ``likelihood`` for requests that do not give them.

    Examples:
        >>> task = jlabel.GMMGraphCut()
        >>> image = jlabel.read_image(studies / "case_0.nii.gz")
        >>> scribbles = (
        ...     jlabel.Scribble(((5, 5, 4), (6, 5, 4), (7, 5, 4))),
        ...     jlabel.Scribble(((0, 0, 0), (1, 0, 0), (2, 0, 0)), positive=False),
        ... )
        >>> result = task(jlabel.InferRequest(image, "case_0", scribbles, labels={"liver": 1}))
        >>> int(result.mask[6, 5, 4]), int(result.mask[0, 0, 0])
        (1, 0)
    """

    about: ClassVar[str] = "Scribble inside and outside a structure; Gaussian mixtures and a graph cut"
    defaults: ClassVar[Mapping[str, Any]] = {"method": "graph_cut", "likelihood": "gmm"}
