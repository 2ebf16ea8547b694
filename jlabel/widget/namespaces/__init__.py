"""What a notebook can do with a labeler, by topic: ``labeler.labels.add(...)``, ``labeler.versions.compare(...)``."""

from jlabel.widget.namespaces.labels import LabelerLabels
from jlabel.widget.namespaces.prompts import LabelerPrompts
from jlabel.widget.namespaces.team import LabelerTeam
from jlabel.widget.namespaces.training import LabelerTraining
from jlabel.widget.namespaces.versions import LabelerVersions

__all__ = ["LabelerLabels", "LabelerPrompts", "LabelerTeam", "LabelerTraining", "LabelerVersions"]
