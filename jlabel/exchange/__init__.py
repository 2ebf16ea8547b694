"""Labels in the layouts and formats of other programs: imported into a datastore, and exported from it."""

from jlabel.exchange.detection import detect
from jlabel.exchange.export import ExportReport
from jlabel.exchange.found import FoundLabel, FoundName, Layout, Refused
from jlabel.exchange.import_plan import ImportPlan, PlannedLabel
from jlabel.exchange.importing import ImportReport
from jlabel.exchange.label_tables import read_label_table

__all__ = [
    "ExportReport",
    "FoundLabel",
    "FoundName",
    "ImportPlan",
    "ImportReport",
    "Layout",
    "PlannedLabel",
    "Refused",
    "detect",
    "read_label_table",
]
