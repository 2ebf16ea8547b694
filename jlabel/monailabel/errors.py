"""MONAI Label's exception, as one of jlabel's own."""

from __future__ import annotations

from enum import StrEnum

from jlabel.errors import TaskError


class MONAILabelError(StrEnum):
    """What kind of thing went wrong."""

    RESULT_NOT_FOUND = "RESULT_NOT_FOUND"
    INVALID_INPUT = "INVALID_INPUT"
    SERVER_ERROR = "SERVER_ERROR"
    INFERENCE_ERROR = "INFERENCE_ERROR"
    TRANSFORM_ERROR = "TRANSFORM_ERROR"
    APP_ERROR = "APP_ERROR"
    UNKNOWN_ERROR = "UNKNOWN_ERROR"


class MONAILabelException(TaskError):
    """What an author's code raises on purpose.

    Args:
        error: The kind.
        msg: What is wrong.
    """

    def __init__(self, error: MONAILabelError, msg: str) -> None:
        super().__init__(msg)
        self.error = error
        self.msg = msg
