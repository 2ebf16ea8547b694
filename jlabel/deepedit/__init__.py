"""DeepEdit (Diaz-Pinto et al. 2022): one network that segments by itself and is corrected by clicks."""

from jlabel.deepedit.infer import DeepEdit, DeepEditAuto
from jlabel.deepedit.train import DeepEditTrainTask

__all__ = ["DeepEdit", "DeepEditAuto", "DeepEditTrainTask"]
