"""Where images and labels are kept, and what is known about them."""

from jlabel.datastores.base import Datastore
from jlabel.datastores.browsing import ImageEntry, ImageOrder, ImagePage, ScoreKey
from jlabel.datastores.dicom_contents import DicomContents
from jlabel.datastores.label_version import FINAL, ORIGINAL, LabelVersion, label_names
from jlabel.datastores.local import LocalDatastore
from jlabel.datastores.new_label import NewLabel
from jlabel.datastores.scores import Score, Scores, ScoreSet, ScoreTable
from jlabel.datastores.version_notes import VersionNote
from jlabel.datastores.workspace import Workspace

__all__ = [
    "FINAL",
    "ORIGINAL",
    "Datastore",
    "DicomContents",
    "ImageEntry",
    "ImageOrder",
    "ImagePage",
    "LabelVersion",
    "LocalDatastore",
    "NewLabel",
    "Score",
    "ScoreKey",
    "ScoreSet",
    "ScoreTable",
    "Scores",
    "VersionNote",
    "Workspace",
    "label_names",
]
