"""The structures that people label: their names, values in label files and colours, and the set that a project has.

>>> from jlabel.labels import make_labels
>>> [(label.name, label.value) for label in make_labels(["liver", "spleen"])]
[('liver', 1), ('spleen', 2)]
"""

from jlabel.labels.label import Label, label_values, make_labels
from jlabel.labels.label_set import LabelSet

__all__ = ["Label", "LabelSet", "label_values", "make_labels"]
