"""The base class of datastores, by topic: images, labels, images that wait for one, and what a team shares."""

from jlabel.datastores.base.datastore import Datastore

__all__ = ["Datastore"]
