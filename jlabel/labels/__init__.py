"""What people label with: structures, their names, values in label files and colours, and the set that a project has;
and the classes of whole images.

>>> from jlabel.labels import make_labels
>>> [(label.name, label.value) for label in make_labels(["liver", "spleen"])]
[('liver', 1), ('spleen', 2)]
"""

from jlabel.labels.classification import Classification, make_classifications
from jlabel.labels.label import Label, label_values, make_labels
from jlabel.labels.label_set import LabelSet

__all__ = ["Classification", "Label", "LabelSet", "label_values", "make_classifications", "make_labels"]
