"""DICOM segmentations (SEG) and structure sets (RTSTRUCT): found with the images, read as labels, and written.

``label_object`` opens them and ``references`` tells which image they belong to; ``seg_reading`` and
``rtstruct_reading`` put their segments into the grid of an image, ``overlap`` makes one label of these.
"""

from jlabel.exchange.dicom_seg.importing import ImportedDicomLabel
from jlabel.exchange.dicom_seg.listing import DicomLabel
from jlabel.exchange.dicom_seg.overlap import Overlap, OverlapRule
from jlabel.exchange.dicom_seg.segment import Segment

__all__ = ["DicomLabel", "ImportedDicomLabel", "Overlap", "OverlapRule", "Segment"]
