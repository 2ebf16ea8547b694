"""The surface of a structure in millimetres, to look at a label in three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.csgraph import connected_components
from skimage.measure import marching_cubes

from jlabel.imaging.rendering.downsampling import block_means, reduced_affine, reduction
from jlabel.progress import NO_PROGRESS, Progress

#: Voxels along the longest axis of the grid in which a surface is found.
FINEST = 160
# Taubin's pair of steps; his pass-band frequency for them is 1/λ + 1/μ, about 0.1.
_SHRINK, _GROW = 0.5, -0.526
_STEPS = 10
# A part of so few vertices, about three voxels across, would melt away.
_TINY = 120


@dataclass(frozen=True, eq=False)
class Surface:
    """A closed surface made of triangles.

    Attributes:
        vertices: Shape (n, 3), float32: x, y, z in millimetres (RAS).
        faces: Shape (m, 3), uint32: indices of three vertices, counter-clockwise as seen from outside.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]

    @property
    def area(self) -> float:
        """In mm²."""
        return float(np.linalg.norm(self._crosses(), axis=1).sum() / 2)

    @property
    def volume(self) -> float:
        """Of the inside, in mm³; negative for a surface that is turned inside out."""
        first = self.vertices[self.faces[:, 0]].astype(float)
        return float((first * self._crosses()).sum() / 6)

    def _crosses(self) -> NDArray[np.float64]:
        a, b, c = (self.vertices[self.faces[:, corner]].astype(float) for corner in range(3))
        return np.cross(b - a, c - a)


def label_surface(
    inside: NDArray[np.bool_],
    affine: NDArray[np.floating],
    lower: Sequence[int] = (0, 0, 0),
    finest: int = FINEST,
    progress: Progress = NO_PROGRESS,
) -> Surface | None:
    """The surface of a structure, found by marching cubes (Lewiner et al. 2003) and smoothed without shrinking.

    Smoothing follows G. Taubin, "A signal processing approach to fair surface design", SIGGRAPH 1995. A structure of
    one voxel has a surface too, and so has a stray one in a grid that was reduced.

    Args:
        inside: Shape (i, j, k): the voxels of the structure, at best no more than their bounding box.
        affine: 4×4, voxel index to RAS millimetres; oblique and sheared grids are right as well.
        lower: The voxel index of ``inside[0, 0, 0]``.
        finest: Most voxels along an axis; a larger box is averaged down by whole factors first.
        progress: Asked between the steps whether to go on.

    Returns:
        The surface, closed where the structure touches the edge; None for no voxel at all.
    """
    if not inside.any():
        return None
    factors = reduction(inside.shape, finest)
    share = block_means(inside, factors, progress)
    _keep_small_parts(share)
    progress.check()
    vertices, faces, _, _ = marching_cubes(np.pad(share, 1), 0.5, gradient_direction="ascent")
    smooth = _smoothed(vertices.astype(np.float64), faces, progress)
    to_mm = reduced_affine(affine, factors, lower)
    in_mm = (smooth - 1) @ to_mm[:3, :3].T + to_mm[:3, 3]
    if np.linalg.det(to_mm[:3, :3]) < 0:
        faces = faces[:, ::-1]
    return Surface(np.ascontiguousarray(in_mm, np.float32), np.ascontiguousarray(faces, np.uint32))


def _keep_small_parts(share: NDArray[np.float32]) -> None:
    """Parts that fill nowhere half a voxel of the reduced grid are made to fill theirs, or nobody would see them."""
    parts, count = ndimage.label(share > 0, ndimage.generate_binary_structure(3, 3))
    faint = np.ones(count + 1, bool)
    faint[0] = False
    faint[parts[share > 0.5]] = False
    if faint.any():
        share[faint[parts]] = 1


def _smoothed(vertices: NDArray[np.float64], faces: NDArray[Any], progress: Progress) -> NDArray[np.float64]:
    """Each vertex towards the middle of its neighbours, and a little more back again; what is tiny stays as it is."""
    count = len(vertices)
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    near = sparse.coo_matrix((np.ones(len(ends), np.float32), (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
    near = near.maximum(near.T)
    near.data[:] = 1
    weights = sparse.diags(1 / np.maximum(np.asarray(near.sum(axis=1)).ravel(), 1))
    middle = (weights @ near).tocsr()
    smooth = vertices
    for _ in range(_STEPS):
        progress.check()
        for step in (_SHRINK, _GROW):
            smooth = smooth + step * (middle @ smooth - smooth)
    _, part = connected_components(near, directed=False)
    tiny = np.bincount(part)[part] < _TINY
    return np.where(tiny[:, None], vertices, smooth)
