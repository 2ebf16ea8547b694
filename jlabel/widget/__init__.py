"""The labeler in a notebook cell: the draft mask, the messages it exchanges, and the widget itself."""

from jlabel.widget.labeler import Labeler

__all__ = ["Labeler"]
