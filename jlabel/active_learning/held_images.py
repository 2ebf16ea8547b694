"""Images that people work on here do not go out, and nobody here is given those of a round that is being planned.

Once a round is planned, the catalogue says that its images are out, and the manager gives them to nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from jlabel.datastores import Datastore
from jlabel.errors import DatastoreError
from jlabel.tasks.strategy import Choice

#: Whose the images are while a round is planned: not the person's who runs the loop, who may be labeling.
HOLDER = "CVAT"


def held_images(datastore: Datastore) -> set[str]:
    """The images that anybody works on here, also the person who runs the loop."""
    return {lease.image_id for lease in datastore.leases.all()}


def release_left(datastore: Datastore, place: str) -> None:
    """Give back what a loop held that was killed while it planned a round; there is one loop at a time in a place."""
    datastore.leases.release_all(_session(place))


@contextmanager
def held_while_planned(datastore: Datastore, place: str, chosen: Sequence[Choice]) -> Iterator[list[Choice]]:
    """Take the images of a round for as long as it is planned; gives those that could be had.

    Args:
        datastore: Where they are.
        place: Where the round goes.
        chosen: The images.
    """
    session = _session(place)
    try:
        yield [one for one in chosen if _take(datastore, one.image_id, session)]
    finally:
        datastore.leases.release_all(session)


def _session(place: str) -> str:
    return hashlib.sha256(place.encode()).hexdigest()[:16]


def _take(datastore: Datastore, image_id: str, session: str) -> bool:
    try:
        return datastore.leases.take(image_id, HOLDER, session) is not None
    except DatastoreError:
        return True  # it is gone, which is told of what cannot be read
