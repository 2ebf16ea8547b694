"""Dictionary transforms beside MONAI's: what MONAI Label's apps use after, and before, a network."""

from jlabel.transforms.components import LargestCCd
from jlabel.transforms.contours import FindContoursd
from jlabel.transforms.guidance import AddClickGuidanced, AddGuidanceSignald, AddInitialSeedPointd, ResizeGuidanced
from jlabel.transforms.keys import LoadImageExd, NormalizeLabeld, RenameKeyd
from jlabel.transforms.places import BoundingBoxd, ExtremePointsd
from jlabel.transforms.restoring import Restored

__all__ = [
    "AddClickGuidanced",
    "AddGuidanceSignald",
    "AddInitialSeedPointd",
    "BoundingBoxd",
    "ExtremePointsd",
    "FindContoursd",
    "LargestCCd",
    "LoadImageExd",
    "NormalizeLabeld",
    "RenameKeyd",
    "ResizeGuidanced",
    "Restored",
]
