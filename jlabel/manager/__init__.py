"""The app manager: the one door between a user interface and an app."""

from jlabel.manager.manager import AppManager

__all__ = ["AppManager"]
