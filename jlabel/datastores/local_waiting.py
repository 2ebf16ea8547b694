"""Which images of a local datastore wait for a label: asked of the catalogue, however many there are."""

# ruff: noqa: D102 - the methods are documented in Datastore

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from jlabel.datastores import image_queue
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.local_labels import LocalLabels
from jlabel.datastores.tables import PRESENT, ImageRow, LabelRow, VersionRow


class LocalWaitingImages(LocalLabels):
    """Counts the images, and chooses among those that wait."""

    def count_images(self) -> int:
        with self._catalogue.read() as connection:
            return count_of(connection, PRESENT)

    def count_labeled(self) -> int:
        with self._catalogue.read() as connection:
            unlabelled = sum(image_queue.length(connection, kind) for kind in UNLABELED)
            return count_of(connection, PRESENT) - unlabelled

    def count_unlabeled(self) -> int:
        with self._catalogue.read() as connection:
            return sum(image_queue.length(connection, kind) for kind in _TO_LABEL)

    def waiting_images(self, *, skipped: bool = False) -> list[str]:
        query = select(ImageRow.id).where(ImageRow.queue.in_(_turns(skipped)[0])).order_by(ImageRow.id)
        with self._catalogue.read() as connection:
            return list(connection.scalars(query))

    def is_waiting(self, image_id: str) -> bool:
        with self._catalogue.read() as connection:
            return connection.scalar(_QUEUE, {"image_id": image_id}) == image_queue.WAITING

    def has_labeled(self, count: int) -> bool:
        with self._catalogue.read() as connection:
            return len(connection.execute(_SOME_LABELED, {"count": count}).all()) >= count

    def first_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        with self._catalogue.read() as connection:
            found = (image_queue.first(connection, kinds, exclude) for kinds in _turns(skipped))
            return next((image_id for image_id in found if image_id is not None), None)

    def last_unlabeled(self, exclude: Collection[str] = (), *, skipped: bool = False) -> str | None:
        with self._catalogue.read() as connection:
            found = (image_queue.last(connection, kinds, exclude) for kinds in _turns(skipped))
            return next((image_id for image_id in found if image_id is not None), None)

    def random_unlabeled(
        self, rng: random.Random, exclude: Collection[str] = (), *, skipped: bool = False
    ) -> str | None:
        with self._catalogue.read() as connection:
            found = (image_queue.draw(connection, kinds, rng, exclude) for kinds in _turns(skipped))
            return next((image_id for image_id in found if image_id is not None), None)


def labeled_images(tag: str) -> Any:
    """The query for the ids of the images with a label of a tag, sorted."""
    return (
        select(ImageRow.id)
        .join(LabelRow, LabelRow.image_pk == ImageRow.pk)
        .join(VersionRow, (VersionRow.label_pk == LabelRow.pk) & (VersionRow.number == LabelRow.number))
        .where(ImageRow.state == PRESENT, LabelRow.tag == tag)
        .order_by(ImageRow.id)
    )


_TO_LABEL = (image_queue.WAITING, image_queue.SKIPPED, image_queue.READ_BY_SEVERAL)
UNLABELED = (*_TO_LABEL, image_queue.UNREADABLE, image_queue.UNSHOWN)
"""The queues of images without a final label."""
_QUEUE = select(ImageRow.queue).where(ImageRow.id == bindparam("image_id"))
_SOME_LABELED = labeled_images(FINAL).order_by(None).limit(bindparam("count"))


def count_of(connection: Connection, state: int) -> int:
    """How many images are in a state, such as :data:`jlabel.datastores.tables.PRESENT`."""
    return connection.scalar(select(func.count()).select_from(ImageRow).where(ImageRow.state == state)) or 0


def _turns(skipped: bool) -> tuple[tuple[int, ...], ...]:
    return (
        ((image_queue.WAITING, image_queue.SKIPPED),) if skipped else ((image_queue.WAITING,), (image_queue.SKIPPED,))
    )
