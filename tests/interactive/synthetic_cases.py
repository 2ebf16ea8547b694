"""Made images of one structure each, first masks that are wrong in known ways, and places in what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from jlabel.imaging.image import Image
from jlabel.prompts.prompt import Click

Mask = NDArray[np.bool_]

SHAPES = ("ellipsoid", "tube", "blob", "shell")
STARTS = ("nothing", "grown", "shifted", "half")
_LEAST_ERROR = 6


@dataclass(frozen=True, eq=False)
class Case:
    """An image with a structure, and a mask to start from (None: from nothing)."""

    name: str
    image: Image
    truth: Mask
    start: Mask | None


def cases(count: int, ndim: int, first: int = 0) -> Iterator[Case]:
    """``count`` cases: every shape with every start in turn; the same number gives the same case."""
    for number in range(first, first + count):
        kind, start = SHAPES[number % 4], STARTS[(number // 4 + number) % len(STARTS)]
        random = np.random.default_rng([number, ndim])
        edge = int(random.integers(88, 128)) if ndim == 2 else int(random.integers(36, 48))
        truth = structure(kind, (edge,) * ndim, random)
        spacing = (1.0,) * ndim if number % 3 else (1.0,) * (ndim - 1) + (1.5,)
        image = Image(painted(truth, random), np.diag([*spacing, *(1.0,) * (4 - ndim)]))
        yield Case(f"{number}-{ndim}d-{kind}-{start}", image, truth, first_mask(start, truth, random))


def misjudged_cases(count: int, ndim: int, first: int = 0) -> Iterator[Case]:
    """``count`` cases from nothing, of which one click tells little: how large the structure is must be told by others.

    In turn a part of a large even body with a faint border, and a structure whose texture is stronger than its border;
    compact or elongated.
    """
    for number in range(first, first + count):
        random = np.random.default_rng([number, ndim, 1])
        edge = int(random.integers(110, 150)) if ndim == 2 else int(random.integers(48, 60))
        faint = number % 2 == 0
        radii = [(0.07, 0.13) if faint else (0.14, 0.22)] * ndim
        if number % 4 > 1:
            radii[0] = (0.22, 0.28)
        truth = _ellipsoid((edge,) * ndim, radii, 0.1, random)
        values = faint_part(truth, random) if faint else strong_texture(truth, random)
        spacing = (random.uniform(0.8, 2.5),) * ndim
        image = Image(values, np.diag([*spacing, *(1.0,) * (4 - ndim)]))
        yield Case(f"{number}-{ndim}d-{'faint' if faint else 'texture'}-nothing", image, truth, None)


def faint_part(truth: Mask, random: np.random.Generator) -> NDArray[np.float32]:
    """An image of a large even body, in which the structure hardly stands out."""
    shape, edge = truth.shape, truth.shape[0]
    body = truth | _ellipsoid(shape, [(0.3, 0.42)] * len(shape), 0.05, random)
    values = np.where(body, random.uniform(2, 4), 0.0) + 0.3 * smooth_noise(shape, 0.05 * edge, random)
    values[truth] += random.choice([-1.0, 1.0]) * random.uniform(0.3, 0.8)
    values = ndimage.gaussian_filter(values, random.uniform(0.4, 1.0))
    return (100 * (values + random.uniform(0.1, 0.4) * random.normal(size=shape))).astype(np.float32)


def strong_texture(truth: Mask, random: np.random.Generator) -> NDArray[np.float32]:
    """An image of a structure with lumps in it, on a ground with other ones."""
    shape, edge = truth.shape, truth.shape[0]
    inner, outer = (random.uniform(0.4, 0.8) * smooth_noise(shape, s * edge, random) for s in (0.03, 0.05))
    values = np.where(truth, random.uniform(0.8, 1.6) + inner, outer)
    values = ndimage.gaussian_filter(values, random.uniform(0.4, 0.8))
    return (100 * (values + random.uniform(0.1, 0.3) * random.normal(size=shape))).astype(np.float32)


def _ellipsoid(shape: tuple[int, ...], radii: tuple[float, float], away: float, random: np.random.Generator) -> Mask:
    """Turned any way; its radii and how far it lies from the middle are parts of the image's edge."""
    edge = shape[0]
    middle = np.array(shape) / 2 + edge * random.uniform(-away, away, len(shape))
    axes, _ = np.linalg.qr(random.normal(size=(len(shape),) * 2))
    turned = np.tensordot(axes, np.indices(shape) - middle.reshape(-1, *(1,) * len(shape)), 1)
    lengths = [edge * random.uniform(*each) for each in radii]
    return np.asarray(sum((t / r) ** 2 for t, r in zip(turned, lengths, strict=True)) < 1)


