"""NuClick (Alemi Koohbanani et al. 2020): a network that finds the nucleus, or another small object, at each click."""

from jlabel.nuclick.infer import NuClick
from jlabel.nuclick.train import NuClickTrainTask

__all__ = ["NuClick", "NuClickTrainTask"]
