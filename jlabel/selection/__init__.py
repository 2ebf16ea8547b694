"""Choosing what to label next: the strategies that ship with jlabel, and what they go by."""

from jlabel.selection.appearance import Appearance
from jlabel.selection.defaults import default_strategies
from jlabel.selection.pool import Pool, make_pool, read_pool
from jlabel.selection.strategies import (
    BALD,
    ClaSP,
    CoreSet,
    Disagreement,
    Entropy,
    Epistemic,
    First,
    ForegroundRandom,
    Last,
    PowerNoise,
    Random,
    ScoreStrategy,
    TypiClust,
)

__all__ = [
    "BALD",
    "Appearance",
    "ClaSP",
    "CoreSet",
    "Disagreement",
    "Entropy",
    "Epistemic",
    "First",
    "ForegroundRandom",
    "Last",
    "Pool",
    "PowerNoise",
    "Random",
    "ScoreStrategy",
    "TypiClust",
    "default_strategies",
    "make_pool",
    "read_pool",
]
