"""DICOM segmentations (SEG) and structure sets (RTSTRUCT): found with the images, read as labels, and written.

``label_object`` opens them and ``references`` tells which image they belong to; ``seg_reading`` and
``rtstruct_reading`` put their segments into the grid of an image, ``importing`` makes one label of these.
``seg_writing`` writes a label, with ``codes`` for what its structures are and ``source_headers`` for what it refers to.
"""

from jlabel.exchange.dicom_seg.importing import ImportedDicomLabel
from jlabel.exchange.dicom_seg.listing import DicomLabel
from jlabel.exchange.dicom_seg.overlap import Overlap, OverlapRule
from jlabel.exchange.dicom_seg.segment import Segment

__all__ = ["DicomLabel", "ImportedDicomLabel", "Overlap", "OverlapRule", "Segment"]
