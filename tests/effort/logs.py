"""Logged labels, made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from jlabel.effort import EffortRecord, FirstMask, LoggedEffort

BEGIN = datetime(2026, 3, 1, 8, tzinfo=UTC)


def logged(image: str, hours: float, seconds: float, author: str | None = "Ada", version: int = 1, **more: Any) -> Any:
    """A label that was saved some hours after the first."""
    effort = EffortRecord(seconds=seconds, **more)
    return LoggedEffort(image, "final", version, BEGIN + timedelta(hours=hours), author, effort)


def project() -> list[LoggedEffort]:
    """Two people and three days; a model comes after the third image."""
    mask = FirstMask("liver", 1)
    return [
        logged("a", 0, 100, prompts={"click": 8}),
        logged("b", 1, 80, "Bob", prompts={"click": 6, "box": 1}),
        logged("a", 25, 20, "Bob", 2, strokes=2, stroke_length=30.0),
        logged("c", 26, 40, prompts={"click": 2}, first_mask=mask),
        logged("d", 50, 20, None, first_mask=mask),
    ]
