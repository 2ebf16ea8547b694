"""The strategies that ship with jlabel, each in a module of its own."""

from jlabel.selection.strategies.bald import BALD
from jlabel.selection.strategies.clasp import ClaSP
from jlabel.selection.strategies.coreset import CoreSet
from jlabel.selection.strategies.disagreement import Disagreement
from jlabel.selection.strategies.entropy import Entropy
from jlabel.selection.strategies.epistemic import Epistemic
from jlabel.selection.strategies.first import First
from jlabel.selection.strategies.foreground_random import ForegroundRandom
from jlabel.selection.strategies.last import Last
from jlabel.selection.strategies.power import PowerNoise
from jlabel.selection.strategies.random import Random
from jlabel.selection.strategies.score_strategy import ScoreStrategy
from jlabel.selection.strategies.typiclust import TypiClust

__all__ = [
    "BALD",
    "ClaSP",
    "CoreSet",
    "Disagreement",
    "Entropy",
    "Epistemic",
    "First",
    "ForegroundRandom",
    "Last",
    "PowerNoise",
    "Random",
    "ScoreStrategy",
    "TypiClust",
]
