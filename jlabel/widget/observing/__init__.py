"""How a notebook follows a labeler: traits that can be observed and linked, and events."""

from jlabel.widget.observing.derived import Derived
from jlabel.widget.observing.event_callbacks import EventCallbacks
from jlabel.widget.observing.observable import ObservableWidget

__all__ = ["Derived", "EventCallbacks", "ObservableWidget"]
