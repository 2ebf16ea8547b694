"""MONAI Label's scribble tasks, with jlabel's methods of the same kind."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from jlabel.interactive import GMMGraphCut, HistogramGraphCut

_OWN = ("intensity_range", "pix_dim", "lamda", "sigma", "num_bins", "num_mixtures")


class HistogramBasedGraphCut(HistogramGraphCut):
    """See :class:`jlabel.HistogramGraphCut`; the parameters of MONAI Label's method are not needed, and warned about.

    Args:
        labels: The structures that the task finds.
        options: MONAI Label's parameters.
    """

    def __init__(self, labels: Sequence[str] | Mapping[str, int] | None = None, **options: Any) -> None:
        super().__init__(labels=labels, **_used(self, options))


class GMMBasedGraphCut(GMMGraphCut):
    """See :class:`jlabel.GMMGraphCut`; the parameters of MONAI Label's method are not needed, and warned about.

    Args:
        labels: The structures that the task finds.
        options: MONAI Label's parameters.
    """

    def __init__(self, labels: Sequence[str] | Mapping[str, int] | None = None, **options: Any) -> None:
        super().__init__(labels=labels, **_used(self, options))


def _used(task: object, options: Mapping[str, Any]) -> dict[str, Any]:
    unused = [name for name in options if name in _OWN]
    if unused:
        text = (
            f"{type(task).__name__} of jlabel does not need {', '.join(unused)}: it plans them from image and scribbles"
        )
        warnings.warn(text, UserWarning, stacklevel=3)
    return {name: value for name, value in options.items() if name not in _OWN}
