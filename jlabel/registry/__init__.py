"""Trained models: all versions stay, and one of them is in use."""

from jlabel.registry.store import ModelStore, PublishedModel
from jlabel.registry.version import ModelVersion

__all__ = ["ModelStore", "ModelVersion", "PublishedModel"]
