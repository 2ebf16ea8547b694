"""Where what belongs to people's work is kept, beside images and labels: drafts, caches, jobs, trained models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jlabel.datastores import drafts
from jlabel.datastores.safe_names import check_image_id, check_tag
from jlabel.errors import DatastoreError


class Workspace:
    """A place on disk for what is not an image or a label; a datastore whose images are elsewhere may have none.

    Examples:
        >>> Workspace(None).jobs_folder() is None
        True
        >>> Workspace(studies / ".jlabel").jobs_folder().name
        'jobs'

    Args:
        folder: Everything is kept in it; it is made when there is something to keep. None where there is no place.
        check: Called with a path before it is given to somebody who will write there; raises where nobody may.
    """

    def __init__(self, folder: Path | None, check: Callable[[Path], None] = lambda path: None) -> None:
        self.folder = folder
        self._check = check

    def draft_file(self, image_id: str, session: str) -> Path | None:
        """Where a labeling session may keep a draft that is not saved yet; None where there is no place for one.

        Args:
            image_id: The image.
            session: 8 to 32 digits in hex: each session has its own file.

        Raises:
            DatastoreError: That is no image id, or nothing may be written there.
        """
        if self.folder is None:
            return None
        file = drafts.draft_path(self.folder / "drafts", check_image_id(image_id), session)
        self._check(file)
        return file

    def draft_files(self, image_id: str) -> list[Path]:
        """The files with a draft of an image, of all sessions, in no order."""
        return [] if self.folder is None else drafts.draft_paths(self.folder / "drafts", check_image_id(image_id))

    def drafted_images(self) -> set[str]:
        """The images that have a draft which is not saved."""
        return set() if self.folder is None else drafts.drafted_ids(self.folder / "drafts")

    def cache_folder(self, name: str) -> Path | None:
        """A folder for what can be made again at any time; None where there is no place for it, or a link in its place.

        Args:
            name: A short name for what is kept in it.
        """
        try:
            return self._place(check_tag(name))
        except DatastoreError:
            return None  # what can be made again is not worth an error

    def jobs_folder(self) -> Path | None:
        """Where background jobs are kept, or None where there is no place for them."""
        return self._place("jobs")

    def models_folder(self) -> Path | None:
        """Where trained models are kept, or None where there is no place for them."""
        return self._place("models")

    def _place(self, name: str) -> Path | None:
        if self.folder is None:
            return None
        self._check(self.folder / name / "any")
        return self.folder / name