def structure(kind: str, shape: tuple[int, ...], random: np.random.Generator) -> Mask:
    """One connected structure about the middle, a sixth to a half of the image wide."""
    grid = np.indices(shape) - np.array(shape).reshape(-1, *(1,) * len(shape)) / 2
    axes, _ = np.linalg.qr(random.normal(size=(len(shape),) * 2))
    turned = np.tensordot(axes, grid, 1)
    edge = shape[0]
    if kind == "tube":
        along = np.clip(turned[0], -0.38 * edge, 0.38 * edge)
        bend = 0.12 * edge * np.sin(along / edge * random.uniform(3, 7))
        across = (turned[0] - along) ** 2 + (turned[1] - bend) ** 2 + sum(t**2 for t in turned[2:])
        return np.asarray(across < (edge * random.uniform(0.06, 0.1)) ** 2)
    radii = edge * random.uniform(0.12, 0.26, len(shape))
    reach = np.sqrt(sum((t / r) ** 2 for t, r in zip(turned, radii, strict=True)))
    if kind == "blob":
        reach = reach + 0.45 * smooth_noise(shape, 0.07 * edge, random)
    inside = reach < 1
    if kind == "shell":
        inside &= reach > random.uniform(0.35, 0.6)
    return _largest(inside)


def painted(truth: Mask, random: np.random.Generator) -> NDArray[np.float32]:
    """An image of it: an uneven background, neighbours that touch it, texture, a bias field, blur and noise."""
    shape, edge = truth.shape, truth.shape[0]
    sign = random.choice([-1.0, 1.0])
    values = 0.5 * smooth_noise(shape, 0.06 * edge, random)
    for level in random.uniform(0.4, 2.0, 2):
        lump = smooth_noise(shape, 0.1 * edge, random) > 0.9
        values[lump & ~truth] = -sign * level if random.random() < 0.6 else 3 * sign * level
    values[truth] = sign * random.uniform(1.5, 3.0) + random.uniform(0.1, 0.5) * smooth_noise(shape, 2.0, random)[truth]
    values += random.uniform(0, 0.8) * smooth_noise(shape, 0.3 * edge, random)
    values = ndimage.gaussian_filter(values, random.uniform(0.4, 1.0))
    return (100 * (values + random.uniform(0.1, 0.8) * random.normal(size=shape))).astype(np.float32)


def first_mask(kind: str, truth: Mask, random: np.random.Generator) -> Mask | None:
    """The structure grown by a tenth of its edge, moved by a tenth of it, or one half of it."""
    if kind == "nothing":
        return None
    where = np.argwhere(truth)
    edges = np.ptp(where, axis=0) + 1
    step = max(1, round(0.1 * float(edges.max())))
    if kind == "grown":
        return np.asarray(ndimage.distance_transform_edt(~truth) <= step)
    way = random.normal(size=truth.ndim)
    if kind == "shifted":
        moved = np.rint(step * 1.2 * way / np.abs(way).max()).astype(int)
        return np.asarray(np.roll(truth, moved, range(truth.ndim)))
    along = np.tensordot(way, np.indices(truth.shape), 1)
    return np.asarray(truth & (along > np.median(along[truth])))


def any_wrong_place(truth: Mask, found: Mask, random: np.random.Generator) -> Click | None:
    """A click anywhere in any part that is wrong, but for specks."""
    wrong = truth != found
    parts, count = ndimage.label(np.stack([truth & ~found, found & ~truth]), _apart(truth.ndim))
    parts = np.where(wrong, parts.max(axis=0), 0)
    large = [n for n in range(1, count + 1) if (parts == n).sum() >= _LEAST_ERROR]
    if not large:
        return None
    position = random.choice(np.argwhere(parts == random.choice(large)))
    return Click(tuple(int(i) for i in position), bool(truth[tuple(position)]))


def error_part(truth: Mask, found: Mask, click: Click) -> Mask:
    """The connected part of what is wrong in the way that the click says, at the click."""
    parts, _ = ndimage.label(truth & ~found if click.positive else found & ~truth)
    return np.asarray(parts == parts[click.position])


def smooth_noise(shape: tuple[int, ...], sigma: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Gaussian noise of standard deviation 1, smooth over ``sigma`` voxels."""
    noise = ndimage.gaussian_filter(random.normal(size=shape), sigma, mode="wrap")
    return np.asarray(noise / noise.std())


def _largest(mask: Mask) -> Mask:
    parts, _ = ndimage.label(mask)
    return np.asarray(parts == np.bincount(parts.ravel())[1:].argmax() + 1)


def _apart(ndim: int) -> NDArray[np.bool_]:
    """Neighbours within each kind of error, none across kinds."""
    near = np.zeros((3,) * (ndim + 1), dtype=bool)
    near[1] = ndimage.generate_binary_structure(ndim, 1)
    return near
