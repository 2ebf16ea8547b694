"""The image and its labels in itkwidgets, where it is installed."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from jlabel.errors import JlabelError
from jlabel.imaging import Image

# What itkwidgets 1.0a55 was seen to work with: later releases of ngff-zarr write to folders alone, and zarr 3 lacks the
# store that itkwidgets keeps its image in.
NEEDED = 'pip install "itkwidgets[lab]==1.0a55" "ngff-zarr==0.12.2" "zarr<3"'
_BUILT_IN = "the labeler's own 3D view (key T, or the button 3D) needs nothing and works offline"


def itk_view(image: Image, mask: NDArray[Any]) -> Any:
    """Show a volume and its labels with itkwidgets.

    Args:
        image: A scalar volume.
        mask: Label values in its grid.

    Returns:
        The viewer of itkwidgets, to be shown by the cell.

    Raises:
        JlabelError: The image is no scalar volume, or itkwidgets is not installed, is one that cannot work in
            JupyterLab 4, or does not take the image.
    """
    if image.ndim != 3 or image.channels == "rgb":
        raise JlabelError("itkwidgets is handed volumes of one channel; this image is a picture or has colours")
    _check_versions()
    try:
        itkwidgets, itkwasm = import_module("itkwidgets"), import_module("itkwasm")
        return itkwidgets.view(
            image=itk_image(itkwasm, image.array, image.affine), label_image=itk_image(itkwasm, mask, image.affine)
        )
    except Exception as error:
        raise JlabelError(
            f"itkwidgets could not show the image ({type(error).__name__}: {error}). It was seen to work with "
            f"{NEEDED}; {_BUILT_IN}"
        ) from error


def itk_image(itkwasm: Any, array: NDArray[Any], affine: NDArray[np.floating]) -> Any:
    """A volume as an ``itkwasm.Image`` in ITK's LPS millimetres, its axes turned to run left, posterior and superior.

    They are turned because itkwidgets 1.0a55 keeps spacing and origin but loses the direction: so an oblique volume is
    shown as if it were straight, and every other one as it is.

    Args:
        itkwasm: The module of that name.
        array: Shape (i, j, k).
        affine: 4×4, voxel index to RAS millimetres. Shear is lost, as ITK has none: axes keep their directions and
            spacing.
    """
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(affine, dtype=float)
    turn = nib.orientations.io_orientation(lps)
    turned = nib.orientations.apply_orientation(array, turn)
    lps = lps @ nib.orientations.inv_ornt_aff(turn, array.shape)
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    spacing[spacing == 0] = 1.0
    kind = itkwasm.ImageType(dimension=3, componentType=array.dtype.name, pixelType="Scalar", components=1)
    return itkwasm.Image(
        imageType=kind,
        origin=[float(v) for v in lps[:3, 3]],
        spacing=[float(v) for v in spacing],
        direction=np.ascontiguousarray(lps[:3, :3] / spacing),
        size=[int(n) for n in turned.shape],
        data=np.ascontiguousarray(turned.T),
    )


def _check_versions() -> None:
    try:
        found = version("itkwidgets")
    except PackageNotFoundError as error:
        raise JlabelError(f"itkwidgets is not installed: {NEEDED}. It needs a network; {_BUILT_IN}") from error
    if found.startswith("0."):
        raise JlabelError(
            f"itkwidgets {found} has no extension for JupyterLab and wants ipywidgets below 8: nothing would be shown. "
            f"Install {NEEDED}; {_BUILT_IN}"
        )
