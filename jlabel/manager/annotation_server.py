"""Where images were sent to be annotated by others, as far as who looks at a label here needs to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from jlabel.progress import NO_PROGRESS, Progress


class AnnotationServer(Protocol):
    """A server on which people annotate images that were sent there from here."""

    def sent(self, image_id: str) -> str:
        """Where an image was annotated and by whom, for people: ``"CVAT, by bob"``; asks the server nothing.

        It is empty where the image was not sent from here, or nobody has finished it.
        """

    def send_back_at(self, image_id: str, message: str, index: Sequence[int], progress: Progress = NO_PROGRESS) -> str:
        """Send an image back to who annotated it, with a comment at a voxel.

        Args:
            image_id: The image.
            message: What is to be changed.
            index: Of the voxel, along each axis of the image.
            progress: Can cancel it while the server is waited for.

        Returns:
            To whom; empty where nobody is named.

        Raises:
            JlabelError: It was never sent from here, or the server cannot be reached or refuses.
        """
