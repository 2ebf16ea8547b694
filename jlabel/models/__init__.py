"""Trained models: every version is kept, and one of them is in use."""

from jlabel.models.store import ModelStore, PublishedModel
from jlabel.models.version import ModelVersion

__all__ = ["ModelStore", "ModelVersion", "PublishedModel"]
