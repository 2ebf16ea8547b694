"""One example case: the template seen as another person's head, by another scanner."""

from __future__ import annotations

from dataclasses import dataclass

import nibabel as nib
import numpy as np
from nibabel.orientations import apply_orientation, axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.demo.template import Template

_MARGIN_MM = 10.0
_KNOT_MM = 32.0

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Recipe:
    """How one case differs from the template.

    Attributes:
        seed: Of the random head shape, contrast, shading and noise.
        spacing: Voxel size in mm along right, anterior, superior, before the axes are put in the file's order.
        codes: Axis codes of the file, as nibabel names them: the direction in which each axis goes.
        tilt: Rotation of the voxel grid in degrees about the right, anterior and superior axis (an oblique scan).
    """

    seed: int
    spacing: tuple[float, float, float]
    codes: str = "RAS"
    tilt: tuple[float, float, float] = (0.0, 0.0, 0.0)


def make_case(template: Template, recipe: Recipe, values: dict[str, int]) -> tuple[nib.Nifti1Image, nib.Nifti1Image]:
    """Return the scan (int16) and its reference label (uint8), on one grid and with one affine."""
    random = np.random.default_rng(recipe.seed)
    affine, axes = _grid(template, recipe)
    where = _template_voxels(template, affine, axes, random)
    tissues = {name: _sample(field, where) for name, field in template.tissues.items()}
    scan = _scanned(_contrast(_sample(template.t1, where), tissues, random), axes, random)
    return _in_file_order(scan, affine, recipe.codes), _in_file_order(_label(tissues, values), affine, recipe.codes)


def _grid(template: Template, recipe: Recipe) -> tuple[NDArray[np.float64], list[Array]]:
    """Return a RAS grid around the brain: its affine, and the distance in mm of each index from the first, per axis."""
    lower, upper = template.bounds()
    spacing = np.array(recipe.spacing)
    shape = np.ceil((upper - lower + 2 * _MARGIN_MM) / spacing).astype(int)
    turn = _rotation(recipe.tilt) * spacing
    affine = np.eye(4)
    affine[:3, :3] = turn
    affine[:3, 3] = (lower + upper) / 2 - turn @ ((shape - 1) / 2)
    return affine, [np.arange(n, dtype=np.float32) * np.float32(step) for n, step in zip(shape, spacing, strict=True)]


def _rotation(degrees: tuple[float, float, float]) -> NDArray[np.float64]:
    turn = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        step[one, one] = step[other, other] = np.cos(angle)
        step[one, other], step[other, one] = -np.sin(angle), np.sin(angle)
        turn = step @ turn
    return turn


def _template_voxels(
    template: Template, affine: NDArray[np.float64], axes: list[Array], random: np.random.Generator
) -> Array:
    """Return for each voxel of the grid where in the template it lies, shape ``(3, i, j, k)``, in template voxels."""
    lower, upper = template.bounds()
    centre = (lower + upper) / 2
    to_voxel = np.linalg.inv(template.affine)
    size = np.diag(random.uniform(0.94, 1.06, 3))
    shape = [len(axis) for axis in axes]
    whole = to_voxel[:3, :3] @ size @ affine[:3, :3]
    start = to_voxel[:3, :3] @ (size @ (affine[:3, 3] - centre) + centre) + to_voxel[:3, 3]
    where = np.empty((3, *shape), np.float32)
    index = np.ogrid[tuple(slice(n) for n in shape)]
    for axis in range(3):
        where[axis] = start[axis] + sum(whole[axis, k] * index[k] for k in range(3))
        where[axis] += _smooth(axes, _KNOT_MM, random) * np.float32(random.uniform(2.0, 3.2))
    return where


def _smooth(axes: list[Array], knot_mm: float, random: np.random.Generator) -> Array:
    """Return a smooth random field of mean 0 and standard deviation 1: a sum of Gaussians on a coarse lattice."""
    bases = []
    for axis in axes:
        knots = np.arange(-knot_mm, axis[-1] + 2 * knot_mm, knot_mm, dtype=np.float32)
        bases.append(np.exp(-0.5 * ((axis[:, None] - knots) / (0.7 * knot_mm)) ** 2))
    weights = random.standard_normal([basis.shape[1] for basis in bases]).astype(np.float32)
    field = np.einsum("xi,yj,zk,ijk->xyz", *bases, weights, optimize=True)
    return np.asarray((field - field.mean()) / field.std(), np.float32)


def _sample(field: Array, where: Array) -> Array:
    return np.asarray(ndimage.map_coordinates(field, where, order=1, mode="constant", cval=0.0), np.float32)


def _label(tissues: dict[str, Array], values: dict[str, int]) -> NDArray[np.uint8]:
    """Give each voxel the label that it holds more than half of."""
    label = np.zeros(next(iter(tissues.values())).shape, np.uint8)
    for name, share in tissues.items():
        label[share > 0.5] = values[name]
    return label


def _contrast(t1: Array, tissues: dict[str, Array], random: np.random.Generator) -> Array:
    """Shift the brightness of the tissues against each other, and the gamma, as other sequences do."""
    brain = t1 > 0
    image = t1 + np.float32(random.uniform(0.0, 0.1)) * tissues["white matter"]
    image -= np.float32(random.uniform(0.05, 0.18)) * tissues["grey matter"]
    image -= np.float32(random.uniform(0.1, 0.25)) * tissues["ventricles"]
    return np.where(brain, np.clip(image, 0.03, None) ** np.float32(random.uniform(0.9, 1.25)), 0).astype(np.float32)


def _scanned(image: Array, axes: list[Array], random: np.random.Generator) -> NDArray[np.int16]:
    """Add coil shading, Rician noise and a scanner's own scale."""
    shading = np.exp(np.float32(random.uniform(0.03, 0.12)) * _smooth(axes, 90.0, random))
    sigma = np.float32(random.uniform(0.012, 0.03))
    noise = random.standard_normal((2, *image.shape), np.float32) * sigma
    magnitude = np.hypot(image * shading + noise[0], noise[1])
    return np.asarray(np.rint(magnitude * random.uniform(400, 1600)), np.int16)


def _in_file_order(array: NDArray[np.generic], affine: NDArray[np.float64], codes: str) -> nib.Nifti1Image:
    """Turn a RAS array into the axis order of the file, with the affine that keeps each voxel where it is."""
    change = ornt_transform(io_orientation(affine), axcodes2ornt(codes))
    turned = affine @ inv_ornt_aff(change, array.shape)
    image = nib.Nifti1Image(np.ascontiguousarray(apply_orientation(array, change)), turned)
    image.set_qform(turned, code=1)
    image.set_sform(turned, code=1)
    image.header.set_xyzt_units("mm")
    return image
