"""Discs and balls, and images of them."""

from __future__ import annotations

from tests.interactive.conftest import ball, picture

__all__ = ["ball", "picture"]
