"""Scoring methods: what makes one image more worth labelling than another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol

from jlabel.datastores import Datastore
from jlabel.tasks.described import Described


class ScoringRun(Protocol):
    """The run of a scoring method: its device, where it reports progress, and whether to stop."""

    @property
    def device(self) -> str:
        """The device to work on: ``"cpu"``, ``"cuda:0"``, ..."""
        ...

    @property
    def threads(self) -> int:
        """The number of threads that the method may use; 0 for as many as it likes."""
        ...

    @property
    def cancelled(self) -> bool:
        """Whether the method was asked to stop."""
        ...

    def check_cancelled(self) -> None:
        """Raise :class:`jlabel.Cancelled` if the method was asked to stop."""
        ...

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Report the part that is done (0 to 1) and the seconds that are left."""
        ...

    def note(self, text: str) -> None:
        """Report something that the user should know."""
        ...


class AloneRun:
    """The run of a scoring method that is called without a job: nobody follows it.

    Args:
        device: The device to work on.
    """

    threads = 0
    cancelled = False

    def __init__(self, device: str = "cpu") -> None:
        self.device = device

    def check_cancelled(self) -> None:
        """Nobody wants it to stop."""

    def progress(self, fraction: float, left: float | None = None) -> None:
        """Nobody asks."""

    def note(self, text: str) -> None:
        """Nobody listens; what matters is in the answer of the method too."""


class ScoringMethod(Described, ABC):
    """Base class of scoring methods: a scoring method computes scores of images, which strategies read.

    ``manager.score(name)`` runs it in the background. Scores are saved with ``datastore.update_image_info``, or with
    ``datastore.scores.save``, image by image: what is saved is kept when the job is killed or cancelled. When the
    method raises at an image, that image is named in the notes of the job, and the method is called again with a
    datastore that does not list this image and those that are scored.

    Args:
        description: Shown to users.

    Examples:
        >>> class Brightness(jlabel.ScoringMethod):
        ...     def __call__(self, request, datastore):
        ...         for image_id in datastore.list_images():
        ...             image = jlabel.read_image(datastore.get_image_uri(image_id))
        ...             datastore.update_image_info(image_id, {"brightness": float(image.array.mean())})
        ...         return {"images": datastore.count_images()}
        >>> datastore = jlabel.LocalDatastore(studies)
        >>> Brightness("Mean intensity")({}, datastore)
        {'images': 3}
        >>> 20 < datastore.get_image_info("case_0")["brightness"] < 120
        True
    """

    #: Whether the method never uses a GPU: then its job does not wait for one.
    cpu_only = False
    #: Whether it goes through its images by :func:`jlabel.parts.map_parts`: on a cluster all workers share them then.
    by_image = False

    def check(self, request: Mapping[str, Any], datastore: Datastore) -> None:
        """Raise :class:`jlabel.TaskError` if the method cannot work on that request; called before the job starts."""

    @abstractmethod
    def __call__(self, request: Mapping[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Score the images and save the scores.

        Args:
            request: The parameters of the call, by name. In a job it also has ``method`` (the name of the method in
                the app), ``images`` (as given to ``manager.score``), ``labels`` (the app's labels, name to value) and
                ``run``, a :class:`jlabel.tasks.scoring.ScoringRun`.
            datastore: The images and labels; scores are saved with ``datastore.update_image_info``.

        Returns:
            What an interface shows of the result, JSON values.
        """
