"""What is left of a labeler that was closed."""

from __future__ import annotations

from typing import Any, NoReturn

from jlabel.errors import JlabelError


def closed_error() -> JlabelError:
    """What whoever uses a closed labeler is told."""
    return JlabelError("this labeler is closed; make another one with manager.labeler(image_id)")


class ClosedController:
    """Takes the place of a labeler's controller, which held the image, the draft, the models and the manager.

    Whatever is asked of it says that the labeler is closed.
    """

    open_image = None

    def describe(self) -> str:
        """The labeler in a line of text."""
        return "Labeler: closed"

    def close(self) -> None:
        """It is closed."""

    def __getattr__(self, name: str) -> NoReturn:
        raise closed_error()


CLOSED: Any = ClosedController()
