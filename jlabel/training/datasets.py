"""Datasets for a training: prepared images are kept as far as memory or disk goes, broken ones are left out."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from monai.data import CacheDataset, Dataset
from monai.transforms import Compose, RandomizableTrait, Transform
from torch.utils.data import Dataset as TorchDataset

from jlabel.errors import JlabelError, TaskError
from jlabel.tasks.author_lines import author_lines
from jlabel.tasks.error_chain import error_chain
from jlabel.tasks.failing_step import failed_transform
from jlabel.tasks.keys import Step
from jlabel.training.prepared_images import PreparedImages

MEMORY = 1024**3
"""Bytes that the prepared images of a training take at most, if it is not told otherwise."""

_DISK_SHARE = 4


def make_dataset(
    items: Sequence[dict[str, Any]],
    steps: Sequence[Step],
    cache_dir: Path,
    cache_bytes: int,
    note: Callable[[str], None],
) -> ReadableItems:
    """A dataset of the items that can be read.

    What the steps before the first random one make of an item is kept: in memory where all items fit in
    ``cache_bytes``, else on disk where they take less than a quarter of what is free, else nowhere.

    Raises:
        TaskError: None of the items can be prepared.
    """
    transform = Compose(list(steps))
    size = _prepared_bytes(items, transform, note) * len(items)
    in_memory = size <= cache_bytes
    if in_memory:
        kept: Dataset = CacheDataset(items, transform, runtime_cache=True, progress=False)
    elif size < shutil.disk_usage(cache_dir.parent).free // _DISK_SHARE:
        kept = PreparedImages(items, transform, cache_dir)
    else:
        kept = Dataset(items, transform)
    return ReadableItems(kept, [str(item["id"]) for item in items], note, size if in_memory else 0)


class ReadableItems(TorchDataset[Any]):
    """Another dataset's items; in the place of one that cannot be read comes the next that can.

    Args:
        items: The other dataset.
        names: Of its items, for people.
        note: Told once of each that is left out, and why.
        memory: How many bytes of memory the other dataset comes to keep.
    """

    def __init__(self, items: Dataset, names: Sequence[str], note: Callable[[str], None], memory: int = 0) -> None:
        self.items = items
        self.memory = memory
        self.left_out: dict[str, str] = {}
        self._names = names
        self._note = note

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, index: int) -> Any:
        for number in range(len(self)):
            at = (index + number) % len(self)
            if self._names[at] in self.left_out:
                continue
            try:
                return self.items[at]
            except Exception as error:  # noqa: BLE001 - a transform may raise anything; it is told, and training goes on
                self.left_out[self._names[at]] = explained(error)
                self._note(f"image {self._names[at]!r} is left out: {self.left_out[self._names[at]]}")
        raise TaskError(f"none of {len(self)} images can be used; the last: {next(reversed(self.left_out.values()))}")


def readable(items: Sequence[dict[str, Any]], dataset: ReadableItems) -> list[int]:
    """Which items can be read, found out by reading each once; a cache keeps them for later."""
    found = []
    for index, item in enumerate(items):
        try:
            dataset[index]
        except TaskError:
            return []
        if str(item["id"]) not in dataset.left_out:
            found.append(index)
    return found


def reason(error: BaseException) -> str:
    """What went wrong in the first place: jlabel's own words where there are any."""
    chain = error_chain(error)
    own = _own(chain)
    return str(own) if own is not None else f"{type(chain[-1]).__name__}: {chain[-1]}"


def explained(error: BaseException) -> str:
    """The same, with the transform that failed where it was one of MONAI's ``Compose`` and the reason no error of
    jlabel's own."""
    if _own(error_chain(error)) is not None:
        return reason(error)
    return failed_transform(error) or f"{reason(error)}{author_lines(error)}"


def _own(chain: Sequence[BaseException]) -> JlabelError | None:
    return next((one for one in chain if isinstance(one, JlabelError)), None)


def _is_random(step: object) -> bool:
    return isinstance(step, RandomizableTrait) or not isinstance(step, Transform)


def _prepared_bytes(items: Sequence[dict[str, Any]], transform: Compose, note: Callable[[str], None]) -> int:
    end = transform.get_index_of_first(
        lambda step: isinstance(step, RandomizableTrait) or not isinstance(step, Transform)
    )
    last = "no images"
    for item in items:
        try:
            prepared = transform(dict(item), end=end)
        except Exception as error:  # noqa: BLE001 - named once it is met in the training itself
            last = explained(error)
            continue
        parts = prepared if isinstance(prepared, list) else [prepared]
        return sum(int(getattr(value, "nbytes", 0)) for part in parts for value in part.values())
    raise TaskError(f"none of {len(items)} images can be used; the last: {last}")
