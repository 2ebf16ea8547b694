"""Whole-label editing: operations on a label mask, each giving the values that a part of it should have afterwards."""

from jlabel.editing.edit import Edit
from jlabel.editing.extent import EVERYWHERE, Extent
from jlabel.editing.flood import fill_alike, fill_label
from jlabel.editing.holes import fill_holes
from jlabel.editing.interpolation import interpolate
from jlabel.editing.islands import keep_largest, remove_islands
from jlabel.editing.margins import grow, shrink
from jlabel.editing.operations import OPERATIONS, Operation, Target, operate, operation_named
from jlabel.editing.slices import copy_slice, erase
from jlabel.editing.smoothing import smooth
from jlabel.editing.thresholds import threshold
from jlabel.editing.volumes import LabelVolume, label_volumes

__all__ = [
    "EVERYWHERE",
    "OPERATIONS",
    "Edit",
    "Extent",
    "LabelVolume",
    "Operation",
    "Target",
    "copy_slice",
    "erase",
    "fill_alike",
    "fill_holes",
    "fill_label",
    "grow",
    "interpolate",
    "keep_largest",
    "label_volumes",
    "operate",
    "operation_named",
    "remove_islands",
    "shrink",
    "smooth",
    "threshold",
]
