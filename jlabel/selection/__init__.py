"""The strategies that ship with jlabel."""

from jlabel.selection.first import First
from jlabel.selection.random import Random

__all__ = ["First", "Random"]
