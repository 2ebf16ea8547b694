"""Which images an epoch learns from, and which of them each process has."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from monai.data import DistributedSampler, DistributedWeightedRandomSampler
from torch.utils.data import Dataset, RandomSampler, Sampler

from jlabel.training.process_group import World


def make_sampler(data: Dataset[Any], wanted: int | None, seed: int, world: World) -> Sampler[int]:
    """The order of an epoch.

    Over several processes each has a share of its own, another one in every epoch and all of the same size: where the
    images cannot be shared evenly, some are seen twice.

    Args:
        data: The images.
        wanted: How many an epoch draws over all processes, some again where there are fewer; None for each one once.
        seed: Of the order, where there are several processes.
        world: The processes.
    """
    count = len(data)  # type: ignore[arg-type]
    if world.size == 1:
        if wanted is None or wanted == count:
            return RandomSampler(data)  # type: ignore[arg-type]
        return RandomSampler(data, replacement=wanted > count, num_samples=wanted)  # type: ignore[arg-type]
    options: dict[str, Any] = {"num_replicas": world.size, "rank": world.rank, "seed": seed}
    share = -(-(count if wanted is None else wanted) // world.size)
    if wanted is not None and wanted > count:
        again: Sampler[int] = DistributedWeightedRandomSampler(data, [1.0] * count, share, **options)
        return again
    return _Share(data, share, **options)


class _Share(DistributedSampler):  # type: ignore[misc]
    """A process's share of the images, or the first few of it."""

    def __init__(self, data: Dataset[Any], size: int, **options: Any) -> None:
        super().__init__(data, **options)
        self._size = size

    def __iter__(self) -> Iterator[int]:
        return itertools.islice(super().__iter__(), self._size)

    def __len__(self) -> int:
        return self._size
