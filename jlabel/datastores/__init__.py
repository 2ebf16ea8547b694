"""Where images and labels are kept, and what is known about them."""

from jlabel.datastores.base import FINAL, ORIGINAL, Datastore, LabelVersion, label_names
from jlabel.datastores.browsing import ImageEntry, ImagePage
from jlabel.datastores.local import LocalDatastore

__all__ = ["FINAL", "ORIGINAL", "Datastore", "ImageEntry", "ImagePage", "LabelVersion", "LocalDatastore", "label_names"]
