"""The labeler in a notebook cell: the draft mask, the messages it exchanges, and the widget itself."""

from jlabel.widget.jobpanel import JobPanel, show_job
from jlabel.widget.labeler import Labeler

__all__ = ["JobPanel", "Labeler", "show_job"]
