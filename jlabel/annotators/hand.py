"""A simulated annotator who clicks as people do: not always at the largest error, and seldom in its very middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jlabel.annotators.boxes import loose_box
from jlabel.annotators.error_regions import ErrorRegion, ErrorRegions
from jlabel.annotators.scribbles import SCRIBBLES
from jlabel.prompts.prompt import Click, Position, Prompt

# Draws of a place over the border before it is given up: an error may fill the whole image.
_TRIES = 50


@dataclass(frozen=True)
class HumanLikeParameters:
    """How somebody clicks, begins and ends. The numbers are assumed: they are no measurements of people.

    Attributes:
        middle: Share of the clicks that are aimed at the voxel of an error furthest from its border.
        border: Share that is aimed at the error's border; the rest is aimed anywhere in the error.
        jitter_voxels: Standard deviation, along each axis, of where a click lands about where it was aimed. A click
            that would leave the error by it lands on the error's nearest voxel: leaving it is what ``outside`` says.
        outside: Share of the clicks that land over the error's border, with the sign that was meant.
        outside_voxels: How far over the border those land at most, in voxels (Euclidean distance).
        wrong_sign: Share of the clicks that have the other sign than was meant.
        view_noise: Standard deviation of the Dice that somebody believes to see about the one that is there.
        target: The Dice at which somebody is content, as they see it; None for one who never is, unless whoever runs
            the session gives one.
        first: What a structure is begun with where there is no mask to correct: ``""`` for a click, ``"box"``, or a
            scribble: ``"line"``, ``"centre line"`` or ``"contour"``.
        box_sides: How far the sides of that box lie from the structure's own at most, inwards or outwards, as a part of
            the box's edge.

    Raises:
        ValueError: ``first`` is none of these.
    """

    middle: float = 0.5
    border: float = 0.25
    jitter_voxels: float = 1.5
    outside: float = 0.25
    outside_voxels: float = 3.0
    wrong_sign: float = 0.02
    view_noise: float = 0.02
    target: float | None = None
    first: str = ""
    box_sides: float = 0.1

    def __post_init__(self) -> None:
        if self.first not in ("", "box", *SCRIBBLES):
            raise ValueError(
                f"no first prompt {self.first!r}; there are box, {', '.join(SCRIBBLES)}, and '' for a click"
            )

    def as_dict(self) -> dict[str, float | str | None]:
        """Names to values, to be printed beside what was measured."""
        return asdict(self)


class HumanLike:
    """Clicks at an error that is drawn, the larger the likelier, and not exactly where it was aimed.

    The errors are the connected components of the missed and of the wrongly added voxels; one of them is drawn with a
    probability in proportion to its voxels. Where in it the click lands, and with which sign, say the parameters.

    Args:
        seed: Two annotators with one seed make the same clicks on the same masks.
        parameters: How it clicks, begins and ends.

    Examples:
        >>> from jlabel.simulation import HumanLikeParameters, HumanLike
        >>> truth = np.zeros((20, 20), bool)
        >>> truth[5:15, 5:15] = True
        >>> hand = HumanLike(seed=0, parameters=HumanLikeParameters(outside=0.0, first="box"))
        >>> [type(prompt).__name__ for prompt in hand.first_prompts(truth)]
        ['Box']
        >>> bool(truth[hand.next_click(truth, np.zeros_like(truth)).position])
        True
    """

    def __init__(self, seed: int, parameters: HumanLikeParameters | None = None) -> None:
        self.parameters = parameters or HumanLikeParameters()
        self.seed = seed
        self._begin(np.random.SeedSequence(seed))

    def seeded(self, *key: int) -> HumanLike:
        """Another one with the same parameters, whose clicks follow from this one's seed and the key alone."""
        other = HumanLike(self.seed, self.parameters)
        other._begin(np.random.SeedSequence((self.seed, *key)))
        return other

    def _begin(self, seed: np.random.SeedSequence) -> None:
        # What is seen and what is begun with are drawn apart: they change no click.
        self._random = np.random.default_rng(seed)
        self._view, self._first = (np.random.default_rng(each) for each in seed.spawn(2))

    def __repr__(self) -> str:
        changed = {
            key: value for key, value in asdict(self.parameters).items() if value != asdict(HumanLikeParameters())[key]
        }
        more = (
            f", HumanLikeParameters({', '.join(f'{key}={value!r}' for key, value in changed.items())})"
            if changed
            else ""
        )
        return f"HumanLike({self.seed}{more})"

    def first_prompts(self, truth: NDArray[Any]) -> tuple[Prompt, ...]:
        """The box or scribble to begin with, see :class:`HumanLikeParameters`."""
        kind = self.parameters.first
        if not kind or not np.any(truth):
            return ()
        if kind == "box":
            return (loose_box(truth, self._first, self.parameters.box_sides),)
        return (SCRIBBLES[kind](truth, self._first),)

    def content(self, score: float, enough: float | None = None) -> bool:
        """Whether a mask of that Dice looks good enough, with the target of the parameters where none is given."""
        target = self.parameters.target if enough is None else enough
        return target is not None and score + self._view.normal(0, self.parameters.view_noise) >= target

    def next_click(
        self, truth: NDArray[Any], mask: NDArray[Any], spacing: Sequence[float] | None = None
    ) -> Click | None:
        """The click to make next, or None where the mask is right everywhere; see :class:`Annotator`."""
        wanted, found = np.asarray(truth, dtype=bool), np.asarray(mask, dtype=bool)
        missed, added = ErrorRegions(wanted & ~found), ErrorRegions(found & ~wanted)
        sizes = np.concatenate([missed.sizes, added.sizes])
        if not len(sizes):
            return None
        index = int(self._random.choice(len(sizes), p=sizes / sizes.sum()))
        positive = index < len(missed)
        region = missed[index] if positive else added[index - len(missed)]
        place = self._place(region, wanted.shape, spacing)
        return Click(place, positive != (self._random.random() < self.parameters.wrong_sign))

    def _place(self, region: ErrorRegion, shape: tuple[int, ...], spacing: Sequence[float] | None) -> Position:
        over = self._over_border(region, shape) if self._random.random() < self.parameters.outside else None
        return over or region.nearest(self._moved(self._aim(region, spacing), shape))

    def _aim(self, region: ErrorRegion, spacing: Sequence[float] | None) -> Position:
        part = self._random.random()
        if part < self.parameters.middle:
            return region.innermost(spacing)
        if part < self.parameters.middle + self.parameters.border:
            return region.at_border(self._random)
        return region.anywhere(self._random)

    def _moved(self, place: Position, shape: tuple[int, ...]) -> Position:
        steps = np.rint(self._random.normal(0, self.parameters.jitter_voxels, len(place)))
        return tuple(int(np.clip(i + step, 0, n - 1)) for i, step, n in zip(place, steps, shape, strict=True))

    def _over_border(self, region: ErrorRegion, shape: tuple[int, ...]) -> Position | None:
        """A voxel of the image near the region's border that is not the region's; None where none was found."""
        reach = int(self.parameters.outside_voxels)
        start = region.at_border(self._random)
        for _ in range(_TRIES):
            step = self._random.integers(-reach, reach + 1, len(shape))
            place = tuple(int(i + s) for i, s in zip(start, step, strict=True))
            there = all(0 <= i < n for i, n in zip(place, shape, strict=True))
            if there and (step**2).sum() <= self.parameters.outside_voxels**2 and not region.contains(place):
                return place
        return None
