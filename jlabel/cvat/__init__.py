"""CVAT, the server for annotation: a client for it, and how pictures, labels and masks travel to it and back."""

from __future__ import annotations

from jlabel.cvat.client import Cvat

__all__ = ["Cvat"]
