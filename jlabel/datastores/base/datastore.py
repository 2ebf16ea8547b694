"""The base class of datastores: images, labels by tag, information about both, and all versions of labels."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Self

from jlabel.datastores.annotation_tasks import AnnotationTasks
from jlabel.datastores.base.waiting_images import WaitingImages
from jlabel.datastores.browsing import ImageOrder, ImagePage, ScoreKey, browse_listed
from jlabel.datastores.image_notes import ImageNotes
from jlabel.datastores.image_tags import TagFilter
from jlabel.datastores.label_version import FINAL
from jlabel.datastores.leases import Leases
from jlabel.datastores.memory_scores import MemoryScores
from jlabel.datastores.readings import Readings
from jlabel.datastores.reviews import Reviews
from jlabel.datastores.scores import Scores
from jlabel.datastores.version_notes import VersionNote, listed_notes
from jlabel.datastores.workspace import Workspace
from jlabel.display.html import facts_html
from jlabel.errors import DatastoreError


class Datastore(WaitingImages):
    """Base class of datastores: images to label, and their labels.

    An image id is a text that only its datastore interprets. The id of a label is the id of its image; together with a
    tag it names one label. Methods raise :class:`jlabel.errors.DatastoreError` for an unknown image id and for a label
    that does not exist. All methods may be called from any thread. Label arrays have the shape ``(i, j, k)`` or ``(i,
    j)`` of their image.

    Examples:
        >>> datastore = jlabel.RadiologyApp(studies, ["liver"]).datastore
        >>> isinstance(datastore, jlabel.Datastore), datastore.list_images()
        (True, ['case_0', 'case_1', 'case_2'])
        >>> datastore.save_label("case_0", np.zeros((12, 10, 8), np.uint8), tag="final")
        'case_0'
        >>> datastore.get_unlabeled_images()
        ['case_1', 'case_2']
        >>> [version.number for version in datastore.label_history("case_0")]
        [1]
    """

    _settings: Mapping[str, dict[str, Any] | None] = {}
    _settings_turn = threading.Lock()

    def _repr_html_(self) -> str:
        status = self.status()
        facts = {str(key).replace("_", " "): value for key, value in status.items() if key not in ("name", "notes")}
        return facts_html(str(status.get("name") or type(self).__name__), facts, map(str, status.get("notes") or ()))

    @property
    def one_machine(self) -> bool:
        """Whether all who have it open must run on one machine, as with a catalogue in SQLite; by default not."""
        return False

    def __call__(self) -> Self:
        """Itself: authors of MONAI Label apps ask an app for ``datastore()``."""
        return self

    @abstractmethod
    def name(self) -> str:
        """The datastore's name, shown to users."""

    @abstractmethod
    def set_name(self, name: str) -> None:
        """Change the datastore's name."""

    @abstractmethod
    def description(self) -> str:
        """A text about the datastore, shown to users."""

    @abstractmethod
    def set_description(self, description: str) -> None:
        """Change the datastore's description."""

    @property
    def author(self) -> str | None:
        """Who saves labels here, where that is known; by default it is not."""
        return None

    @property
    def author_known(self) -> bool:
        """Whether :attr:`author` is a person's name, and no name of an account that says nothing about who uses it."""
        return self.author is not None

    def set_author(self, name: str) -> None:
        """Say who saves labels here from now on.

        Raises:
            DatastoreError: It is no name, or this datastore does not ask.
        """
        raise DatastoreError(f"{type(self).__name__} does not let {name!r:.100} be set as who saves labels here")

    @property
    def leases(self) -> Leases:
        """Who works on which image; by default that is not kept, and everyone gets every image."""
        return Leases()

    @property
    def reviews(self) -> Reviews:
        """What reviewers said of labels; by default there is no place for it."""
        return Reviews()

    @property
    def readings(self) -> Readings:
        """Which images several people read; by default none."""
        return Readings()

    @property
    def image_notes(self) -> ImageNotes:
        """People's notes on images as a whole; by default there is no place for them."""
        return ImageNotes()

    @property
    def workspace(self) -> Workspace:
        """The folders of drafts, caches, jobs and models; by default the datastore has none."""
        return Workspace(None)

    @property
    def scores(self) -> Scores:
        """The scores of the images, and their features; by default they last as long as the object."""
        return self.__dict__.setdefault("_memory_scores", MemoryScores(self))  # type: ignore[no-any-return]

    @property
    def annotation_tasks(self) -> AnnotationTasks:
        """The tasks on annotation servers that images of this datastore are in; by default there is no place for them.

        Raises:
            DatastoreError: There is no place for them.
        """
        raise DatastoreError(f"{type(self).__name__} keeps no record of tasks on annotation servers")

    def setting(self, name: str) -> dict[str, Any] | None:
        """The value that :meth:`change_setting` saved last under that name, or None.

        By default settings last as long as the object.
        """
        return self._settings.get(name)

    def change_setting(
        self, name: str, change: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Change a setting that all users of the datastore share.

        Args:
            name: What it is about.
            change: Takes the present value and returns the new one, JSON values; no other change comes between.

        Returns:
            The new value.

        Raises:
            DatastoreError: It cannot be written; then nothing has changed. What ``change`` raises is passed on.
        """
        with self._settings_turn:
            kept = change(self._settings.get(name))
            self._settings = {**self._settings, name: None if kept is None else dict(kept)}
            return self._settings[name]

    def label_set(self) -> dict[str, Any] | None:
        """The value that :meth:`change_label_set` saved last, or None."""
        return self.setting("label_set")

    def change_label_set(
        self, change: Callable[[dict[str, Any] | None], Mapping[str, Any] | None]
    ) -> dict[str, Any] | None:
        """Change the names, values and colours of the labels, as :meth:`change_setting` changes a setting."""
        return self.change_setting("label_set", change)

    def get_version_uri(self, image_id: str, version: int, tag: str = FINAL) -> str:
        """The path of the file of one version of the image's label.

        Raises:
            DatastoreError: There is no such version, or this datastore does not give the files of versions.
        """
        raise DatastoreError(f"{self.name()} does not give the files of earlier versions")

    def version_notes(self, key: str) -> list[VersionNote]:
        """The JSON objects that were saved under a key of the info, with any version of any label.

        They come by image, tag and number. The key has no quotation marks in it. By default all histories are read, one
        by one.
        """
        return listed_notes(self, key)

    def browse(
        self,
        search: str = "",
        state: str | None = None,
        offset: int = 0,
        limit: int = 50,
        tag: str = FINAL,
        scores: ScoreKey | None = None,
        order: ImageOrder = "id",
        least_score: float | None = None,
        tagged: TagFilter | None = None,
    ) -> ImagePage:
        """A page of the list of images.

        Args:
            search: Only images with this text in their id, in upper or lower case.
            state: Only images in this state: ``unlabelled``, ``model`` (only a model's label is there), ``final``,
                ``draft`` (there is a draft that is not saved), or how far the work is: ``to_do``, ``in_progress``,
                ``done``, ``in_review``, ``accepted`` or ``sent_back``.
            offset: The first of the page, counted from 0.
            limit: How many at most, 1 to 500.
            tag: The tag of the labels that users made.
            scores: Which scores the entries are to have.
            order: By ``id``, or by ``score``: the highest of those scores first, and last images without one.
            least_score: Only images with one of those scores that is not less than this.
            tagged: Only images with this tag, or without one.

        Raises:
            DatastoreError: There is no such state, order or page.
        """
        return browse_listed(self, search, state, offset, limit, tag, scores, order, least_score, tagged)
