"""Images of the shared sets, all of one size, for the learning curves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging import read_image, read_label
from jlabel.imaging.file_names import split_image_name
from jlabel.selection.appearance_vector import appearance

POOL, TEST = 80, 40
_ARRAYS = ("images", "labels", "looks", "bright")


@dataclass(frozen=True)
class CurveSet:
    """A set, and how its images are made alike.

    Attributes:
        name: Of its folder.
        labels: The structures, name to value; every value above 0 is the last one where there is only one.
        shape: Of the grid.
        spacing: Of the voxels in that grid, in those of the image; None to bring the whole image to the grid.
    """

    name: str
    labels: dict[str, int]
    shape: tuple[int, ...]
    spacing: float | None


SETS = {
    one.name: one
    for one in (
        CurveSet("hippocampus_msd", {"anterior": 1, "posterior": 2}, (24, 32, 24), 2.0),
        CurveSet("nuclei_dsb2018", {"nucleus": 1}, (96, 96), None),
    )
}


@dataclass(frozen=True, eq=False)
class Cases:
    """Images and what is right, as arrays.

    Attributes:
        ids: Their ids.
        images: Float32 of shape ``(case, channel, ...)``, of mean 0 and deviation 1 each.
        labels: Uint8 of shape ``(case, ...)``.
        looks: What strategies without a model see of each image, in its own grid: float32 of shape ``(case, feature)``.
        bright: The share of each image that is bright, float32 of shape ``(case,)``.
    """

    ids: tuple[str, ...]
    images: NDArray[np.float32]
    labels: NDArray[np.uint8]
    looks: NDArray[np.float32]
    bright: NDArray[np.float32]

    def __getitem__(self, numbers: NDArray[np.int64]) -> Cases:
        ids = tuple(self.ids[number] for number in numbers)
        return Cases(ids, *(each[numbers] for each in (self.images, self.labels, self.looks, self.bright)))


def pool_and_test(cases: Cases) -> tuple[Cases, Cases]:
    """80 cases to choose from and 40 to judge by, the same ones always."""
    order = np.random.default_rng(0).permutation(len(cases.ids))
    return cases[np.sort(order[TEST : TEST + POOL])], cases[np.sort(order[:TEST])]


def read_cases(data: Path, chosen: CurveSet, kept: Path) -> Cases:
    """All cases of a set; read once, and kept in a file for the next process.

    Args:
        data: The folder of the sets.
        chosen: The set.
        kept: The folder of that file.
    """
    file = kept / f"{chosen.name}.npz"
    if not file.exists():
        made = _read(data / chosen.name, chosen)
        kept.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(".new.npz")
        arrays = {name: getattr(made, name) for name in _ARRAYS}
        np.savez(beside, ids=np.array(made.ids), **arrays)
        beside.replace(file)
    with np.load(file) as found:
        return Cases(tuple(map(str, found["ids"])), *(found[name] for name in _ARRAYS))


def _read(folder: Path, chosen: CurveSet) -> Cases:
    labels = {split_image_name(path.name)[0]: path for path in (folder / "labels").iterdir()}
    ids, images, masks, looks = [], [], [], []
    for path in sorted((folder / "images").iterdir()):
        image_id = split_image_name(path.name)[0]
        image = read_image(path)
        label = read_label(labels[image_id], image)
        label = (label > 0).astype(np.uint8) if len(chosen.labels) == 1 else label.astype(np.uint8)
        values = np.asarray(image.array, np.float32)
        channels = np.moveaxis(values, -1, 0) if values.ndim > label.ndim else values[None]
        fitted = np.stack([_fitted(channel, chosen, 1) for channel in channels])
        ids.append(image_id)
        looks.append(appearance(image))
        images.append((fitted - fitted.mean()) / max(1e-6, float(fitted.std())))
        masks.append(_fitted(label, chosen, 0))
    vectors, shares = zip(*looks, strict=True)
    return Cases(
        tuple(ids),
        np.stack(images).astype(np.float32),
        np.stack(masks),
        np.stack(vectors).astype(np.float32),
        np.array(shares, np.float32),
    )


def _fitted(array: NDArray, chosen: CurveSet, order: int) -> NDArray:
    """In the set's grid: resampled, then cut or padded evenly on both sides."""
    if chosen.spacing is None:
        factors = [wanted / n for wanted, n in zip(chosen.shape, array.shape, strict=True)]
        smooth = [max(0.0, (1 / factor - 1) / 2) for factor in factors]
        array = ndimage.gaussian_filter(array, smooth) if order else array
        return ndimage.zoom(array, factors, order=order, grid_mode=True, mode="nearest")
    array = ndimage.zoom(array, 1 / chosen.spacing, order=order, grid_mode=True, mode="nearest")
    for axis, wanted in enumerate(chosen.shape):
        n = array.shape[axis]
        start = max(0, (n - wanted) // 2)
        array = np.take(array, range(start, min(n, start + wanted)), axis=axis)
        short = wanted - array.shape[axis]
        pad = [(short // 2, short - short // 2) if each == axis else (0, 0) for each in range(array.ndim)]
        array = np.pad(array, pad, mode="edge" if order else "constant")
    return array
