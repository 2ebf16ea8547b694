"""Where a NIfTI grid lies in the patient: by its sform, its qform or neither, in the order that nibabel prefers.

By nifti1.h: ``sform_code`` > 0 makes ``srow_x``, ``srow_y`` and ``srow_z`` decide, else ``qform_code`` > 0 the
quaternion, ``qoffset`` and ``pixdim`` (its first number, qfac, turns the third axis). ``xyzt_units`` is noted; the
numbers are kept.
"""

from __future__ import annotations

from typing import Any

import nibabel as nib
import numpy as np
from nibabel.spatialimages import HeaderDataError
from nibabel.volumeutils import shape_zoom_affine
from numpy.typing import NDArray

Affine = NDArray[np.float64]


def is_usable(affine: NDArray[np.floating]) -> bool:
    """Whether a 4×4 affine is finite and takes no axis to a point or a plane of axes to a line."""
    if not np.isfinite(affine).all():
        return False
    axes = np.asarray(affine, dtype=float)[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if (lengths < 1e-9).any() or (lengths > 1e9).any():
        return False
    return abs(float(np.linalg.det(axes / lengths))) > 1e-4


def grid_affine(header: Any, shape: tuple[int, ...], notes: dict[str, str]) -> tuple[Affine, bool]:
    """The voxel-to-RAS affine of a NIfTI header whose voxel sizes, qfac and codes are repaired.

    The sform where it has a code, else the qform where it has one, else one made of the voxel sizes as nibabel makes it
    (x flipped, the centre of the grid at the origin). A form that cannot be used is passed over with a note.

    Returns:
        The affine, and whether the file says where the image lies (a form was used).
    """
    sform, qform = _sform(header, shape), _qform(header, notes)
    if sform is not None and not is_usable(sform):
        notes["sform"] = "the sform cannot be used (not finite, or an axis without length) and was passed over"
        sform = None
    if int(header["qform_code"]) > 0 and qform is None:
        notes["qform"] = "the qform cannot be used (not finite, or no rotation)"
    if sform is not None and qform is not None and not _same(sform, qform, shape):
        notes["position"] = "sform and qform place the image differently; the sform is used"
    _note_units(header, notes)
    if sform is not None:
        return sform, True
    if qform is not None:
        return qform, True
    notes["position"] = "the file does not say where the image lies; left and right are not known"
    return from_sizes(header, shape, notes), False


def form_fields(affine: Affine) -> Any:
    """A NIfTI-1 header whose forms hold the affine: sform in float32, and the qform too where it can (no shear)."""
    header = nib.Nifti1Header()
    header.set_sform(affine, code=1)
    header["pixdim"][1:4] = np.linalg.norm(affine[:3, :3], axis=0)
    trial = header.copy()
    try:
        trial.set_qform(affine, code=1, strip_shears=False)
        exact = np.allclose(
            trial.get_qform(), affine, rtol=1e-4, atol=1e-3 * np.linalg.norm(affine[:3, :3], axis=0).min()
        )
    except (ValueError, np.linalg.LinAlgError, HeaderDataError):
        exact = False
    return trial if exact else header


def _sform(header: Any, shape: tuple[int, ...]) -> Affine | None:
    if int(header["sform_code"]) <= 0:
        return None
    affine = np.asarray(header.get_sform(), dtype=np.float64)
    if [*shape, 1][2] == 1 and not affine[:3, 2].any():  # one slice takes no step, but the grid needs a third axis
        across = np.cross(affine[:3, 0], affine[:3, 1])
        length = float(np.linalg.norm(across))
        affine[:3, 2] = across / length if length > 0 else 0
    return affine


def _qform(header: Any, notes: dict[str, str]) -> Affine | None:
    if int(header["qform_code"]) <= 0:
        return None
    header = header.copy()
    turn = np.array([header[f"quatern_{part}"] for part in "bcd"], dtype=np.float64)
    length = float(np.linalg.norm(turn))
    if np.isfinite(length) and length > 1:
        # As the format's reference code does (nifti_quatern_to_mat44); nibabel raises beyond its own tolerance.
        for part, value in zip("bcd", turn / length, strict=True):
            header[f"quatern_{part}"] = value
        if length > 1 + 1e-5:
            notes["qform"] = f"the rotation of the qform has the length {length:g} and was brought to 1"
    try:
        with np.errstate(all="ignore"):
            affine = np.asarray(header.get_qform(), dtype=np.float64)
    except (ValueError, FloatingPointError, HeaderDataError):
        return None
    return affine if is_usable(affine) else None


def from_sizes(header: Any, shape: tuple[int, ...], notes: dict[str, str]) -> Affine:
    """An affine of the voxel sizes alone, as nibabel makes it: x flipped, the centre of the grid at the origin."""
    sizes = np.abs(np.asarray(header["pixdim"][1:4], dtype=np.float64))
    sizes[len(shape) :] = 1.0
    bad = ~(np.isfinite(sizes) & (sizes > 1e-9) & (sizes < 1e9))
    if bad.any():
        notes["voxel size"] = "the file gives no usable voxel size; 1 mm is assumed"
        sizes[bad] = 1.0
    grid = [*shape, 1, 1][:3]
    return np.asarray(shape_zoom_affine(grid, sizes, x_flip=True), dtype=np.float64)


def _same(first: Affine, second: Affine, shape: tuple[int, ...]) -> bool:
    far = np.array([*(n - 1 for n in [*shape, 1, 1][:3]), 1.0])
    corners = np.array([[0, 0, 0, 1.0], far, *(np.where(np.arange(4) == a, far, [0, 0, 0, 1.0]) for a in range(3))])
    apart = np.linalg.norm((corners @ (first - second).T)[:, :3], axis=1).max()
    return bool(apart <= 0.05 * np.linalg.norm(first[:3, :3], axis=0).min())


def _note_units(header: Any, notes: dict[str, str]) -> None:
    unit = {1: "metres", 3: "micrometres"}.get(int(header["xyzt_units"]) & 7)
    if unit:
        notes["units"] = f"the header gives sizes in {unit}; they are kept as they are and shown as if they were mm"
