"""The images that a labeler has shown, in order, to go back to and forward again."""

from __future__ import annotations


class VisitedImages:
    """As in a browser: going elsewhere from an earlier image forgets the ones that came after it."""

    _MOST = 1000

    def __init__(self) -> None:
        self._images: list[str] = []
        self._at = -1

    @property
    def before(self) -> str | None:
        """The image before the present one, or None."""
        return self._images[self._at - 1] if self._at > 0 else None

    @property
    def after(self) -> str | None:
        """The image that was left by going back, or None."""
        return self._images[self._at + 1] if self._at + 1 < len(self._images) else None

    def go(self, image_id: str) -> None:
        """An image was opened, by whatever means."""
        if self._at >= 0 and self._images[self._at] == image_id:
            return
        self._images = [*self._images[: self._at + 1], image_id][-self._MOST :]
        self._at = len(self._images) - 1

    def back(self) -> None:
        """The image before the present one was opened."""
        self._at -= 1

    def forward(self) -> None:
        """The image after the present one was opened."""
        self._at += 1

    def forget(self, image_id: str) -> None:
        """An image cannot be opened any more; it is not the present one."""
        before = self._images[: self._at + 1]
        self._at -= before.count(image_id)
        self._images = [seen for seen in self._images if seen != image_id]
