"""Which images a bundle's own transforms cannot take: they are named, and its training goes on with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jlabel.bundles.configuration import Configuration
from jlabel.bundles.training_ids import TrainingIds
from jlabel.errors import Cancelled
from jlabel.tasks.train import TrainRun
from jlabel.training.datasets import reason


def unusable(
    config: Configuration, ids: TrainingIds, items: Mapping[str, Sequence[Mapping[str, Any]]], run: TrainRun
) -> dict[str, str]:
    """The images on which the transforms of a training or of its validation fail, with the reason; each is tried once.

    Args:
        config: The configuration of the training, with its reader.
        ids: Where it has its data.
        items: The images of ``train_data`` and ``val_data``, as MONAI's datasets want them.
        run: Asked now and then whether to stop.
    """
    found: dict[str, str] = {}
    for side, listed in items.items():
        data = getattr(ids, side)
        if data is None:
            continue
        transform = config.make(f"{data.removesuffix('::data')}::transform")
        for item in listed:
            run.check_cancelled()
            try:
                transform(dict(item))
            except Cancelled:
                raise
            except Exception as error:  # noqa: BLE001 - a bundle's transform may raise anything
                found[str(item["id"])] = reason(error)
    return found
