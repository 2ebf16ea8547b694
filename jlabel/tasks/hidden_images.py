"""A datastore in which some images are not to be seen: for tasks of app authors that go through all images."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from typing import Any

from jlabel.datastores import Datastore


class HiddenImages:
    """A datastore as it is, but for images that no list of it gives.

    Args:
        datastore: The datastore; what is written is written there.
        hidden: Ids of the images.
    """

    def __init__(self, datastore: Datastore, hidden: Collection[str]) -> None:
        self._datastore = datastore
        self._hidden = frozenset(hidden)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._datastore, name)

    def list_images(self) -> list[str]:
        """See :meth:`jlabel.Datastore.list_images`."""
        return self._shown(self._datastore.list_images())

    def get_labeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        """See :meth:`jlabel.Datastore.get_labeled_images`."""
        return self._shown(self._datastore.get_labeled_images(label_tag, labels))

    def get_unlabeled_images(self, label_tag: str | None = None, labels: Sequence[str] | None = None) -> list[str]:
        """See :meth:`jlabel.Datastore.get_unlabeled_images`."""
        return self._shown(self._datastore.get_unlabeled_images(label_tag, labels))

    def first_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        """See :meth:`jlabel.Datastore.first_unlabeled`."""
        return self._datastore.first_unlabeled({*exclude, *self._hidden}, skipped=skipped)

    def last_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        """See :meth:`jlabel.Datastore.last_unlabeled`."""
        return self._datastore.last_unlabeled({*exclude, *self._hidden}, skipped=skipped)

    def waiting_images(self, *, skipped: bool = False) -> list[str]:
        """See :meth:`jlabel.Datastore.waiting_images`."""
        return self._shown(self._datastore.waiting_images(skipped=skipped))

    def random_unlabeled(
        self, rng: random.Random, exclude: Collection[str] = (), *, skipped: bool = False
    ) -> str | None:
        """See :meth:`jlabel.Datastore.random_unlabeled`."""
        return self._datastore.random_unlabeled(rng, {*exclude, *self._hidden}, skipped=skipped)

    def _shown(self, ids: list[str]) -> list[str]:
        return [image_id for image_id in ids if image_id not in self._hidden]
