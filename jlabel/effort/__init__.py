"""What labeling costs: counting it, reading it back with the labels, and how many seconds it will take."""

from jlabel.effort.effort_record import EffortRecord, FirstMask
from jlabel.effort.effort_report import EffortReport
from jlabel.effort.logged import LoggedEffort, logged_effort
from jlabel.effort.seconds_model import SecondsModel

__all__ = ["EffortRecord", "EffortReport", "FirstMask", "LoggedEffort", "SecondsModel", "logged_effort"]
