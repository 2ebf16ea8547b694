"""Labels written in the layouts and formats of other programs."""

from jlabel.exchange.export.exporting import FORMATS, export_labels
from jlabel.exchange.export.report import ExportReport

__all__ = ["FORMATS", "ExportReport", "export_labels"]
