"""What a labeler does with saved labels from Python: comparing with them, and taking them over."""

from __future__ import annotations

from jlabel.errors import JlabelError
from jlabel.widget.desk import Desk


class SavedLabelMethods:
    """The saved labels' part of :class:`jlabel.Labeler`."""

    _desk: Desk

    def compare(self, tag: str | None = None, version: int | None = None) -> None:
        """Show another label of the image beside the draft, as outlines or side by side, with their Dice.

        Args:
            tag: The other label's tag; without one the model's (``original``), else the saved one.
            version: One of its versions; the current one if not given.

        Raises:
            DatastoreError: There is no such label or version.
            JlabelError: No image is open, or it has no saved label.
        """
        self._desk.comparing.compare(tag, version)

    def take_over(self, tag: str = "original", version: int | None = None, label: str | None = None) -> int:
        """Put a saved label in the place of the draft, as one step of undo; locked labels stay as they are.

        Args:
            tag: The saved label's tag.
            version: One of its versions; the current one if not given.
            label: Only this structure; all if not given.

        Returns:
            How many voxels changed.

        Raises:
            DatastoreError: There is no such label or version.
            LabelError: ``label`` is locked, or the values do not fit the draft.
            JlabelError: No image is open, or the app has no such label.
        """
        values = self._desk.values
        if label is not None and label not in values:
            raise JlabelError(f"no label {label!r}; there is {', '.join(values)}")
        return self._desk.versions.take_over(tag, version, values[label] if label is not None else None)
