"""Geodesic distance: how far it is from a set of voxels when crossing edges of the image costs extra.

Bai and Sapiro 2007, "A geodesic framework for fast interactive image and video segmentation and matting"; Criminisi,
Sharp and Blake 2008, "GeoS: geodesic image segmentation"; Wang et al. 2018, "DeepIGeoS".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def geodesic_distance(seeds: NDArray[np.bool_], steps: Sequence[Floats], sweeps: int = 6) -> Floats:
    """The cheapest way from any seed to each voxel, moving between neighbours along the axes.

    Every sweep passes along each axis in both directions. Along a line the cheapest way is a running minimum of the
    distance less the cost so far, so a pass is a few vectorized operations; sweeping stops when nothing changes.

    Args:
        seeds: Where the distance is 0.
        steps: For each axis, the cost (> 0) of the step between neighbours: the shape of ``seeds``, less one along that
            axis.
        sweeps: How often at most.

    Returns:
        The distances, ``inf`` everywhere where there are no seeds.
    """
    distance = np.where(seeds, np.float32(0), np.float32(np.inf))
    if not seeds.any():
        return distance
    far = np.float32(1e12)
    np.minimum(distance, far, out=distance)
    paths = [_path(step, axis) for axis, step in enumerate(steps)]
    for _ in range(sweeps):
        before = distance.copy()
        for axis, path in enumerate(paths):
            if path is None:
                continue
            _pass(distance, path, axis)
        if np.allclose(before, distance, rtol=1e-3):
            break
    return distance


def _path(step: Floats, axis: int) -> Floats | None:
    """The cost of the way from the first voxel of each line."""
    if step.shape[axis] == 0:
        return None
    head = [(0, 0)] * step.ndim
    head[axis] = (1, 0)
    return np.pad(np.cumsum(step, axis=axis, dtype=np.float32), head)


def _pass(distance: Floats, path: Floats, axis: int) -> None:
    """Relax along one axis in both directions, in place."""
    ahead = np.minimum.accumulate(distance - path, axis=axis)
    ahead += path
    np.minimum(distance, ahead, out=distance)
    back = np.flip(distance + path, axis)
    back = np.flip(np.minimum.accumulate(back, axis=axis), axis)
    np.minimum(distance, back - path, out=distance)
