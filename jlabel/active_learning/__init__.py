"""Active learning with an annotation server: images go out, labels come back, the model learns, and it goes on."""

from __future__ import annotations

from jlabel.active_learning.choosing import usual_strategy
from jlabel.active_learning.loop import AnnotationLoop
from jlabel.active_learning.reports import PullReport, SendReport
from jlabel.active_learning.settings import LoopSettings
from jlabel.active_learning.status import LoopStatus

__all__ = ["AnnotationLoop", "LoopSettings", "LoopStatus", "PullReport", "SendReport", "usual_strategy"]
