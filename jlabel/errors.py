"""The errors that jlabel raises on purpose: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path


class JlabelError(Exception):
    """Base of every error that jlabel raises on purpose."""


class ImageError(JlabelError):
    """An image or label file cannot be read, or does not hold what its header promises.

    Args:
        path: The file (or folder of a DICOM series).
        reason: What is wrong with it, as a clause that can follow the file's name.
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = Path(path)
        self.reason = reason
        super().__init__(f"{self.path}: {reason}")


class LabelError(JlabelError):
    """A label does not belong to its image: other shape, other position in space, or values that cannot be stored."""


class DatastoreError(JlabelError):
    """The datastore cannot do what was asked: unknown id, unsafe name, a folder that cannot be written."""


class PromptError(JlabelError):
    """A prompt cannot be used: outside the image, of another dimension, or without the label it needs."""


class TaskError(JlabelError):
    """A task is set up wrongly or failed while it ran; the original exception is its ``__cause__``."""


class JobError(JlabelError):
    """A job cannot be begun, found or resumed: no such device, another user's, or a folder that cannot be written."""


class EditError(JlabelError):
    """An editing operation cannot do what was asked: nothing is painted, or a size or place makes no sense."""


class KeyMapError(JlabelError):
    """A key cannot be given: no such action, no such key, or one key for two actions."""


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an exception, jlabel's own or not, says that there was no memory left, of the machine or of a GPU."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _NO_MEMORY)


_NO_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "unable to allocate")


class Cancelled(JlabelError):
    """The request was replaced by a newer one, or cancelled by the person, before it was answered."""
