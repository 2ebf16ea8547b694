"""The labeler in a notebook cell: the draft mask, the messages it exchanges, and the widget itself."""

from jlabel.widget.app_manager import AppManager
from jlabel.widget.job_panel import JobPanel, show_job
from jlabel.widget.labeler import Labeler
from jlabel.widget.loop_panel import LoopPanel, show_loop

__all__ = ["AppManager", "JobPanel", "Labeler", "LoopPanel", "show_job", "show_loop"]
