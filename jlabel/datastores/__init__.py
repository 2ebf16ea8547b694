"""Where images and labels are kept, and what is known about them.

A name is imported when it is asked for: a summary of the catalogue needs none of what reads and writes labels.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jlabel.datastores.base import Datastore
    from jlabel.datastores.browsing import ImageEntry, ImageOrder, ImagePage, ScoreKey
    from jlabel.datastores.dicom_contents import DicomContents
    from jlabel.datastores.identity import set_annotator
    from jlabel.datastores.image_notes import ImageNote
    from jlabel.datastores.image_tags import ImageTag, TagFilter
    from jlabel.datastores.label_version import FINAL, ORIGINAL, LabelVersion, label_names
    from jlabel.datastores.labelled_image import LabelledImage
    from jlabel.datastores.leases import Lease
    from jlabel.datastores.local import LocalDatastore
    from jlabel.datastores.new_label import NewLabel
    from jlabel.datastores.readings import Reading
    from jlabel.datastores.remote.datastore import RemoteDatastore
    from jlabel.datastores.reviews import Review
    from jlabel.datastores.scores import Score, Scores, ScoreSet, ScoreTable
    from jlabel.datastores.version_notes import VersionNote
    from jlabel.datastores.workspace import Workspace

__all__ = [
    "FINAL",
    "ORIGINAL",
    "Datastore",
    "DicomContents",
    "ImageEntry",
    "ImageNote",
    "ImageOrder",
    "ImagePage",
    "ImageTag",
    "LabelVersion",
    "LabelledImage",
    "Lease",
    "LocalDatastore",
    "NewLabel",
    "Reading",
    "RemoteDatastore",
    "Review",
    "Score",
    "ScoreKey",
    "ScoreSet",
    "ScoreTable",
    "Scores",
    "TagFilter",
    "VersionNote",
    "Workspace",
    "label_names",
    "set_annotator",
]

_MODULES = {
    "base": ("Datastore",),
    "browsing": ("ImageEntry", "ImageOrder", "ImagePage", "ScoreKey"),
    "dicom_contents": ("DicomContents",),
    "identity": ("set_annotator",),
    "image_notes": ("ImageNote",),
    "image_tags": ("ImageTag", "TagFilter"),
    "label_version": ("FINAL", "ORIGINAL", "LabelVersion", "label_names"),
    "labelled_image": ("LabelledImage",),
    "leases": ("Lease",),
    "local": ("LocalDatastore",),
    "new_label": ("NewLabel",),
    "readings": ("Reading",),
    "reviews": ("Review",),
    "remote.datastore": ("RemoteDatastore",),
    "scores": ("Score", "Scores", "ScoreSet", "ScoreTable"),
    "version_notes": ("VersionNote",),
    "workspace": ("Workspace",),
}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}


def _find(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    return found


if not TYPE_CHECKING:
    # Type checkers are not told of this, so that a name that does not exist is an error for them.
    __getattr__ = _find
