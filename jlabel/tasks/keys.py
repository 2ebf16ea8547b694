"""The keys of a task's data, and what its steps are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Step = Callable[[dict[str, Any]], Any]
"""A transform: takes the data of one image and returns it changed."""

IMAGE = "image"
PRED = "pred"
RESULT = "result"
MODEL = "model"
