"""The MNI152 2009a template of nilearn's package, with the regions that the example labels name.

Source: Fonov et al., "Unbiased average age-appropriate atlases for pediatric studies", NeuroImage 54 (2011), 313-327.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import util
from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.errors import JlabelError

_FILE = "mni_icbm152_{}_tal_nlin_sym_09a_converted.nii.gz"
_DEEP_MM = 22.0
_FIRST_SLICE_MM = -12.0


@dataclass(frozen=True)
class Template:
    """A skull-stripped T1 head and its tissues, all of shape (197, 233, 189), 1 mm, axes R, A, S.

    Attributes:
        affine: 4 x 4, voxel index to millimetres (RAS).
        t1: Intensities, 0 to 1, 0 outside the brain.
        tissues: Label name to probability, 0 to 1.
    """

    affine: NDArray[np.float64]
    t1: NDArray[np.float32]
    tissues: dict[str, NDArray[np.float32]]

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the lowest and the highest corner of the brain in millimetres (RAS)."""
        box = ndimage.find_objects((self.t1 > 0).astype(np.uint8))[0]
        lower = np.array([extent.start for extent in box])
        upper = np.array([extent.stop - 1 for extent in box])
        return self.affine[:3, :3] @ lower + self.affine[:3, 3], self.affine[:3, :3] @ upper + self.affine[:3, 3]


def load_template() -> Template:
    """Read the template from nilearn's package, without importing nilearn.

    Raises:
        JlabelError: nilearn is not installed, or its package has no such template.
    """
    folder = _nilearn_data()
    affine, t1 = _read(folder / _FILE.format("t1"))
    _, grey = _read(folder / _FILE.format("gm"))
    _, white = _read(folder / _FILE.format("wm"))
    ventricles = _ventricles(t1, grey + white, affine)
    outside = 1 - ventricles
    return Template(
        affine, t1, {"ventricles": ventricles, "white matter": white * outside, "grey matter": grey * outside}
    )


def _nilearn_data() -> Path:
    found = util.find_spec("nilearn")
    if found is None or found.origin is None:
        raise JlabelError("the example studies are made from a template in nilearn: pip install jlabel[demo]")
    folder = Path(found.origin).parent / "datasets" / "data"
    if not (folder / _FILE.format("t1")).is_file():
        raise JlabelError(f"{folder} lacks the MNI152 template: pip install --upgrade jlabel[demo]")
    return folder


def _read(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    image = nib.load(path)
    return np.asarray(image.affine, np.float64), np.asarray(image.dataobj, np.float32) / np.float32(255)


def _ventricles(
    t1: NDArray[np.float32], tissue: NDArray[np.float32], affine: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the fluid deep inside the brain: neither grey nor white matter, far from the surface, in one piece."""
    brain = ndimage.binary_fill_holes(t1 > 0)
    depth = ndimage.distance_transform_edt(brain)
    fluid = brain & (tissue < 0.5) & (depth > _DEEP_MM)
    lowest = round((_FIRST_SLICE_MM - affine[2, 3]) / affine[2, 2])
    fluid[:, :, :lowest] = False
    pieces, count = ndimage.label(fluid)
    if count == 0:
        return np.zeros_like(t1)
    largest = pieces == 1 + np.argmax(np.bincount(pieces.ravel())[1:])
    return np.asarray(largest, np.float32)
