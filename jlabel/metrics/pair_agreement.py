"""How well several people's labels of one image agree, two by two and label by label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from numpy.typing import NDArray

from jlabel.metrics.dice import dice
from jlabel.metrics.surface_dice import surface_dice


@dataclass(frozen=True)
class PairAgreement:
    """How well two people's masks of one label agree.

    Attributes:
        image_id: The image.
        label: The name of the label.
        first: Who drew one of them.
        second: Who drew the other.
        dice: The Dice coefficient, 0 to 1.
        nsd: The normalised surface distance, 0 to 1.
    """

    image_id: str
    label: str
    first: str
    second: str
    dice: float
    nsd: float

    def row(self) -> dict[str, Any]:
        """The row of a table."""
        return {
            "image": self.image_id,
            "label": self.label,
            "first": self.first,
            "second": self.second,
            "dice": round(self.dice, 4),
            "nsd": round(self.nsd, 4),
        }


def pair_agreement(
    image_id: str,
    labels: Mapping[str, NDArray[Any]],
    names: Mapping[int, str],
    spacing: Sequence[float] | None = None,
    tolerance: float = 2.0,
) -> Iterator[PairAgreement]:
    """The agreement of each two people in each label that one of both has drawn.

    Args:
        image_id: The image.
        labels: Label values of one shape, by who drew them.
        names: The names of the values that count.
        spacing: mm along each axis; 1 where not given.
        tolerance: mm within which surfaces count as one.

    Examples:
        >>> from jlabel.metrics import pair_agreement
        >>> one = np.zeros((10, 10), np.uint8)
        >>> one[2:6, 2:6] = 1
        >>> [(a.first, a.second, a.label, a.dice) for a in pair_agreement("a", {"mia": one, "ben": one}, {1: "polyp"})]
        [('mia', 'ben', 'polyp', 1.0)]
    """
    for (first, one), (second, other) in combinations(labels.items(), 2):
        for value, name in names.items():
            masks = one == value, other == value
            if masks[0].any() or masks[1].any():
                near = surface_dice(*masks, spacing=spacing, tolerance=tolerance)
                yield PairAgreement(image_id, name, first, second, dice(*masks), near)
