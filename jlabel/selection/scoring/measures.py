"""How unsure a model is of each voxel: pure functions of the probabilities that it gives.

Probabilities have the shape ``(class, ...)``, the background first, and add up to 1 over the classes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence

import torch

Measure = Callable[[Iterable[torch.Tensor]], tuple[torch.Tensor, torch.Tensor]]
"""From the probabilities of one or several passes to the uncertainty of each voxel and the mean probabilities."""

# MONAI Label puts this in the place of probabilities that are 0.
_LEAST = 5e-5


def entropy(probabilities: torch.Tensor) -> torch.Tensor:
    """The entropy over the classes, from 0 (sure) to 1 (all classes equally likely): it is divided by its maximum.

    ``H(p) = -sum over c of p_c log p_c / log C``, of shape ``(...)``; Shannon 1948.
    """
    # Times as quick as torch's own entr; 0 log 0 is 0 this way too.
    each = probabilities * probabilities.clamp_min(torch.finfo(torch.float32).tiny).log()
    return each.sum(dim=0).div_(-math.log(max(2, probabilities.shape[0]))).clamp_(min=0)


def predictive_entropy(passes: Iterable[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """The entropy of the mean of the passes, which may be one."""
    mean = _mean(passes)
    return entropy(mean), mean


def mutual_information(passes: Iterable[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """BALD: how much more unsure the mean of the passes is than each of them, 0 to 1.

    ``I = H(mean of p_t) - mean of H(p_t)``: high where every pass is sure of something else; 0 where all say the same,
    however unsure. Houlsby et al. 2011 (arXiv:1112.5745); with dropout Gal et al. 2017 (arXiv:1703.02910).
    """
    count, total, each = 0, torch.zeros(()), torch.zeros(())
    for one in passes:
        total, each, count = total + one, each + entropy(one), count + 1
    mean = total / count
    return (entropy(mean) - each / count).clamp(min=0), mean


def epistemic(passes: Iterable[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """The "epistemic" uncertainty of MONAI Label (``monailabel/tasks/scoring/epistemic_v2.py``, ``entropy_volume``).

    It is the entropy in nats of the mean of the passes, ``-sum over c of p_c log p_c`` with 0.00005 for 0, and so has
    what the data leave open in it too; for the part that the model leaves open see :func:`mutual_information`. MONAI
    Label guesses the class axis from the number of axes, with a condition that is always true in 2D, and squeezes axes
    of one voxel away; here the class axis is known.
    """
    mean = _mean(passes)
    filled = torch.where(mean <= 0, _LEAST, mean)
    return -(filled * filled.log()).sum(dim=0), mean


def pair_distance(members: Sequence[torch.Tensor]) -> torch.Tensor:
    """By how much the members differ in each voxel: the mean over all pairs of half the sum of ``|p_c - q_c|``, 0 to 1.

    Args:
        members: Probabilities by each member, at least two.
    """
    pairs = list(itertools.combinations(members, 2))
    return torch.stack([(one - other).abs().sum(dim=0) / 2 for one, other in pairs]).mean(dim=0)


class SoftDice:
    """The mean soft Dice of all pairs of members, class by class, summed up part by part.

    ``2 sum(p q) / (sum(p^2) + sum(q^2))`` over the voxels that were added (Milletari et al. 2016, arXiv:1606.04797): 1
    for members that say the same, however unsure.

    Args:
        members: How many there are.
        classes: How many classes, with the background.
    """

    def __init__(self, members: int, classes: int) -> None:
        self._pairs = list(itertools.combinations(range(members), 2))
        self._products = torch.zeros(len(self._pairs), classes, dtype=torch.float64)
        self._squares = torch.zeros(members, classes, dtype=torch.float64)

    def add(self, members: Sequence[torch.Tensor], where: torch.Tensor | None = None) -> None:
        """Take some voxels into account.

        Args:
            members: Probabilities by each member, ``(class, ...)``.
            where: How much each voxel counts for each class, 0 or 1, ``(class, ...)``; all of them if not given.
        """
        weighed = [one if where is None else one * where for one in members]
        for index, one in enumerate(weighed):
            self._squares[index] += _sums(one * one)
        for index, (first, second) in enumerate(self._pairs):
            self._products[index] += _sums(weighed[first] * weighed[second])

    def by_class(self) -> list[float]:
        """The mean over the pairs for each class; NaN where nothing was added."""
        first, second = zip(*self._pairs, strict=True)
        dice = 2 * self._products / (self._squares[list(first)] + self._squares[list(second)])
        return [float(value) for value in dice.mean(dim=0)]


def _sums(values: torch.Tensor) -> torch.Tensor:
    return values.flatten(1).sum(dim=1, dtype=torch.float64).cpu()


def _mean(passes: Iterable[torch.Tensor]) -> torch.Tensor:
    several = iter(passes)
    total, count = next(several), 1
    for one in several:
        total, count = total + one, count + 1
    return total if count == 1 else total / count
