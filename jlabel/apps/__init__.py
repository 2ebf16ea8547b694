"""Template apps, ready to use and to learn from."""

from jlabel.apps.radiology import RadiologyApp

__all__ = ["RadiologyApp"]
