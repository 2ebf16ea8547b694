"""Analyze 7.5 headers, which the pairs of ``.hdr`` and ``.img`` had before NIfTI: read as nibabel reads them.

What decides, by dbh.h of the Mayo Clinic and SPM's additions to it: ``dim``, ``datatype`` and ``vox_offset`` as in
NIfTI, which took them over; ``pixdim`` the voxel size; SPM's scale (``funused1``, where NIfTI has ``scl_slope``) and
its ``origin``. Nothing says reliably where left and right are: the axes are taken to be SPM's, with the first one to
the left, and a note says so. Calibrated ranges (``cal_max``, ``glmax``) are for a display and change nothing.
"""

from __future__ import annotations

from typing import Any

import nibabel as nib
import numpy as np

from jlabel.imaging.formats.nifti_affine import Affine, from_sizes, is_usable

_SIZE = 348
_TYPES = {1, 2, 4, 8, 16, 32, 64, 128, 130, 132, 136}
_NIFTI_MAGIC = (b"ni1\0", b"n+1\0")


def is_analyze(head: bytes) -> bool:
    """Whether bytes from the start of a file are an Analyze header (of either byte order)."""
    if len(head) < _SIZE or head[344:348] in _NIFTI_MAGIC:
        return False
    for order in ("little", "big"):
        if int.from_bytes(head[:4], order) == _SIZE:
            axes, kind = (int.from_bytes(head[at : at + 2], order) for at in (40, 70))
            return 1 <= axes <= 7 and kind in _TYPES
    return False


def parse_analyze(head: bytes) -> Any:
    """nibabel's header of the 348 bytes that ``head`` starts with."""
    return nib.Spm2AnalyzeHeader(head[:_SIZE], check=False)


def analyze_affine(header: Any, shape: tuple[int, ...], notes: dict[str, str]) -> Affine:
    """The voxel-to-RAS affine: the voxel sizes, with SPM's origin or the centre of the grid at 0."""
    notes["position"] = "an Analyze file does not say where left and right are; SPM's order of the axes is assumed"
    sizes = np.abs(np.asarray(header["pixdim"][1:4], dtype=np.float64))
    if np.isfinite(sizes).all() and (sizes > 0).all():
        with np.errstate(all="ignore"):
            affine = np.asarray(header.get_best_affine(), dtype=np.float64)
        if is_usable(affine):
            return affine
    return from_sizes(header, shape, notes)
